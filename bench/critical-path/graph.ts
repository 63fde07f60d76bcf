/** A piece of work that takes time, and what must be done before it. Times in seconds. */
export interface Step {
  key: string;
  seconds: number;
  /** Keys of the steps before it; keys of no step are passed by. */
  after: string[];
}

/** The longest way through a graph: what takes its time however much is done at once. */
export interface Chain {
  seconds: number;
  /** Keys of the steps, first to last. */
  keys: string[];
}

/** The longest chain of steps; of chains that take alike, that of the earliest steps. Errors: a circle. */
export function longestChain(steps: readonly Step[]): Chain {
  const ends = new Map<string, { seconds: number; before: string | undefined }>();
  for (const step of inOrder(steps)) {
    let [start, before] = [0, undefined as string | undefined];
    for (const key of step.after) {
      const end = ends.get(key);
      if (end === undefined || end.seconds <= start) continue;
      [start, before] = [end.seconds, key];
    }
    ends.set(step.key, { seconds: start + step.seconds, before });
  }
  const longest = [...ends].reduce<string | undefined>((best, [key, { seconds }]) => {
    return best === undefined || seconds > (ends.get(best)?.seconds ?? 0) ? key : best;
  }, undefined);
  const keys: string[] = [];
  for (let key = longest; key !== undefined; key = ends.get(key)?.before) keys.unshift(key);
  return { seconds: longest === undefined ? 0 : (ends.get(longest)?.seconds ?? 0), keys };
}

/**
 * How long the steps take when at most so many of those that take time run at once: whatever is ready first goes first, of
 * those ready together what stands first in the list. Errors: a circle.
 */
export function scheduledSeconds(steps: readonly Step[], lanes: number): number {
  inOrder(steps);
  const known = new Set(steps.map(({ key }) => key));
  const done = new Set<string>();
  const running: { step: Step; until: number }[] = [];
  let waiting = [...steps];
  let now = 0;
  const isReady = ({ after }: Step) => after.every((key) => done.has(key) || !known.has(key));
  while (waiting.length > 0 || running.length > 0) {
    const started = new Set<Step>();
    for (const step of waiting.filter(isReady)) {
      if (step.seconds === 0) done.add(step.key);
      else if (running.length < lanes) running.push({ step, until: now + step.seconds });
      else continue;
      started.add(step);
    }
    waiting = waiting.filter((step) => !started.has(step));
    if ([...started].some(({ seconds }) => seconds === 0)) continue;
    now = Math.min(...running.map(({ until }) => until));
    for (const { step, until } of running) if (until <= now) done.add(step.key);
    running.splice(0, running.length, ...running.filter(({ until }) => until > now));
  }
  return now;
}

/** The same steps the other way round, for what is taken away: each after those that came after it. */
export function reversed(steps: readonly Step[]): Step[] {
  const followers = new Map<string, string[]>(steps.map(({ key }) => [key, []]));
  for (const { key, after } of steps) for (const before of after) followers.get(before)?.push(key);
  return [...steps].reverse().map((step) => ({ ...step, after: followers.get(step.key) ?? [] }));
}

/**
 * How long the steps take in ranks: all that nothing left is before are done at once, and the next rank begins when the
 * slowest is done. The engine deletes in this way.
 */
export function rankedSeconds(steps: readonly Step[]): number {
  const ranks = new Map<string, number>();
  const slowest: number[] = [];
  for (const { key, seconds, after } of inOrder(steps)) {
    const rank = Math.max(0, ...after.map((before) => (ranks.get(before) ?? -1) + 1));
    ranks.set(key, rank);
    slowest[rank] = Math.max(slowest[rank] ?? 0, seconds);
  }
  return slowest.reduce((sum, seconds) => sum + seconds, 0);
}

/** The steps, each after all before it. */
function inOrder(steps: readonly Step[]): Step[] {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const ordered = new Set<Step>();
  const open = new Set<Step>();
  const visit = (step: Step): void => {
    if (ordered.has(step)) return;
    if (open.has(step)) throw new Error(`${step.key} waits for itself`);
    open.add(step);
    for (const key of step.after) {
      const before = byKey.get(key);
      if (before) visit(before);
    }
    ordered.add(step);
  };
  steps.forEach(visit);
  return [...ordered];
}
