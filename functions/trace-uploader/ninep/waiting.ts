import type { ByteReader } from "./byte-reader";
import type { Dialect } from "./dialect";
import { Fault, violation } from "./fault";
import { Type } from "./names";
import type { Request } from "./requests";

/** How a request ended on the server. */
export interface Outcome<Reply> {
  /** Whether it was answered: not where it was flushed before, nor where the session ended. */
  answered: boolean;
  /** Its reply; `undefined` where it was refused or not answered. */
  reply: Reply | undefined;
}

/** Who hears of one request's end. */
export interface Listener<Reply> {
  resolve(reply: Reply): void;
  reject(fault: Fault): void;
  settled: ((outcome: Outcome<Reply>) => void) | undefined;
}

/** When a request is given up. */
interface Limits {
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
}

/** The same whatever the reply is. */
interface Reading {
  /** Reads a reply of the right type. */
  read(body: ByteReader): void;
  resolve(): void;
  reject(fault: Fault): void;
  settled(answered: boolean): void;
}

/** One request that the server has not finished. */
export class Waiting {
  /** The request's type. */
  readonly type: number;
  readonly #reading: Reading;
  #stopWatching = (): void => undefined;
  #over = false;
  #answered = false;

  constructor(type: number, reading: Reading) {
    this.type = type;
    this.#reading = reading;
  }

  /** Whether a message with its tag has come. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Whether nobody waits for the reply any more; after giving up the server may still send it. */
  get over(): boolean {
    return this.#over;
  }

  /** Watches time and signal until the request is over; calls `giveUp` at most once. */
  watch({ timeoutSeconds, signal }: Limits, giveUp: (fault: Fault) => void): void {
    const abort = () => {
      giveUp(new Fault("ECANCELED", "aborted", { cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      giveUp(new Fault("ETIMEDOUT", `no answer in ${timeoutSeconds} s`));
    }, timeoutSeconds * 1000);
    signal?.addEventListener("abort", abort);
    this.#stopWatching = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
  }

  /** Takes a message with this request's tag. Errors: Fault EPROTO where it is no reply to it, and nobody has heard yet. */
  answer(type: number, body: ByteReader, dialect: Dialect | undefined): void {
    if (this.#answered) throw violation("two replies to one request");
    this.#answered = true;
    if (type === this.type + 1) {
      this.#reading.read(body);
      if (this.#finish()) this.#reading.resolve();
    } else {
      this.fail(this.#refusal(type, body, dialect));
    }
  }

  /** Lets whoever waits fail. */
  fail(fault: Fault): void {
    if (this.#finish()) this.#reading.reject(fault);
  }

  /** Says that the server is done with it, and whether it has answered as the protocol wants. */
  settle(answered: boolean): void {
    this.#reading.settled(answered);
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#stopWatching();
    return true;
  }

  #refusal(type: number, body: ByteReader, dialect: Dialect | undefined): Fault {
    if (dialect === undefined && (type === Type.Rerror || type === Type.Rlerror)) {
      return new Fault("EPROTONOSUPPORT", "the server refuses the version");
    }
    if (dialect?.errorType !== type || this.type === Type.Tflush) {
      throw violation(`a message of type ${type} in reply to type ${this.type}`);
    }
    const fault = dialect.readError(body);
    body.end();
    return fault;
  }
}

/** Waits for the reply to a request. */
export function waitFor<Reply>(request: Request<Reply>, listener: Listener<Reply>): Waiting {
  let reply: { value: Reply } | undefined;
  return new Waiting(request.type, {
    read: (body) => {
      const value = request.read(body);
      body.end();
      reply = { value };
    },
    resolve: () => {
      if (reply !== undefined) listener.resolve(reply.value);
    },
    reject: (fault) => {
      listener.reject(fault);
    },
    settled: (answered) => {
      listener.settled?.({ answered, reply: reply?.value });
    },
  });
}
