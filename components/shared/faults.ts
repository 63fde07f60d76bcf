/**
 * One thing wrong with an argument, as the user reads it:
 * `path: problem, got X, allowed Y; try Z`.
 */
export interface Fault {
  /** The property path, as in `assetSets[0].artefacts.kernel.sha256`. */
  path: string;
  /** What is wrong, lower case, no full stop. */
  problem: string;
  /** The value that was given; left out where there was none or where it is secret. */
  got?: unknown;
  /** The values that are allowed. */
  allowed?: string;
  /** The likely fix. */
  fix?: string;
}

/** What a planner answers: a plan, or every fault of its arguments at once. */
export type Planned<T> = { ok: true; plan: T } | { ok: false; faults: Fault[] };

/** Turns a finished fault list and a way to make the plan into a planner's answer. */
export function planned<T>(faults: Fault[], plan: () => T): Planned<T> {
  return faults.length > 0 ? { ok: false, faults } : { ok: true, plan: plan() };
}

/** Renders one fault in a line. */
export function renderFault({ path, problem, got, allowed, fix }: Fault): string {
  const value = got === undefined ? "" : `, got ${shown(got)}`;
  const values = allowed === undefined ? "" : `, allowed ${allowed}`;
  const way = fix === undefined ? "" : `; try ${fix}`;
  return `${path}: ${problem}${value}${values}${way}`;
}

/** Renders a headline and one line a fault, in the order they were found. */
export function renderFaults(headline: string, faults: readonly Fault[]): string {
  return [headline, ...faults.map((fault) => `  ${renderFault(fault)}`)].join("\n");
}

/** Puts a nested planner's faults below the path of the argument that it planned. */
export function under(path: string, faults: readonly Fault[]): Fault[] {
  return faults.map((fault) => ({ ...fault, path: `${path}.${fault.path}` }));
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
