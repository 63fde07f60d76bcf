import * as fc from "fast-check";
import {
  longestChain,
  rankedSeconds,
  reversed,
  scheduledSeconds,
  type Step,
} from "../../../../bench/critical-path/graph";

const step = (key: string, seconds: number, ...after: string[]): Step => ({ key, seconds, after });

// A diamond with a slow side, and something that has nothing to do with it.
const diamond = [
  step("end", 5, "slow", "quick"),
  step("start", 10),
  step("slow", 30, "start"),
  step("quick", 1, "start", "unheard of"),
  step("apart", 20),
];

const anyGraph = fc
  .array(fc.tuple(fc.nat(50), fc.array(fc.nat(30), { maxLength: 3 })), { maxLength: 30 })
  .map((rows) =>
    rows.map(([seconds, before], index) =>
      step(String(index), seconds, ...before.filter((other) => other < index).map(String)),
    ),
  );

test("the longest chain goes by time, not by the number of steps", () => {
  expect(longestChain(diamond)).toEqual({ seconds: 45, keys: ["start", "slow", "end"] });
  expect(longestChain([step("a", 1), step("b", 1, "a"), step("c", 1, "b"), step("d", 9)])).toEqual({
    seconds: 9,
    keys: ["d"],
  });
  expect(longestChain([])).toEqual({ seconds: 0, keys: [] });
});

test("steps of no time hand on the time before them", () => {
  const steps = [step("vpc", 15), step("component", 0, "vpc"), step("key", 10, "component")];
  expect(longestChain(steps)).toEqual({ seconds: 25, keys: ["vpc", "component", "key"] });
  expect(scheduledSeconds(steps, 1)).toBe(25);
});

test("few lanes make steps wait, and what is ready first goes first", () => {
  expect(scheduledSeconds(diamond, 16)).toBe(45);
  expect(scheduledSeconds(diamond, 2)).toBe(45);
  // start, apart, slow, quick, end, one after the other
  expect(scheduledSeconds(diamond, 1)).toBe(66);
});

test("what is taken away goes the other way round, in ranks", () => {
  const back = reversed(diamond);
  expect(back.find(({ key }) => key === "start")?.after).toEqual(["slow", "quick"]);
  expect(longestChain(back)).toEqual({ seconds: 45, keys: ["end", "slow", "start"] });
  // {end, apart} 20 s, {slow, quick} 30 s, {start} 10 s
  expect(rankedSeconds(back)).toBe(60);
});

test("a circle is an error, not an endless wait", () => {
  const circle = [step("a", 1, "b"), step("b", 1, "a")];
  for (const run of [longestChain, rankedSeconds, (steps: Step[]) => scheduledSeconds(steps, 4)]) {
    expect(() => run(circle)).toThrow("waits for itself");
  }
});

test("of any graph, lanes and ranks never beat the longest chain, and enough lanes equal it", () => {
  fc.assert(
    fc.property(anyGraph, fc.integer({ min: 1, max: 4 }), (steps, lanes) => {
      const { seconds, keys } = longestChain(steps);
      const byKey = new Map(steps.map((one) => [one.key, one]));
      expect(keys.reduce((sum, key) => sum + (byKey.get(key)?.seconds ?? 0), 0)).toBe(seconds);
      for (const [index, key] of keys.slice(1).entries()) {
        expect(byKey.get(key)?.after).toContain(keys[index]);
      }
      expect(scheduledSeconds(steps, steps.length + 1)).toBe(seconds);
      const total = steps.reduce((sum, one) => sum + one.seconds, 0);
      expect(scheduledSeconds(steps, 1)).toBe(total);
      expect(scheduledSeconds(steps, lanes)).toBeGreaterThanOrEqual(seconds);
      expect(rankedSeconds(steps)).toBeGreaterThanOrEqual(seconds);
      expect(longestChain(reversed(steps)).seconds).toBe(seconds);
    }),
  );
});
