import { LONGEST_NAME, nameFaults } from "../components/shared/names";
import type { Fault } from "../components/shared/faults";
import type { FabricConfig } from "./schema";

/**
 * Names of what a target stands up below the fabric, and of the services that its cloud runs for it. They begin names in the
 * cloud, which are once an account. All but the stores' are logical names too: a store keeps its own, whoever runs it.
 */
export interface CloudNames {
  cluster: string;
  karpenter: string;
  network: string;
  pool: (pool: string) => string;
  postgres: string;
  redis: string;
  uploader: string;
}

/** The names of a stack's cloud: of its environment, unless the stack has a name of its own. */
export function cloudNames(config: Pick<FabricConfig, "environment" | "name">): CloudNames {
  const name = config.name ?? `fabric-${config.environment}`;
  return {
    cluster: name,
    karpenter: `${name}-karpenter`,
    network: `${name}-network`,
    pool: (pool) => `${name}-kvm-${pool}`,
    postgres: `${name}-postgres`,
    redis: `${name}-redis`,
    uploader: `${name}-uploader`,
  };
}

/** Checks the stack's own name: half of the longest is left for what is named after it, and stores take single dashes. */
export function cloudNameFaults(path: string, name: string): Fault[] {
  const longest = Math.floor(LONGEST_NAME / 2);
  const isName = nameFaults(path, name).length === 0 && !name.includes("--");
  if (isName && name.length <= longest) return [];
  const allowed = `a-z, 0-9 and single dashes, first a letter, last not a dash, at most ${String(longest)} characters`;
  return [{ path, problem: "cannot begin names in the cloud", got: name, allowed }];
}
