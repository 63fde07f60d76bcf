import { ByteReader } from "./byte-reader";
import { ByteWriter } from "./byte-writer";
import type { Dialect } from "./dialect";
import { asFault, Fault, violation } from "./fault";
import { Frames } from "./frames";
import { MessageMemory } from "./message-memory";
import { HEADER_BYTES, NOTAG, Type } from "./names";
import { NumberPool } from "./number-pool";
import { flushRequest, type Request } from "./requests";
import type { Transport } from "./transport";
import { waitFor, type Outcome, type Waiting } from "./waiting";

/** So many messages' memory is kept for the next ones: as many as a reader has under way. */
const KEPT_MESSAGES = 16;

/** How a request is sent. */
export interface SendOptions<Reply> {
  /** Seconds after which the request is given up, and after which its flush must be answered. */
  timeoutSeconds: number;
  /** Gives the request up. */
  signal?: AbortSignal | undefined;
  /**
   * Called once in every case, when the server is done with the request or was never sent it. After giving up that is later than
   * the promise's end: the reply may still come, and counts (flush(5)).
   */
  settled?: (outcome: Outcome<Reply>) => void;
}

/**
 * Sends requests and matches replies with them by their tags: intro(5). A request that is given up is flushed, and its tag
 * is not used again before the server has answered that. A server that breaks the protocol, or that answers not even a
 * flush, ends the session: all that wait fail, and nothing is sent any more.
 */
export class Exchange {
  /** Tags that the server may still know. */
  readonly tags = new NumberPool(NOTAG, "tag");
  /** Memory of messages that come in; readers that want no more of a message give it back. */
  readonly memory = new MessageMemory(KEPT_MESSAGES);
  /** Set when the version is agreed; before that only Tversion is sent. */
  dialect: Dialect | undefined;
  readonly #transport: Transport;
  readonly #frames: Frames;
  readonly #waiting = new Map<number, Waiting>();
  #writer: ByteWriter;
  #closed: Fault | undefined;

  /** `limit` is the length in bytes that no message may exceed, until the server has granted one. */
  constructor(transport: Transport, limit: number) {
    this.#transport = transport;
    this.#frames = new Frames(limit, this.memory, (message) => {
      this.#take(message);
    });
    this.#writer = new ByteWriter(limit);
    transport.listen(
      (chunk) => {
        this.#push(chunk);
      },
      (fault) => {
        this.close(fault);
      },
    );
  }

  /** Why nothing can be sent any more; `undefined` while the session is open. */
  get closed(): Fault | undefined {
    return this.#closed;
  }

  /** Holds both sides to the length that the server has granted. */
  limitTo(msize: number): void {
    this.#frames.limit = msize;
    this.#writer = new ByteWriter(msize);
  }

  /** Sends a request. Errors: Fault, the server's or this client's; see NinepError. */
  send<Reply>(request: Request<Reply>, options: SendOptions<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      let tag: number;
      try {
        tag = this.#begin(request, options.signal);
      } catch (error) {
        options.settled?.({ answered: false, reply: undefined });
        throw error;
      }
      const waiting = waitFor(request, { resolve, reject, settled: options.settled });
      this.#waiting.set(tag, waiting);
      waiting.watch(options, (fault) => {
        this.#giveUp(tag, waiting, fault, options.timeoutSeconds);
      });
    });
  }

  /** Ends the session: whoever waits fails with this fault. */
  close(fault: Fault): void {
    if (this.#closed !== undefined) return;
    this.#closed = fault;
    this.#transport.destroy();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [tag, request] of waiting) {
      if (tag !== NOTAG) this.tags.give(tag);
      request.fail(fault);
      request.settle(false); // Also one whose answer broke the protocol.
    }
  }

  /** Writes a request; answers with its tag. */
  #begin<Reply>(request: Request<Reply>, signal: AbortSignal | undefined): number {
    if (this.#closed !== undefined) throw closedFault(this.#closed);
    if (signal?.aborted === true) throw abortFault(signal);
    const tag = request.type === Type.Tversion ? NOTAG : this.tags.take();
    try {
      const writer = this.#writer;
      writer.clear();
      writer.u32(0); // The size, known at the end.
      writer.u8(request.type);
      writer.u16(tag);
      request.write(writer);
      this.#transport.write(writer.message());
    } catch (error) {
      if (tag !== NOTAG) this.tags.give(tag);
      throw error;
    }
    return tag;
  }

  #giveUp(tag: number, waiting: Waiting, fault: Fault, timeoutSeconds: number): void {
    waiting.fail(fault);
    // Before a version there is nothing to flush with, and a server that leaves a flush unanswered is lost.
    if (waiting.type === Type.Tversion || waiting.type === Type.Tflush) {
      this.close(fault);
      return;
    }
    const settled = ({ answered }: Outcome<undefined>) => {
      if (!answered) return;
      this.#waiting.delete(tag);
      this.tags.give(tag);
      waiting.settle(waiting.answered);
    };
    this.send(flushRequest(tag), { timeoutSeconds, settled }).catch((error: unknown) => {
      this.close(asFault(error));
    });
  }

  #push(chunk: Buffer): void {
    if (this.#closed !== undefined) return;
    try {
      this.#frames.push(chunk);
    } catch (error) {
      this.close(asFault(error));
    }
  }

  #take(message: Buffer): void {
    // A message before it in the same chunk may have ended the session.
    if (this.#closed !== undefined) return;
    const type = message.readUInt8(4);
    const tag = message.readUInt16LE(5);
    const waiting = this.#waiting.get(tag);
    if (waiting === undefined) throw violation(`a reply with tag ${tag}, which no request has`);
    const { over } = waiting;
    waiting.answer(type, new ByteReader(message, HEADER_BYTES), this.dialect);
    if (over) return; // Given up: its tag is free when its flush is answered.
    this.#waiting.delete(tag);
    if (tag !== NOTAG) this.tags.give(tag);
    waiting.settle(true);
  }
}

function closedFault(reason: Fault): Fault {
  return new Fault("ENOTCONN", `the session is closed: ${reason.message}`, { cause: reason });
}

function abortFault(signal: AbortSignal): Fault {
  return new Fault("ECANCELED", "aborted", { cause: signal.reason });
}
