/** How a {@link WorkQueue} works. */
export interface WorkQueueOptions {
  /** Called when work on a key failed and will be tried again. */
  onFailure: (key: string, error: unknown, retryInMilliseconds: number) => void;
  /** How many keys are worked on at once. Defaults to 16. */
  concurrency?: number;
  /** The wait after a key's first failure, doubled at each further one. Defaults to 500. */
  firstRetryMilliseconds?: number;
  /** The longest wait between two tries of a key. Defaults to 30000. */
  longestRetryMilliseconds?: number;
}

/**
 * Works on keys, a bounded number at once and never twice on one key at a time. A key added while it
 * is worked on is worked on again afterwards, since its object may have changed in between; added
 * while it waits for its next try, it keeps waiting, so that events cannot turn a refusal into a storm.
 */
export class WorkQueue {
  readonly #work: (key: string) => Promise<void>;
  readonly #options: Required<WorkQueueOptions>;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #hurried = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(work: (key: string) => Promise<void>, options: WorkQueueOptions) {
    this.#work = work;
    this.#options = {
      concurrency: 16,
      firstRetryMilliseconds: 500,
      longestRetryMilliseconds: 30_000,
      ...options,
    };
  }

  /** Asks for work on a key, now or as soon as there is room. */
  add(key: string): void {
    if (this.#stopped || this.#retries.has(key)) {
      return;
    }
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#startWaiting();
  }

  /**
   * Asks for work on a key that cannot wait for its next try: that try is now, and failures are counted
   * anew. For what happens seldom.
   */
  hurry(key: string): void {
    clearTimeout(this.#retries.get(key));
    this.#retries.delete(key);
    this.#failures.delete(key);
    if (this.#running.has(key)) {
      this.#hurried.add(key);
    }
    this.add(key);
  }

  /** Takes nothing more and resolves once the work under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    this.#again.clear();
    for (const timer of this.#retries.values()) {
      clearTimeout(timer);
    }
    this.#retries.clear();
    await Promise.all(this.#running.values());
  }

  #startWaiting(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) {
        return;
      }
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: string): Promise<void> {
    // Not before add() has noted that this key is being worked on.
    await Promise.resolve();
    try {
      await this.#work(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#retryLater(key, error);
    }
    this.#running.delete(key);
    const hurried = this.#hurried.delete(key);
    if (this.#again.delete(key)) {
      if (hurried) this.hurry(key);
      else this.add(key);
    }
    this.#startWaiting();
  }

  #retryLater(key: string, error: unknown): void {
    if (this.#stopped) {
      return;
    }
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const { firstRetryMilliseconds, longestRetryMilliseconds } = this.#options;
    const wait = Math.min(firstRetryMilliseconds * 2 ** (failures - 1), longestRetryMilliseconds);
    this.#options.onFailure(key, error, wait);
    const timer = setTimeout(() => {
      this.#retries.delete(key);
      this.add(key);
    }, wait);
    this.#retries.set(key, timer);
  }
}
