import { setTimeout as sleep } from "node:timers/promises";
import { WorkQueue } from "../../../../lab/simulators/work-queue";
import { until } from "../../../support/wait";

const ignoreFailures = { onFailure: () => undefined };

describe("WorkQueue", () => {
  it("works on no more keys at once than it may, and on all of them", async () => {
    const done: string[] = [];
    let running = 0;
    let most = 0;
    const queue = new WorkQueue(
      async (key) => {
        running += 1;
        most = Math.max(most, running);
        await sleep(1);
        running -= 1;
        done.push(key);
      },
      { ...ignoreFailures, concurrency: 3 },
    );
    const keys = Array.from({ length: 20 }, (_, index) => String(index));
    keys.forEach((key) => {
      queue.add(key);
    });
    await until(() => done.length === 20);
    expect(most).toBe(3);
    expect(done.sort()).toEqual(keys.sort());
  });

  it("works on a key once more if it was added meanwhile, never twice at a time", async () => {
    let running = 0;
    let started = 0;
    const queue = new WorkQueue(async () => {
      running += 1;
      started += 1;
      expect(running).toBe(1);
      await sleep(5);
      running -= 1;
    }, ignoreFailures);
    queue.add("a");
    await until(() => started === 1);
    queue.add("a");
    queue.add("a");
    await until(() => started === 2 && running === 0);
    await sleep(10);
    expect(started).toBe(2);
  });

  it("waits longer after each failure, whatever is added, and forgets failures after a success", async () => {
    const waits: number[] = [];
    let left = 3;
    let tries = 0;
    const queue = new WorkQueue(
      () => {
        tries += 1;
        left -= 1;
        return left >= 0 ? Promise.reject(new Error("no")) : Promise.resolve();
      },
      {
        firstRetryMilliseconds: 4,
        longestRetryMilliseconds: 10,
        onFailure: (key, _, wait) => {
          waits.push(wait);
          queue.add(key);
        },
      },
    );
    queue.add("a");
    await until(() => tries === 4);
    expect(waits).toEqual([4, 8, 10]);
    left = 1;
    queue.add("a");
    await until(() => tries === 6);
    expect(waits.at(-1)).toBe(4);
  });

  it("does not let what is added cut a wait short", async () => {
    let tries = 0;
    const work = () => {
      tries += 1;
      return Promise.reject(new Error("refused"));
    };
    const queue = new WorkQueue(work, { ...ignoreFailures, firstRetryMilliseconds: 60_000 });
    queue.add("a");
    await until(() => tries === 1);
    await sleep(1);
    queue.add("a");
    await sleep(10);
    await queue.stop();
    expect(tries).toBe(1);
  });

  it("lets what is in a hurry cut a wait short, with the failures counted anew", async () => {
    const waits: number[] = [];
    const queue = new WorkQueue(() => Promise.reject(new Error("refused")), {
      onFailure: (_key, _error, wait) => waits.push(wait),
      firstRetryMilliseconds: 60_000,
      longestRetryMilliseconds: 1_000_000,
    });
    queue.add("a");
    await until(() => waits.length === 1);
    await sleep(1);
    queue.hurry("a");
    await until(() => waits.length === 2);
    await queue.stop();
    queue.hurry("a");
    await sleep(5);
    expect(waits).toEqual([60_000, 60_000]);
  });

  it("hurries on where the work under way fails", async () => {
    let tries = 0;
    const queue = new WorkQueue(
      async () => {
        tries += 1;
        await sleep(10);
        throw new Error("refused");
      },
      { ...ignoreFailures, firstRetryMilliseconds: 60_000 },
    );
    queue.add("a");
    await until(() => tries === 1);
    queue.hurry("a");
    await until(() => tries === 2);
    await queue.stop();
    expect(tries).toBe(2);
  });

  it("ends the work under way when it is stopped and takes no more", async () => {
    const log: string[] = [];
    const queue = new WorkQueue(
      async (key) => {
        log.push(`${key} began`);
        await sleep(5);
        log.push(`${key} ended`);
        throw new Error("not to be tried again");
      },
      { ...ignoreFailures, concurrency: 1, firstRetryMilliseconds: 1 },
    );
    queue.add("a");
    queue.add("b");
    await until(() => log.length === 1);
    await queue.stop();
    queue.add("c");
    await sleep(10);
    expect(log).toEqual(["a began", "a ended"]);
  });
});
