import * as net from "node:net";
import * as tls from "node:tls";

/** Where a server is, and what its certificate must say. */
export interface ServerPlace {
  address: string;
  port: number;
  ca: string;
  host: string;
}

/** A connection on which one command after the other is sent. */
export interface RedisSession {
  /** Fingerprint of the certificate that the server showed. */
  fingerprint: string;
  /** Sends a command and answers with the reply's text, the type's sign before a simple one, as in `+OK` and `-NOPERM ...`. */
  send(...words: string[]): Promise<string>;
  end(): void;
}

/** Connects over TLS, with the server's authority and name checked. */
export async function connectRedis({
  address,
  port,
  ca,
  host,
}: ServerPlace): Promise<RedisSession> {
  const socket = tls.connect({ host: address, port, ca, servername: host });
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve).once("error", reject);
  });
  socket.on("error", () => undefined);
  return {
    fingerprint: socket.getPeerCertificate().fingerprint256,
    send: (...words) => ask(socket, words),
    end: () => socket.destroy(),
  };
}

/** What a server says to somebody who speaks without TLS; empty where it just ends the connection. */
export function speakPlainly(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = net.connect(port, address, () => socket.write("PING\r\n"));
    socket.on("data", (chunk) => (said += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(said);
    });
  });
}

/** Replies here are short: each comes as one piece, a simple line or a string after its length. */
function ask(socket: tls.TLSSocket, words: string[]): Promise<string> {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return new Promise((resolve, reject) => {
    const closed = () => {
      reject(new Error("the server ended the connection"));
    };
    if (socket.closed) closed();
    socket.once("close", closed);
    socket.once("data", (chunk) => {
      socket.off("close", closed);
      const [first = "", ...rest] = chunk.toString().split("\r\n");
      resolve(first.startsWith("$") && first !== "$-1" ? rest.slice(0, -1).join("\r\n") : first);
    });
    socket.write(`*${words.length}\r\n${parts.join("")}`);
  });
}
