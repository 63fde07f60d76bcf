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

/** How a cloud says what went wrong. */
interface Words {
  quota: string;
  denied: string;
  lost: string;
  half: string;
  throttled: string;
  inUse: string;
}

const WORDS = {
  aws: {
    quota: "LimitExceededException: the quota of your account is used up",
    denied: "AccessDenied: not authorized to perform this action",
    lost: "RequestError: send request failed: connection reset by peer",
    half: "unexpected state 'FAILED', wanted 'ACTIVE'",
    throttled: "ThrottlingException: Request limit exceeded",
    inUse: "DependencyViolation: the resource has a dependent object",
  },
  gcp: {
    quota: "googleapi: Error 403: Insufficient regional quota to satisfy request, quotaExceeded",
    denied: "googleapi: Error 403: Permission denied on resource, forbidden",
    lost: "error sending request: read tcp: connection reset by peer",
    half: "the operation ended with status ERROR",
    throttled: "Error 429: Quota exceeded for quota metric",
    inUse: "googleapi: Error 400: it is already being used, resourceInUseByAnotherResource",
  },
  azure: {
    quota: 'Code="QuotaExceeded" Message="exceeding approved Total Regional Cores quota"',
    denied: 'Code="AuthorizationFailed" Message="no authorization to perform action"',
    lost: "sending request: read tcp: connection reset by peer",
    half: 'Code="ProvisioningState/failed" Message="the resource is in state Failed"',
    throttled: 'Code="TooManyRequests"',
    inUse: 'Code="InUse" Message="it is in use and cannot be deleted"',
  },
} satisfies Record<string, Words>;

/** The ways of a cloud, in the order in which rounds take them: each of them comes up before one comes up again. */
export function failuresOf(cloud: keyof typeof WORDS): Failure[] {
  const words = WORDS[cloud];
  return [
    refused("over a quota", ["create"], words.quota),
    killed("engine"),
    faulty("answer lost", CHANGES, "after", words.lost),
    refused("not allowed", CHANGES, words.denied),
    faulty("half made", ["create", "update"], "partial", words.half),
    killed("provider"),
    throttled(words.throttled),
    refused("in use", ["delete"], words.inUse),
  ];
}

/** The ways of AWS. */
export const FAILURES: Failure[] = failuresOf("aws");

/** The way of that title. */
export function failureOf(cloud: keyof typeof WORDS, title: string): Failure {
  const found = failuresOf(cloud).find((one) => one.title === title);
  if (!found) throw new Error(`no failure is called ${title}`);
  return found;
}

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

function throttled(cause: string): Failure {
  return {
    title: "throttled",
    operations: CHANGES,
    // However often a run asks: it ends first.
    settings: (call) => ({
      throttling: [
        { match: matching(call), operation: call.operation, refusals: 1000, surfaces: true },
      ],
    }),
    cause,
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
