import * as net from "node:net";
import * as tls from "node:tls";
import { asFault, Fault } from "./fault";

/** TLS of a connection. The server's certificate is always verified; there is no way not to. */
export interface TlsOptions {
  /** PEM of the authorities that the server's certificate must come from. Defaults to those that Node.js trusts. */
  ca?: string | Buffer | undefined;
  /** PEM of this client's certificate, for servers that ask for one (mutual TLS). Defaults to none. */
  cert?: string | Buffer | undefined;
  /** PEM of that certificate's private key. Defaults to none. */
  key?: string | Buffer | undefined;
  /** The name that the server's certificate must be for. Defaults to the host. */
  servername?: string | undefined;
}

/** Where a server is. */
export interface Address {
  host: string;
  port: number;
  tls: TlsOptions | undefined;
}

/** Seconds of silence after which the system asks whether the peer is still there. */
const KEEP_ALIVE_SECONDS = 30;

/** A socket that is connected. */
export interface OpenSocket {
  socket: net.Socket;
  /** Says who takes what comes; a chunk's memory may be used again when that returns. */
  read: (data: (chunk: Buffer) => void) => void;
}

/** Bytes that are taken from the system at once. */
const READ_BYTES = 256 * 1024;

/** Connects, TLS handshake included. Errors: Fault with the network's code, ETIMEDOUT, ECANCELED, or TLS's code. */
export function openSocket(
  address: Address,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<OpenSocket> {
  return new Promise((resolve, reject) => {
    const aborted = () => new Fault("ECANCELED", "aborted", { cause: signal?.reason });
    if (signal?.aborted === true) throw aborted();
    const open = start(address);
    const { socket } = open;
    const end = (fault?: Fault) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      socket.removeListener("error", failed);
      if (fault === undefined) {
        resolve(open);
        return;
      }
      socket.on("error", () => undefined); // Whatever else it says, it is not wanted any more.
      socket.destroy();
      reject(fault);
    };
    const failed = (error: Error) => {
      end(asFault(error));
    };
    const abort = () => {
      end(aborted());
    };
    const timer = setTimeout(() => {
      end(new Fault("ETIMEDOUT", `no connection in ${timeoutSeconds} s`));
    }, timeoutSeconds * 1000);
    signal?.addEventListener("abort", abort);
    socket.on("error", failed);
    socket.once(address.tls === undefined ? "connect" : "secureConnect", () => {
      end();
    });
  });
}

/** All is read into the same memory, again and again. */
function start({ host, port, tls: secure }: Address): OpenSocket {
  let take: ((chunk: Buffer) => void) | undefined;
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const socket = connectSocket(secure, {
    ...{ host, port, noDelay: true },
    ...{ keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_SECONDS * 1000 },
    onread: {
      buffer,
      callback: (count) => {
        // A server that speaks before it is spoken to is none of this protocol.
        if (take === undefined) socket.destroy();
        else take(buffer.subarray(0, count));
        return true;
      },
    },
  });
  return {
    socket,
    read: (data) => {
      take = data;
    },
  };
}

function connectSocket(
  secure: TlsOptions | undefined,
  way: net.TcpNetConnectOpts & { host: string },
): net.Socket {
  if (secure === undefined) return net.connect(way);
  const { ca, cert, key, servername } = secure;
  return tls.connect({
    ...way,
    ...{ ca, cert, key },
    // An address is no server name (RFC 6066); then the certificate is checked for the address.
    servername: servername ?? (net.isIP(way.host) === 0 ? way.host : ""),
    minVersion: "TLSv1.2",
    // Said so that the environment's NODE_TLS_REJECT_UNAUTHORIZED has no say.
    rejectUnauthorized: true,
  });
}
