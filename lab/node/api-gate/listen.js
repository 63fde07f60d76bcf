// Listens, in the network in which it was started, and hands the socket to its parent. Plain JavaScript: it lives for
// milliseconds, and compiling would take longer.
const net = require("node:net");

const [address, port] = process.argv.slice(2);
const server = net.createServer();
server.listen({ host: address, port: Number(port) }, () => {
  process.send("listening", server, () => process.exit(0));
});
