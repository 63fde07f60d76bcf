import { createConnection, createServer, type Socket } from "node:net";

/**
 * The daemon that stands for the load balancer, or kube-vip, in front of a cluster's servers: hands on what reaches the
 * address and port of its first argument, `HOST:PORT`, to those of the second. It prints its port as the first line of
 * standard output and ends on SIGTERM.
 */
function main(): void {
  const [, , from = "", to = ""] = process.argv;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(endpoint(to));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      // Where one end goes, so does the other: the API server may be stopped, a client be killed.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  server.on("error", (error) => {
    process.stderr.write(`nothing can listen on ${from}: ${error.message}\n`);
    process.exitCode = 1;
  });
  const { host, port } = endpoint(from);
  server.listen(port, host, () => process.stdout.write(`${String(port)}\n`));
  process.once("SIGTERM", () => {
    server.close();
    for (const socket of open) socket.destroy();
  });
}

function endpoint(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`tcp://${text}`);
  return { host: hostname, port: Number(port) };
}

main();
