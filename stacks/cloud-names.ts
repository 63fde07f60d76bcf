import { LONGEST_NAME, nameFaults } from "../components/shared/names";
import type { Fault } from "../components/shared/faults";
import type { FabricConfig } from "./schema";

/** Logical names of what a target stands up below the fabric. They begin names in the cloud, which are once an account. */
export interface CloudNames {
  cluster: string;
  karpenter: string;
  network: string;
  pool: (pool: string) => string;
}

/** The names of a stack's cloud: of its environment, unless the stack has a name of its own. */
export function cloudNames(config: Pick<FabricConfig, "environment" | "name">): CloudNames {
  const name = config.name ?? `fabric-${config.environment}`;
  return {
    cluster: name,
    karpenter: `${name}-karpenter`,
    network: `${name}-network`,
    pool: (pool) => `${name}-kvm-${pool}`,
  };
}

/** Checks the stack's own name: half of the longest is left for what is named after it. */
export function cloudNameFaults(path: string, name: string): Fault[] {
  const longest = Math.floor(LONGEST_NAME / 2);
  if (nameFaults(path, name).length === 0 && name.length <= longest) return [];
  const allowed = `a-z, 0-9 and -, first a letter, last not a dash, at most ${String(longest)} characters`;
  return [{ path, problem: "cannot begin names in the cloud", got: name, allowed }];
}
