import { isKubeError } from "../kube/kube-error";
import { statusPatch } from "./device-plugin-plan";
import type { Metrics } from "./metrics";
import type { ObjectCache } from "./object-cache";
import type { NodeView } from "./objects";
import type { SimulatorApi } from "./simulator-api";

/** What the device plugin's stand-in works with. */
export interface DevicePluginParts {
  api: SimulatorApi;
  nodes: ObjectCache<NodeView>;
  metrics: Metrics;
}

/**
 * Makes the function that stands for the device plugin on one node: it gives the node its KVM devices
 * if it lacks them. Throws KubeError where the write failed for a reason other than the node's end.
 */
export function devicePlugin({ api, nodes, metrics }: DevicePluginParts) {
  return async (name: string): Promise<void> => {
    const node = nodes.get(name);
    const patch = node && statusPatch(node);
    if (patch === undefined) {
      return;
    }
    try {
      nodes.learn(await api.patchNodeStatus(name, patch));
      metrics.count("device_plugin_writes_total");
    } catch (error) {
      if (!isKubeError(error, "NotFound")) throw error;
    }
  };
}
