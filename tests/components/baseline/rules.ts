import { TODAY } from "../../unit/components/cluster/aws/least";

/** A resource as the engine would be asked for it, its secrets in the open. */
export interface Recorded {
  type: string;
  name: string;
  inputs: any;
}

/** A rule of the baseline: what every resource of a kind must hold at a path of its inputs. */
export interface Rule {
  /** The scanner's number of it, or where it is asked for. */
  id: string;
  asks: string;
  /** End of the resources' type, after the last colon. */
  kind: string;
  /** Logical names it is meant for; all of the kind where left out. */
  only?: string[];
  path: string;
  holds: (value: any) => boolean;
  /** A value that breaks the rule. */
  broken: unknown;
}

/** A rule in one line of a table. */
export type Row = [
  id: string,
  asks: string,
  kind: string,
  path: string,
  holds: Rule["holds"],
  broken: unknown,
];

/** The rules of a table's rows; `only` as of {@link Rule}. */
export const rulesOf = (rows: Row[], only?: string[]): Rule[] =>
  rows.map(([id, asks, kind, path, holds, broken]) => ({
    ...{ id, asks, kind, path, holds, broken },
    ...(only && { only }),
  }));

export const is = (expected: unknown) => (value: unknown) => value === expected;
export const some = (value: any) => Object.keys(value ?? {}).length > 0;
export const has = (entry: string) => (value: any) => Array.isArray(value) && value.includes(entry);
/** A flag of a database, by its value, in a list of names and values. */
export const flag = (name: string, value: string) => (list: any) =>
  list?.some((one: any) => one.name === name && String(one.value) === value) ?? false;
/** No flag of that name. */
export const withoutFlag = (name: string) => (list: any) =>
  !list?.some((one: any) => one.name === name);

const meant = ({ kind, only }: Rule, { type, name }: Recorded) =>
  type.split(":").at(-1) === kind && (only === undefined || only.includes(name));

const at = (inputs: any, path: string) =>
  path.split(".").reduce((value, key) => value?.[key], inputs);

/** Names of the resources that break a rule; a rule that meets no resource is broken by its absence. */
export function offenders(rule: Rule, stack: Recorded[]): string[] {
  const found = stack.filter((resource) => meant(rule, resource));
  if (found.length === 0) return [`no ${rule.kind}`];
  return found.filter(({ inputs }) => !rule.holds(at(inputs, rule.path))).map(({ name }) => name);
}

function broken(rule: Rule, stack: Recorded[], target: string): Recorded[] {
  return structuredClone(stack).map((resource) => {
    if (!meant(rule, resource) || resource.name !== target) return resource;
    const keys = rule.path.split(".");
    const last = keys.pop() ?? "";
    keys.reduce((value, key) => (value[key] ??= {}), resource.inputs)[last] = rule.broken;
    return resource;
  });
}

/** One test a rule: the stack keeps it, and each resource that breaks it is named, and no other. */
export function testRules(rules: Rule[], stack: () => Promise<Recorded[]>): void {
  let recorded: Recorded[] = [];
  // A version's support is judged by the day: the tests' day never changes.
  beforeAll(async () => {
    jest.useFakeTimers({ advanceTimers: true, now: TODAY });
    recorded = await stack();
  });
  afterAll(() => {
    jest.useRealTimers();
  });
  test.each(rules)("$id: $asks ($kind $path)", (rule) => {
    expect(offenders(rule, recorded)).toEqual([]);
    for (const { name } of recorded.filter((resource) => meant(rule, resource))) {
      expect(offenders(rule, broken(rule, recorded, name))).toEqual([name]);
    }
    expect(offenders(rule, [])).toEqual([`no ${rule.kind}`]);
  });
}
