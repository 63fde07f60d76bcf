import type { Fault } from "../../shared/faults";
import { nodeCountFaults, wholeNumberFaults } from "../../shared/numbers";
import { patternFaults } from "../../shared/patterns";
import type { AksClusterPool } from "./args";
import { defaults } from "./defaults";

/** Finds what AKS would refuse in a pool of the cluster. */
export function poolFaults(
  path: string,
  pool: AksClusterPool,
  nodeAutoProvisioning: boolean,
): Fault[] {
  const { diskGib, maxNodes, maxPodsPerNode, vmSize } = pool;
  const minNodes = pool.minNodes ?? defaults.pool.minNodes;
  const sizes = [
    ...wholeNumberFaults(`${path}.minNodes`, minNodes, 1, 1000),
    ...wholeNumberFaults(`${path}.maxNodes`, maxNodes, 1, 1000),
  ];
  return [
    ...sizes,
    ...(sizes.length > 0
      ? []
      : [
          ...nodeCountFaults(`${path}.`, minNodes, maxNodes ?? minNodes),
          ...autoscalingFaults(`${path}.maxNodes`, minNodes, maxNodes, nodeAutoProvisioning),
        ]),
    ...wholeNumberFaults(`${path}.diskGib`, diskGib, 30, 2048),
    ...wholeNumberFaults(`${path}.maxPodsPerNode`, maxPodsPerNode, 30, 250),
    ...patternFaults(
      `${path}.vmSize`,
      vmSize,
      /^Standard_[A-Z][-_A-Za-z0-9]+$/,
      "not a size of Azure",
      "as in Standard_D4s_v5",
    ),
  ];
}

function autoscalingFaults(
  path: string,
  minNodes: number,
  got: number | undefined,
  nodeAutoProvisioning: boolean,
): Fault[] {
  if (got === undefined || got <= minNodes || !nodeAutoProvisioning) return [];
  const problem = "more than minNodes: no pool is autoscaled beside node auto-provisioning";
  return [{ path, problem, got, allowed: String(minNodes) }];
}

/** Checks availability zones; a region has at most three. */
export function zoneFaults(path: string, zones: readonly string[] | undefined): Fault[] {
  if (zones === undefined) return [];
  if (zones.length === 0) {
    return [{ path, problem: "empty", allowed: "1, 2, 3", fix: "to leave it out" }];
  }
  return zones.flatMap((got, index) => {
    const at = `${path}[${String(index)}]`;
    if (!["1", "2", "3"].includes(got)) {
      return [{ path: at, problem: "not a zone of Azure", got, allowed: "1, 2, 3" }];
    }
    return zones.indexOf(got) < index ? [{ path: at, problem: "given twice", got }] : [];
  });
}
