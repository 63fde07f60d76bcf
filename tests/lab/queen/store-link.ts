import * as net from "node:net";
import * as tls from "node:tls";
import type { Credentials } from "../../unit/functions/trace-uploader/ninep/authority";

/** A way to a store over TLS, as a proxy in front of it is one, on which bytes can be held up. */
export interface StoreLink {
  port: number;
  /** Lets so many more bytes to the store, and none after them. */
  holdAfter: (bytes: number) => void;
  /** Whether bytes wait. */
  isHeld: () => boolean;
  release: () => void;
  close: () => Promise<void>;
}

/** Opens such a way at an address of this machine, to a port of its loopback. */
export async function openStoreLink(
  host: string,
  storePort: number,
  { cert, key }: Credentials,
): Promise<StoreLink> {
  let left = Infinity;
  const held = new Set<tls.TLSSocket>();
  const sockets = new Set<net.Socket>();
  const server = tls.createServer({ cert, key }, (near) => {
    const far = net.connect(storePort, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        other.destroy();
        sockets.delete(one);
      });
    }
    near.on("close", () => held.delete(near));
    far.pipe(near);
    near.on("data", (bytes: Buffer) => {
      left -= bytes.length;
      const goesOn = far.write(bytes);
      if (left <= 0) {
        near.pause();
        held.add(near);
      } else if (!goesOn) {
        near.pause();
        far.once("drain", () => near.resume());
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    holdAfter: (bytes) => {
      left = bytes;
    },
    isHeld: () => held.size > 0,
    release: () => {
      left = Infinity;
      for (const near of held) near.resume();
      held.clear();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
