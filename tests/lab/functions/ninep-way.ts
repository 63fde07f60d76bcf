import * as net from "node:net";

/** A way to a server of 9P. */
export interface NinepWay {
  port: number;
  close: () => Promise<void>;
}

/** A way to a server of 9P that sees every message before it is passed on; a message for which `pass` is false stays. */
export async function ninepWay(
  to: number,
  pass: (direction: "request" | "reply") => boolean,
): Promise<NinepWay> {
  const sockets = new Set<net.Socket>();
  const carry = (from: net.Socket, other: net.Socket, direction: "request" | "reply") => {
    let rest = Buffer.alloc(0);
    sockets.add(from);
    from.setNoDelay(true);
    from.on("error", () => other.destroy());
    from.on("close", () => other.destroy());
    from.on("data", (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 4 && rest.length >= rest.readUInt32LE(0)) {
        const message = rest.subarray(0, rest.readUInt32LE(0));
        rest = rest.subarray(message.length);
        if (pass(direction)) other.write(message);
      }
    });
  };
  const server = net.createServer((near) => {
    const far = net.connect(to, "127.0.0.1");
    carry(near, far, "request");
    carry(far, near, "reply");
  });
  const port = await listening(server);
  return {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listening(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as net.AddressInfo).port;
}
