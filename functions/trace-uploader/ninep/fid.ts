import type { Qid } from "./byte-reader";
import { Fault } from "./fault";
import type { Link } from "./link";
import { MAXWELEM } from "./names";
import { clunkRequest, removeRequest, walkRequest, type Request } from "./requests";

/**
 * A fid of one operation: walked to a file, used, released. It is clunked when it is released and the server is done with all
 * requests that name it, also those that were given up; its number is free again when the server no longer knows it.
 */
export class Fid {
  readonly number: number;
  readonly #link: Link;
  /** Whether the server knows the fid. */
  #held = false;
  /** Requests that the server is not done with. */
  #unsettled = 0;
  #released = false;

  constructor(link: Link) {
    this.#link = link;
    this.number = link.fids.take();
  }

  /** Goes from the root to a file; answers with its qid, which the root has none of here. Errors: Fault; ENOENT where a name on the way is missing. */
  async walk(names: readonly Uint8Array[], signal?: AbortSignal): Promise<Qid | undefined> {
    let from = this.#link.root;
    let reached: Qid | undefined;
    let at = 0;
    do {
      const part = names.slice(at, at + MAXWELEM);
      const qids = await this.#send(walkRequest(from, this.number, part), signal, (walked) => {
        // Half a walk makes no fid (walk(5)), but diod 1.0 keeps one; others refuse to clunk it, which does no harm.
        if (walked !== undefined) this.#held = true;
      });
      if (qids.length < part.length) throw new Fault("ENOENT", "no such file or directory");
      reached = qids.at(-1);
      from = this.number;
      at += MAXWELEM;
    } while (at < names.length);
    return reached;
  }

  /** Sends a request that names this fid. */
  ask<Reply>(request: Request<Reply>, signal?: AbortSignal): Promise<Reply> {
    return this.#send(request, signal);
  }

  /** Removes the file; the server forgets the fid with it, whatever it answers (remove(5)). */
  remove(signal?: AbortSignal): Promise<undefined> {
    return this.#send(removeRequest(this.number), signal, (_, answered) => {
      if (answered) this.#held = false;
    });
  }

  /** Says that the operation needs it no more. */
  release(): void {
    this.#released = true;
    this.#finish();
  }

  #send<Reply>(
    request: Request<Reply>,
    signal: AbortSignal | undefined,
    settled?: (reply: Reply | undefined, answered: boolean) => void,
  ): Promise<Reply> {
    this.#unsettled += 1;
    const { exchange, requestTimeoutSeconds } = this.#link;
    return exchange.send(request, {
      timeoutSeconds: requestTimeoutSeconds,
      signal,
      settled: ({ reply, answered }) => {
        settled?.(reply, answered);
        this.#unsettled -= 1;
        this.#finish();
      },
    });
  }

  #finish(): void {
    if (!this.#released || this.#unsettled > 0) return;
    this.#released = false;
    const { exchange, fids, requestTimeoutSeconds } = this.#link;
    if (!this.#held || exchange.closed !== undefined) {
      fids.give(this.number);
      return;
    }
    const request = clunkRequest(this.number);
    // Nobody waits for it, and even a server that refuses has forgotten the fid (clunk(5)). Flushed, it still knows it.
    const settled = ({ answered }: { answered: boolean }) => {
      if (answered || exchange.closed !== undefined) fids.give(this.number);
    };
    exchange
      .send(request, { timeoutSeconds: requestTimeoutSeconds, settled })
      .catch(() => undefined);
  }
}
