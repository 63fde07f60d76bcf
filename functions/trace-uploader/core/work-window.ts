/** Work of which so much may be under way at once. The first failure is kept, and told whoever asks next. */
export class WorkWindow {
  readonly #most: number;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Starts a piece of work and waits for room for the next. Errors: the first failure of any. */
  async add(work: Promise<void>): Promise<void> {
    const watched: Promise<void> = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
    while (this.#underWay.size >= this.#most) await Promise.race(this.#underWay);
    this.#check();
  }

  /** Waits for all. Errors: the first failure of any. */
  async drain(): Promise<void> {
    await this.settle();
    this.#check();
  }

  /** Waits for all, whatever becomes of it. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
