import { workerTolerations } from "../shared/node-contract";
import type { VmPod } from "./vm-pod";

/**
 * Nodes that are proven, with whatever asset set: while a new one is rolled out the nodes move one by one, and a
 * pod that asked for one set alone would be taken off every node that has another, all at once. Which set it
 * starts with, `hold` sees to.
 */
export function vmPlacement({ contract, nodeSelector, tolerations }: VmPod) {
  const others = Object.entries(nodeSelector).filter(([key]) => key !== contract.assetsLabel);
  const proven = { key: contract.assetsLabel, operator: "Exists" };
  return {
    nodeSelector: { ...Object.fromEntries(others), [contract.capabilityLabel]: "true" },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [proven] }],
        },
      },
    },
    tolerations: [...workerTolerations(contract), ...tolerations],
  };
}
