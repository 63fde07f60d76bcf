import type { Socket } from "node:net";
import { asFault, Fault } from "./fault";

/** A connection as the exchange of messages needs it. */
export interface Transport {
  /** Sends bytes; what cannot be sent any more is dropped. */
  write(bytes: Buffer): void;
  /** Says who takes what comes, and who hears, once, that no more will. Called once, before anything is written. */
  listen(data: (chunk: Buffer) => void, closed: (fault: Fault) => void): void;
  /** Ends it at once. */
  destroy(): void;
}

/** A connected socket as a transport. What is written in one turn of the event loop goes out together. */
export function socketTransport(socket: Socket): Transport {
  let corked = false;
  return {
    write(bytes) {
      if (socket.destroyed) return;
      if (!corked) {
        corked = true;
        socket.cork();
        queueMicrotask(() => {
          corked = false;
          socket.uncork();
        });
      }
      socket.write(bytes);
    },
    listen(data, closed) {
      let cause: Fault | undefined;
      socket.on("data", data);
      socket.on("error", (error) => {
        cause ??= asFault(error);
      });
      socket.on("close", () => {
        closed(cause ?? new Fault("ECONNRESET", "the server closed the connection"));
      });
    },
    destroy() {
      socket.destroy();
    },
  };
}
