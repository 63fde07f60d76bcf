import { Exchange } from "./exchange";
import { Fault } from "./fault";
import type { Link } from "./link";
import { NOFID, NONUNAME, type Version } from "./names";
import { ALL_VERSIONS, LEAST_MSIZE, negotiate } from "./negotiate";
import { NumberPool } from "./number-pool";
import { operate } from "./ninep-error";
import { Session } from "./session";
import { openSocket, type TlsOptions } from "./socket";
import { socketTransport, type Transport } from "./transport";

/** The port that servers of 9P listen at by custom. */
export const NINEP_PORT = 564;

/** The longest message that may be asked for: 16 MiB. */
export const MOST_MSIZE = 16 * 1024 * 1024;

/** What a session is asked for once there is a connection. */
export interface SessionOptions {
  /** The user to be, by name. */
  uname: string;
  /** The tree to attach to; servers with one tree take the empty name. Defaults to the empty name. */
  aname?: string;
  /**
   * Bytes of the longest message, 4 KiB to 16 MiB; the server may grant less (diod 1.0 grants 64 KiB, go9p 1 MiB). Defaults to
   * 1 MiB.
   */
  msize?: number;
  /**
   * Reads of one file that are under way at once; all of them must come within the time-out of a request, on a slow line too.
   * Defaults to 8.
   */
  readWindow?: number;
  /** Seconds after which one request is given up; a flush that is not answered so long ends the session. Defaults to 30. */
  requestTimeoutSeconds?: number;
  /** Gives connecting up; the session itself is ended by `close`. Defaults to none. */
  signal?: AbortSignal;
  /** The user's number, for servers of 9P2000.L and .u that go by it. Defaults to none: the name counts. */
  userId?: number;
  /** Versions of the protocol to ask for, in this order. Defaults to 9P2000.L, 9P2000.u, 9P2000. */
  versions?: readonly Version[];
}

/** Where a server is, and what a session is asked for. */
export interface ConnectOptions extends SessionOptions {
  host: string;
  /** Defaults to 564. */
  port?: number;
  /** Seconds for the connection, its TLS included. Defaults to 10. */
  connectTimeoutSeconds?: number;
  /** Defaults to none: plain TCP, which anyone on the way can read and change. */
  tls?: TlsOptions;
}

const defaults = {
  aname: "",
  connectTimeoutSeconds: 10,
  msize: 1024 * 1024,
  port: NINEP_PORT,
  readWindow: 8,
  requestTimeoutSeconds: 30,
} as const;

/**
 * Connects to a server, agrees on a version and attaches, without authentication in 9P itself: identity is the certificate's (TLS)
 * or the network's. Errors: NinepError with operation `connect`.
 */
export function connect(options: ConnectOptions): Promise<Session> {
  const { host, port = defaults.port, tls, signal } = options;
  return operate({ name: "connect" }, async () => {
    check(options);
    const seconds = options.connectTimeoutSeconds ?? defaults.connectTimeoutSeconds;
    return open(socketTransport(await openSocket({ host, port, tls }, seconds, signal)), options);
  });
}

/** Makes a session over a connection that is there; it is ended where that fails. Errors: NinepError. */
export function openSession(transport: Transport, options: SessionOptions): Promise<Session> {
  return operate({ name: "connect" }, () => {
    check(options);
    return open(transport, options);
  });
}

async function open(transport: Transport, options: SessionOptions): Promise<Session> {
  const { msize = defaults.msize, versions = ALL_VERSIONS, signal } = options;
  const timeoutSeconds = options.requestTimeoutSeconds ?? defaults.requestTimeoutSeconds;
  const exchange = new Exchange(transport, msize);
  try {
    const agreed = await negotiate(exchange, { msize, versions, timeoutSeconds }, signal);
    const { dialect } = agreed;
    const fids = new NumberPool(NOFID, "fid");
    const root = fids.take();
    const user = {
      uname: options.uname,
      aname: options.aname ?? defaults.aname,
      numericUser: options.userId ?? NONUNAME,
    };
    await exchange.send(dialect.attach(root, user), { timeoutSeconds, signal });
    const link: Link = {
      ...{ exchange, dialect, fids, root, msize: agreed.msize },
      requestTimeoutSeconds: timeoutSeconds,
      unknownRequests: new Set(),
    };
    return new Session(link, options.readWindow ?? defaults.readWindow);
  } catch (error) {
    exchange.close(new Fault("ENOTCONN", "connecting failed"));
    throw error;
  }
}

function check(options: SessionOptions): void {
  const { msize = defaults.msize, readWindow = defaults.readWindow, userId = 0 } = options;
  range("msize", msize, LEAST_MSIZE, MOST_MSIZE);
  range("readWindow", readWindow, 1, 1024);
  range("userId", userId, 0, NONUNAME);
  if (options.versions?.length === 0) throw new Fault("EINVAL", "versions: none");
}

function range(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new Fault("EINVAL", `${name}: got ${value}, allowed ${least} to ${most}`);
}
