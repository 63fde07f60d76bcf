import type { Attributes } from "../ninep";
import type { Clock } from "./clock";

/** A file that waits for its second look. */
export interface Candidate {
  path: Uint8Array[];
  /** As it was at the last look. */
  attributes: Attributes;
  /** How often it was looked at. */
  looks: number;
  /** How often it changed while it was moved. */
  changes: number;
  /** How often moving it failed. */
  failures: number;
}

/** What the queue goes by. */
export interface SettleOptions {
  settleSeconds: number;
  /** Bytes from which a file is large. */
  largeBytes: number;
  /** Files that may wait; whoever brings more waits for room. */
  capacity: number;
}

/** What a worker of the run takes: whoever takes large files first leaves small ones to the others, so that neither kind waits for the other. */
export const Lane = { Small: "small", Large: "large" } as const;
export type Lane = (typeof Lane)[keyof typeof Lane];

interface Waiting {
  candidate: Candidate;
  dueSeconds: number;
}

/** Files between two looks at them. They come out in the order in which they went in, not before their time. */
export class SettleQueue {
  readonly #clock: Clock;
  readonly #options: SettleOptions;
  readonly #lanes: Record<Lane, Waiting[]> = { small: [], large: [] };
  #wake = new AbortController();
  #ended = false;
  #underWay = 0;

  constructor(clock: Clock, options: SettleOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Files that wait. */
  get waiting(): readonly Candidate[] {
    return [...this.#lanes.small, ...this.#lanes.large].map(({ candidate }) => candidate);
  }

  /** Puts a file in that has just been looked at, when there is room. */
  async add(candidate: Candidate, signal: AbortSignal): Promise<void> {
    const { small, large } = this.#lanes;
    while (small.length + large.length >= this.#options.capacity && !signal.aborted) {
      await this.#change(Infinity, signal);
    }
    this.again(candidate);
  }

  /** Puts a file back that was taken. */
  again(candidate: Candidate): void {
    const lane = candidate.attributes.size >= this.#options.largeBytes ? "large" : "small";
    const dueSeconds = this.#clock.seconds() + this.#options.settleSeconds;
    this.#lanes[lane].push({ candidate, dueSeconds });
    this.#changed();
  }

  /** Says that no more files come. */
  end(): void {
    this.#ended = true;
    this.#changed();
  }

  /** The next file whose time has come; `undefined` when no more come, or the signal is given. Say `done` when it is dealt with. */
  async take(lane: Lane, signal: AbortSignal): Promise<Candidate | undefined> {
    while (!signal.aborted) {
      const lanes = this.#order(lane);
      for (const waiting of lanes) {
        const [first] = waiting;
        if (first === undefined || first.dueSeconds > this.#clock.seconds()) continue;
        waiting.shift();
        this.#underWay++;
        this.#changed();
        return first.candidate;
      }
      const due = lanes.flatMap(([first]) => (first === undefined ? [] : [first.dueSeconds]));
      if (due.length === 0 && this.#isOver()) return undefined;
      await this.#change(Math.min(...due) - this.#clock.seconds(), signal);
    }
    return undefined;
  }

  /** A file that was taken has been dealt with. */
  done(): void {
    this.#underWay--;
    this.#changed();
  }

  #order(lane: Lane): Waiting[][] {
    const { small, large } = this.#lanes;
    if (lane === Lane.Large) return [large, small];
    // The last place is never a large file's, as long as small ones may come.
    return this.#ended && small.length === 0 ? [large] : [small];
  }

  #isOver(): boolean {
    const { small, large } = this.#lanes;
    return this.#ended && this.#underWay === 0 && small.length + large.length === 0;
  }

  #changed(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  async #change(seconds: number, signal: AbortSignal): Promise<void> {
    const wake = this.#wake.signal;
    await this.#clock.sleep(Math.min(seconds, 3600), AbortSignal.any([wake, signal]));
  }
}
