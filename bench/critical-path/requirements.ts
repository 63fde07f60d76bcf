import { awsReferences } from "../../lab/engine/simulated-cloud/clouds/aws/references";
import { valuesAt } from "../../lab/engine/simulated-cloud/clouds/paths";
import { referred } from "../../lab/engine/simulated-cloud/clouds/references";
import { World } from "../../lab/engine/simulated-cloud/clouds/world";
import { RULES } from "./rules";
import type { StateResource } from "./state";

/** That one resource cannot do without another, whoever writes the program. */
export interface Requirement {
  /** URN of what needs. */
  from: string;
  /** URN of what is needed. */
  to: string;
  /** Whether only taking down asks for it. */
  isForDestroy: boolean;
  why: string;
}

/**
 * What the resources need of each other: what the simulated cloud's own table says that they name, and the rules of what
 * works only after something else. How the program orders them plays no part.
 */
export function requirementsOf(resources: readonly StateResource[]): Requirement[] {
  return [...named(resources), ...byRule(resources)].filter(({ from, to }) => from !== to);
}

function named(resources: readonly StateResource[]): Requirement[] {
  const world = new World();
  for (const resource of resources) {
    if (!resource.custom) continue;
    const { type, id, name, urn, inputs } = resource;
    const state = { ...inputs, ...resource.outputs };
    world.put({ type, id, scope: "", name, urn, inputs, state, hiddenCalls: 0 });
  }
  return resources.flatMap((resource) =>
    awsReferences.references
      .filter((reference) => reference.from === resource.type)
      .flatMap((reference) =>
        valuesAt(resource.inputs, reference.path).flatMap((value): Requirement[] => {
          if (typeof value !== "string") return [];
          const found = referred(world, reference, value, resource.inputs);
          const why = `names it in ${reference.path}`;
          if (!found) return [];
          return [{ from: resource.urn, to: found.urn, isForDestroy: false, why }];
        }),
      ),
  );
}

function byRule(resources: readonly StateResource[]): Requirement[] {
  return RULES.flatMap(({ needs, isNeeded, of, isForDestroy = false, why }) => {
    const needed = resources.filter((resource) => resource.custom && isNeeded(resource));
    return resources
      .filter((resource) => resource.custom && needs(resource))
      .flatMap((from) =>
        needed
          .filter((to) => of === undefined || of(from, to))
          .map((to) => ({ from: from.urn, to: to.urn, isForDestroy, why })),
      );
  });
}
