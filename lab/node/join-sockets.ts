import type * as net from "node:net";

/** Passes on what comes, both ways, without delay; where one ends or fails, the other goes. */
export function joinSockets(client: net.Socket, server: net.Socket): void {
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
    one.setNoDelay(true);
    one.pipe(other);
  }
}
