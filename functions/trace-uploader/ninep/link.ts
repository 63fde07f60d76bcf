import type { Dialect } from "./dialect";
import type { Exchange } from "./exchange";
import { IOHDRSZ } from "./names";
import type { NumberPool } from "./number-pool";

/** An open session as its operations see it. */
export interface Link {
  exchange: Exchange;
  dialect: Dialect;
  /** Fids that the server may know. */
  fids: NumberPool;
  /** The fid of the root of what is served. */
  root: number;
  /** Bytes of the longest message. */
  msize: number;
  /** Seconds after which one request is given up. */
  requestTimeoutSeconds: number;
  /** Types of requests that the server has said it does not know; they are not sent again. */
  unknownRequests: Set<number>;
}

/** The most that one read can bring. */
export function mostData(link: Link): number {
  return link.msize - IOHDRSZ;
}
