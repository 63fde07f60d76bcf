/** Runs one piece of work at a time in this process. */
export class OneAtATime {
  #isRunning = false;

  /** The work's result; `undefined`, without doing it, where one is under way. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#isRunning) return undefined;
    this.#isRunning = true;
    try {
      return await work();
    } finally {
      this.#isRunning = false;
    }
  }
}
