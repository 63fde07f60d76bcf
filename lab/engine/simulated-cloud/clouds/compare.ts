import { isDeepStrictEqual } from "node:util";
import { isProperties, isUnknown, type Properties, unwrapSecrets } from "../../grpc/wire";

/** One property that differs. */
export interface Difference {
  /** As the engine writes paths: `vpcConfig.subnetIds[0]`, `tags["a/b"]`. */
  path: string;
  kind: "add" | "delete" | "update";
}

/** How a cloud's lists and texts are compared. */
export interface Comparison {
  /** Lists of texts and numbers are sets, as most are in the bridged providers' schemas. */
  areListsSets: boolean;
}

/** The properties that differ between old and new inputs; policies in JSON count by what they say. */
export function differences(olds: Properties, news: Properties, rules: Comparison): Difference[] {
  const found: Difference[] = [];
  compare("", unwrapSecrets(olds), unwrapSecrets(news), rules, found);
  return found;
}

/** Says whether a difference lies at, below or above a path of dotted names without indices. */
export function touches({ path }: Difference, pattern: string): boolean {
  const plain = path.replace(/\[\d+\]/g, "");
  const wanted = pattern.replace(/\[\*\]/g, "");
  return (
    plain === wanted ||
    plain.startsWith(`${wanted}.`) ||
    plain.startsWith(`${wanted}[`) ||
    wanted.startsWith(`${plain}.`)
  );
}

function compare(
  at: string,
  before: unknown,
  after: unknown,
  rules: Comparison,
  found: Difference[],
): void {
  if (isGone(before) && isGone(after)) return;
  if (isGone(before)) found.push({ path: at, kind: "add" });
  else if (isGone(after)) found.push({ path: at, kind: "delete" });
  else if (isUnknown(after)) found.push({ path: at, kind: "update" });
  else if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(at, before, after, rules, found);
  } else if (isProperties(before) && isProperties(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (key.startsWith("__")) continue;
      compare(joined(at, key), before[key], after[key], rules, found);
    }
  } else if (!isSame(before, after)) found.push({ path: at, kind: "update" });
}

// A list that empties and one that was never given are the same to the clouds.
function isGone(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.length === 0;
}

function compareLists(
  at: string,
  before: unknown[],
  after: unknown[],
  rules: Comparison,
  found: Difference[],
): void {
  const isSet =
    rules.areListsSets && [...before, ...after].every((item) => typeof item !== "object");
  const [olds, news] = isSet ? [ordered(before), ordered(after)] : [before, after];
  for (let index = 0; index < Math.max(olds.length, news.length); index += 1) {
    compare(`${at}[${index}]`, olds[index], news[index], rules, found);
  }
}

// What is in both comes first, so that only what differs differs.
function ordered(items: unknown[]): unknown[] {
  return items.map(String).sort();
}

function isSame(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (typeof before !== "string" || typeof after !== "string") return false;
  const [one, other] = [parsed(before), parsed(after)];
  return one !== undefined && other !== undefined && isDeepStrictEqual(one, other);
}

// A JSON document with its lists in order and single items as lists, as IAM reads policies.
function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return canonical(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    const [only] = items;
    if (items.length === 1 && typeof only === "string") return only;
    return items.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  }
  if (!isProperties(value)) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
}

function joined(at: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${at}["${key}"]`;
  return at === "" ? key : `${at}.${key}`;
}
