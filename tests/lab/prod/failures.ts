import { createHash } from "node:crypto";
import type { LoggedCall } from "../../../lab/engine/simulated-cloud/clouds/request-log";
import type { MadeObject } from "../../../lab/stack/lost";

/** A call that a run makes of a cloud. */
export type Call = Pick<LoggedCall, "operation" | "type" | "name">;

/** One way in which a run fails in the middle. */
export interface Failure {
  title: string;
  /** Calls that can fail so. */
  operations: Call["operation"][];
  /** Settings of the simulated clouds under which this call does, the first time. */
  settings(call: Call): object;
  /** What the run says of it; left out where the run is killed. */
  cause?: string;
  /** Who is killed while the cloud has done what was asked and has not answered. */
  killed?: "engine" | "provider";
}

/** The calls that change something. */
export const CHANGES: Call["operation"][] = ["create", "update", "delete"];

/** The ways, in the order in which rounds take them: each of them comes up before one comes up again. */
export const FAILURES: Failure[] = [
  refused(
    "over a quota",
    ["create"],
    "LimitExceededException: the quota of your account is used up",
  ),
  killed("engine"),
  faulty(
    "answer lost",
    CHANGES,
    "after",
    "RequestError: send request failed: connection reset by peer",
  ),
  refused("not allowed", CHANGES, "AccessDenied: not authorized to perform this action"),
  faulty(
    "half made",
    ["create", "update"],
    "partial",
    "unexpected state 'FAILED', wanted 'ACTIVE'",
  ),
  killed("provider"),
  throttled(),
  refused("in use", ["delete"], "DependencyViolation: the resource has a dependent object"),
];

function refused(title: string, operations: Call["operation"][], message: string): Failure {
  return faulty(title, operations, "before", message);
}

function faulty(
  title: string,
  operations: Call["operation"][],
  when: "before" | "after" | "partial",
  cause: string,
): Failure {
  return {
    ...{ title, operations, cause },
    settings: (call) => ({
      faults: [{ match: matching(call), operation: call.operation, when, message: cause }],
    }),
  };
}

function throttled(): Failure {
  return {
    title: "throttled",
    operations: CHANGES,
    // However often a run asks: it ends first.
    settings: (call) => ({
      throttling: [
        { match: matching(call), operation: call.operation, refusals: 1000, surfaces: true },
      ],
    }),
    cause: "ThrottlingException: Request limit exceeded",
  };
}

function killed(who: "engine" | "provider"): Failure {
  return {
    title: `${who} killed`,
    operations: CHANGES,
    settings: (call) => ({
      faults: [{ match: matching(call), operation: call.operation, when: "unanswered" }],
    }),
    killed: who,
  };
}

function matching({ type, name }: Call): string {
  return `^${type} ${name}$`;
}

/** What a call is about, as the engine's and the lab's lines name it. */
export function titleOf({ operation, type, name }: Call): string {
  return `${operation} ${type} ${name}`;
}

/** Numbers from 0 to 1 that are the same each time for a seed: a linear congruential generator. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Objects of a cloud as lines that are the same for two worlds made alike: each with what it was made from, whatever the
 * cloud or the provider chose made alike. Versions of launch templates are left out: an update that was done, and
 * whose answer was lost, makes one more when it is done again.
 */
export function inventoryOf(objects: readonly MadeObject[]): string[] {
  const own = objects.filter(({ id }) => /[0-9a-f]{12}/.test(id));
  return objects
    .map(({ urn, inputs }) => {
      const text = own.reduce(
        (all, one) => all.replaceAll(one.id, `<${one.urn.split("$").at(-1) ?? ""}>`),
        JSON.stringify(sorted(inputs)),
      );
      const plain = text
        .replaceAll(/\bsg-[0-9a-f]{17}\b/g, "sg-#")
        .replaceAll(/-[0-9a-f]{8}(?=")/g, "-#")
        .replaceAll(/("launchTemplate":\{[^}]*"version":)"\d+"/g, "$1#")
        .replaceAll(/"[^"]{200,}"/g, (long) => createHash("sha256").update(long).digest("hex"));
      return `${urn.split("::").slice(2).join("::")} ${plain}`;
    })
    .sort();
}

/** With its fields in order, the provider's own notes left out. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => name !== "__defaults");
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]));
}

/** What one list has and the other has not. */
export function differences(expected: readonly string[], got: readonly string[]) {
  return {
    missing: expected.filter((line) => !got.includes(line)),
    tooMany: got.filter((line, index) => !expected.includes(line) || got.indexOf(line) !== index),
  };
}
