import { conditionRemoval } from "../../components/node-provisioner/node-reports";
import { labelRemoval } from "../../components/node-provisioner/node-writes";
import { isPodGone, isRefused } from "./answers";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import type { ObjectCache } from "./object-cache";
import { isFake, keyOf, type NodeView, type PodView } from "./objects";
import { voiceOf, type Report } from "./report-plan";
import type { PodIdentity, SimulatorApi } from "./simulator-api";

/** What departures work with. */
export interface DepartureParts {
  api: SimulatorApi;
  nodes: ObjectCache<NodeView>;
  /** The provisioner pods that run on a node, as far as they are known. */
  podsOn: (node: string) => Iterable<PodView>;
  /** How often the departure of a pod was tried, by uid; Infinity once the pod has ended. */
  departed: Map<string, number>;
  metrics: Metrics;
  log: Log;
}

/** How often the farewell of a pod is tried; the queue's waits make about 8 s of it, the script takes 10. */
const MOST_TRIES = 5;

/**
 * Makes the function that stands for provisioner pods being told to end on one node. The `report`
 * container looks whether its DaemonSet goes and takes its label off the node only then; afterwards the
 * pod is over, which the kubelet would tell the API server. Throws what went wrong, so that the caller
 * tries again later, until the container would have given up.
 */
export function departures(parts: DepartureParts) {
  const { api, nodes, podsOn, departed, log } = parts;
  return async (nodeName: string): Promise<void> => {
    const node = nodes.get(nodeName);
    if (node === undefined || !isFake(node)) {
      return;
    }
    for (const pod of podsOn(nodeName)) {
      const { uid } = pod.metadata;
      const tries = (departed.get(uid) ?? 0) + 1;
      if (pod.metadata.deletionTimestamp === undefined || tries > MOST_TRIES) {
        continue;
      }
      departed.set(uid, tries);
      try {
        await farewell(parts, nodeName, pod);
      } catch (error) {
        if (tries < MOST_TRIES) throw error;
        log(`pod ${keyOf(pod)} gives up; its label may be left on node ${nodeName}`);
      }
      await api.endPod(pod);
      departed.set(uid, Infinity);
    }
  };
}

async function farewell(parts: DepartureParts, nodeName: string, pod: PodView): Promise<void> {
  const voice = voiceOf(pod);
  if (voice.state !== "reporting") {
    return;
  }
  let identity: PodIdentity | undefined;
  try {
    identity = await parts.api.actAs(voice.report);
    await withdraw(parts, nodeName, voice.report, identity);
  } catch (error) {
    if (isPodGone(error, identity !== undefined)) {
      return;
    }
    if (isRefused(error)) {
      parts.metrics.count("node_writes_refused_total");
      parts.log(`REFUSED: farewell of pod ${keyOf(pod)} on node ${nodeName}: ${error.message}`);
    }
    throw error;
  } finally {
    identity?.close();
  }
}

async function withdraw(
  { metrics }: DepartureParts,
  nodeName: string,
  { namespace, daemonSet, contract }: Report,
  identity: PodIdentity,
): Promise<void> {
  if (daemonSet === undefined || !(await identity.isDaemonSetLeaving(namespace, daemonSet))) {
    return;
  }
  await identity.writeNode(nodeName, labelRemoval(contract));
  await identity.writeNode(nodeName, conditionRemoval());
  metrics.count("withdrawals_total");
}
