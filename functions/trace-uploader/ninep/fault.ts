import { ERRNO_BY_NUMBER, ERRNO_BY_TEXT } from "./errno";
import { showName } from "./show";

/** What a fault says beside its code and message. */
export interface FaultDetail {
  /** The server's own words or number. */
  serverText?: string | undefined;
  cause?: unknown;
}

/** What goes wrong below an operation: the operation makes a NinepError of it. Codes as there. */
export class Fault extends Error {
  readonly code: string;
  readonly serverText: string | undefined;

  constructor(code: string, message: string, { serverText, cause }: FaultDetail = {}) {
    super(message, { cause });
    this.name = "Fault";
    this.code = code;
    this.serverText = serverText;
  }
}

/** The fault of a server that broke the protocol; it ends the session. */
export function violation(message: string): Fault {
  return new Fault("EPROTO", `the server broke the protocol: ${message}`);
}

/** What an Rlerror of 9P2000.L says: a number of Linux. */
export function faultOfNumber(number: number): Fault {
  const code = ERRNO_BY_NUMBER.get(number) ?? "EREMOTEIO";
  return new Fault(code, "the server refused", { serverText: `errno ${number}` });
}

/**
 * What an Rerror says. Its text goes before its number, which may be another system's (draft of 9P2000.u); the number 65535
 * (ERRUNDEF) says nothing.
 */
export function faultOfText(text: Buffer, number?: number): Fault {
  const words = showName(text);
  const lower = words.toLowerCase();
  const known = ERRNO_BY_TEXT.find(([part]) => lower.includes(part))?.[1];
  const numbered = number === undefined ? undefined : ERRNO_BY_NUMBER.get(number);
  const code = known ?? numbered ?? "EREMOTEIO";
  return new Fault(code, `the server refused: ${words}`, { serverText: words });
}

/** Anything thrown as a fault: an error of the network keeps its code, what is unexpected gets EIO. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // Not by its class: errors of Node.js can be of another realm than this code's.
  const { code, message } = fieldsOf(error);
  return new Fault(code ?? "EIO", message ?? String(error), { cause: error });
}

function fieldsOf(error: unknown): { code?: string | undefined; message?: string | undefined } {
  if (typeof error !== "object" || error === null) return {};
  return {
    code: "code" in error && typeof error.code === "string" ? error.code : undefined,
    message: "message" in error && typeof error.message === "string" ? error.message : undefined,
  };
}
