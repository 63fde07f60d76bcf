// Opens sockets in the network in which it was started, and hands them to its parent: a socket belongs to the network in
// which it was made, whoever holds it. Plain JavaScript: compiling would take longer.
const dgram = require("node:dgram");
const net = require("node:net");

process.on("message", ({ kind, address, port }) => {
  // What is handed over is closed here: otherwise both would take what comes.
  const failed = (error) => process.send({ address, port, error: error.message });
  if (kind === "udp") {
    const socket = dgram.createSocket("udp4").on("error", failed);
    socket.bind(port, address, () => {
      process.send({ address, port }, socket, () => socket.close());
    });
    return;
  }
  const server = net.createServer().on("error", failed);
  server.listen({ host: address, port }, () => {
    process.send({ address, port }, server, () => server.close());
  });
});
process.on("disconnect", () => process.exit(0));
