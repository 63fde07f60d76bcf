import { type Operation, seconds } from "./durations";
import {
  type Chain,
  longestChain,
  rankedSeconds,
  reversed,
  scheduledSeconds,
  type Step,
} from "./graph";
import { type Requirement, requirementsOf } from "./requirements";
import type { StateResource } from "./state";

/** How long a stack takes in its own order, and how long it would take at least. Times in seconds. */
export interface CriticalPath {
  /** The longest chain in the order of the program, with everything at once that can be. */
  modelled: Chain;
  /** The same with so many at once as the engine does. */
  scheduledSeconds: number;
  /** The longest chain of what the cloud and Kubernetes ask for. */
  unavoidable: Chain;
  /** The same with what only taking down asks for: the engine knows one order, and goes it both ways. */
  unavoidableBothWays: Chain;
}

/** Operations at once on a CI runner: Pulumi does four for each processor, and GitHub's have four. */
export const DEFAULT_PARALLEL = 16;

/** The critical path of creating, or of deleting, the resources of a state. */
export function criticalPath(
  resources: readonly StateResource[],
  operation: Operation = "create",
): CriticalPath {
  const own = steps(resources, operation, ({ after }) => after);
  const all = requirementsOf(resources);
  const forCreate = all.filter(({ isForDestroy }) => !isForDestroy);
  const required = steps(resources, operation, requiredBy(forCreate));
  const bothWays = steps(resources, operation, requiredBy(all));
  const turned = (list: Step[]) => (operation === "create" ? list : reversed(list));
  return {
    modelled: longestChain(turned(own)),
    scheduledSeconds:
      operation === "create" ? scheduledSeconds(own, DEFAULT_PARALLEL) : rankedSeconds(turned(own)),
    unavoidable: longestChain(turned(required)),
    unavoidableBothWays: longestChain(turned(bothWays)),
  };
}

function steps(
  resources: readonly StateResource[],
  operation: Operation,
  after: (resource: StateResource) => string[],
): Step[] {
  return resources.map((resource) => ({
    key: resource.urn,
    seconds: seconds(resource, operation),
    after: after(resource),
  }));
}

function requiredBy(requirements: readonly Requirement[]): (resource: StateResource) => string[] {
  const needs = new Map<string, string[]>();
  for (const { from, to } of requirements) needs.set(from, [...(needs.get(from) ?? []), to]);
  return ({ urn }) => needs.get(urn) ?? [];
}

/** A chain as lines to print: when each step begins, how long it takes, what it is. Steps of no time are left out. */
export function chainLines(
  chain: Chain,
  resources: readonly StateResource[],
  operation: Operation = "create",
): string[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const lines: string[] = [];
  let start = 0;
  for (const key of chain.keys) {
    const resource = byUrn.get(key);
    const length = resource === undefined ? 0 : seconds(resource, operation);
    if (resource === undefined || length === 0) continue;
    const kind = resource.type
      .replace(/^(aws|kubernetes):/, "")
      .split(":")
      .join(" ");
    lines.push(
      `${String(start).padStart(5)} s + ${String(length).padStart(3)} s  ${kind} ${resource.name}`,
    );
    start += length;
  }
  return lines;
}
