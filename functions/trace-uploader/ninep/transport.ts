import { asFault, Fault } from "./fault";
import type { OpenSocket } from "./socket";

/** A connection as the exchange of messages needs it. */
export interface Transport {
  /** Sends bytes; what cannot be sent any more is dropped. */
  write(bytes: Buffer): void;
  /**
   * Says who takes what comes, and who hears, once, that no more will. Called once, before anything is written. A chunk is looked
   * at only until `data` returns.
   */
  listen(data: (chunk: Buffer) => void, closed: (fault: Fault) => void): void;
  /** Ends it at once. */
  destroy(): void;
}

/** A connected socket as a transport. What is written in one turn of the event loop goes out together. */
export function socketTransport({ socket, read }: OpenSocket): Transport {
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
      read(data);
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
