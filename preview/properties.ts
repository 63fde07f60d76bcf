import type { StepEventMetadata } from "@pulumi/pulumi/automation/events";

/** One property that a preview would change. Values are texts as people read them, secrets hidden. */
export interface PropertyChange {
  path: string;
  /** Undefined where the property is new. */
  before: string | undefined;
  /** Undefined where the property goes. */
  after: string | undefined;
  /** Forces the replacement of the resource. */
  replaces: boolean;
}

/** Longer values say less than where they are. */
const LONGEST_VALUE = 120;

// The wire's marks, see the engine's sdk/go/common/resource/sig.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The properties that a step changes: those of the provider's detailed diff, else those that differ at the top. */
export function propertyChanges(step: StepEventMetadata): PropertyChange[] {
  const before = step.old?.inputs ?? {};
  const after = step.new?.inputs ?? {};
  // Of what comes or goes as a whole, every property does: nobody reads that.
  if (step.old === undefined || step.new === undefined) return [];
  const replacing = new Set(step.keys ?? []);
  const detailed = Object.entries(step.detailedDiff ?? {});
  if (detailed.length > 0) {
    return detailed.map(([path, { diffKind, inputDiff }]) => ({
      path,
      before: shownAt(inputDiff ? before : (step.old?.outputs ?? before), path, before),
      after: shownAt(after, path, after),
      replaces: diffKind.endsWith("-replace") || replacing.has(topOf(path)),
    }));
  }
  return (step.diffs ?? []).map((path) => ({
    path,
    before: shownAt(before, path, before),
    after: shownAt(after, path, after),
    replaces: replacing.has(path),
  }));
}

function topOf(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}

/** The value at a path as people read it; one that lies within a secret is one. */
function shownAt(root: unknown, path: string, fallback: unknown): string | undefined {
  const found = valueAt(root, keysOf(path)) ?? valueAt(fallback, keysOf(path));
  return found === undefined ? undefined : shown(found);
}

/** The keys of a path such as `spec.ports[0]["a.b"]`. */
export function keysOf(path: string): string[] {
  const keys = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...keys].map(([, quoted, index, plain]) => quoted ?? index ?? plain ?? "");
}

function valueAt(root: unknown, keys: readonly string[]): unknown {
  let value = root;
  for (const key of keys) {
    if (isSecret(value)) return value;
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Reflect.get(value, SIGNATURE) === SECRET;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, entry: unknown) => {
    if (isSecret(entry)) return "[secret]";
    return entry === UNKNOWN ? "[unknown]" : entry;
  });
  if (text.length <= LONGEST_VALUE) return text;
  return `${text.slice(0, LONGEST_VALUE)}... (${String(text.length)} characters)`;
}
