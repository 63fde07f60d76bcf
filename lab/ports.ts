import * as net from "node:net";

/** Ports on 127.0.0.1 that nobody listens on, all different. Another process may still be quicker. */
export async function freePorts(count: number): Promise<number[]> {
  const opened = await Promise.all(Array.from({ length: count }, () => listen(0)));
  await Promise.all(opened.map(({ close }) => close()));
  return opened.map(({ port }) => port);
}

/** Says whether one can listen on each of these ports of 127.0.0.1. */
export async function arePortsFree(ports: readonly number[]): Promise<boolean> {
  const results = await Promise.allSettled(ports.map((port) => listen(port)));
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  await Promise.all(opened.map(({ close }) => close()));
  return opened.length === ports.length;
}

function listen(port: number): Promise<{ port: number; close: () => Promise<void> }> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => {
            closed();
          });
        });
      resolve({ port: bound, close });
    });
  });
}
