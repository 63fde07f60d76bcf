import {
  CONDITION_TYPE,
  conditionWrite,
  type NodeReport,
} from "../../components/node-provisioner/node-reports";
import {
  labelWrite,
  openWrite,
  type NodeWrite,
} from "../../components/node-provisioner/node-writes";
import {
  domainFaults,
  nodeContract,
  type NodeContract,
} from "../../components/shared/node-contract";
import { PROVISIONER_POD } from "../cluster/pod-stages";
import { isFake, type NodeView, type PodView } from "./objects";

/** Selects every provisioner pod by its label. */
export const PROVISIONER_SELECTOR = `${PROVISIONER_POD.key}=${PROVISIONER_POD.value}`;

/** What a provisioner pod's reporting container knows and is about to tell. */
export interface Report {
  namespace: string;
  podName: string;
  podUid: string;
  serviceAccount: string;
  contract: NodeContract;
  assetSet: string;
  /** The DaemonSet whose end is the end of the report. Undefined for pods that know of none. */
  daemonSet: string | undefined;
}

/** A provisioner pod: it has nothing to tell yet, tells something, or could never. */
export type Reporting =
  | { state: "waiting" }
  | { state: "broken"; reason: string }
  | { state: "reporting"; report: Report };

/** What the `report` container of a provisioner pod would tell: nothing once the pod is going away. */
export function reportingOf(pod: PodView): Reporting {
  return pod.metadata.deletionTimestamp === undefined ? voiceOf(pod) : { state: "waiting" };
}

/**
 * As whom the `report` container of a provisioner pod speaks, also while the pod is going away. It starts
 * once the pod runs and every init container has succeeded; until then it does not speak.
 */
export function voiceOf(pod: PodView): Reporting {
  if (!containersStarted(pod)) {
    return { state: "waiting" };
  }
  const container = pod.spec.containers.find(({ name }) => name === "report");
  const env = new Map(container?.env.map(({ name, value }) => [name, value]));
  const domain = env.get("KVM_FABRIC_DOMAIN");
  const assetSet = env.get("KVM_FABRIC_ASSET_SET");
  if (domain === undefined || assetSet === undefined || assetSet === "") {
    return {
      state: "broken",
      reason: "no container `report` with KVM_FABRIC_DOMAIN and KVM_FABRIC_ASSET_SET",
    };
  }
  if (domainFaults("domain", domain).length > 0) {
    return { state: "broken", reason: `KVM_FABRIC_DOMAIN is not a domain: ${domain}` };
  }
  const daemonSet = env.get("KVM_FABRIC_DAEMON_SET");
  return {
    state: "reporting",
    report: { ...identityOf(pod), contract: nodeContract(domain), assetSet, daemonSet },
  };
}

/**
 * The reports that count for a node: one a domain, of its newest pod. During a rolling update two pods
 * of one provisioner may run on a node; the older one's asset set is no longer the current one there.
 */
export function reportsFor(node: NodeView, pods: Iterable<PodView>): Report[] {
  if (!isFake(node) || node.metadata.deletionTimestamp !== undefined) {
    return [];
  }
  const newest = new Map<string, Report>();
  for (const pod of [...pods].sort(byAge)) {
    const reporting = reportingOf(pod);
    if (pod.spec.nodeName === node.metadata.name && reporting.state === "reporting") {
      newest.set(reporting.report.contract.domain, reporting.report);
    }
  }
  return [...newest.values()];
}

/** What is said of a simulated node, which the real container would say otherwise. */
const SIMULATED: NodeReport = {
  status: "True",
  reason: "Simulated",
  message: "no files and no microVM are on this node: it is simulated",
};

/** The next of the at most two writes that a node needs: label and startup taint, or the label alone; the condition. */
export function nextWrite(
  { contract, assetSet }: Report,
  node: NodeView,
  now = new Date(),
): NodeWrite | undefined {
  const opening = openWrite(contract, assetSet, node);
  if (opening) return opening;
  if (node.metadata.labels[contract.assetsLabel] !== assetSet) {
    return labelWrite(contract, assetSet);
  }
  const said = node.status.conditions.find(({ type }) => type === CONDITION_TYPE);
  if (said?.status === SIMULATED.status && said.reason === SIMULATED.reason) return undefined;
  const time = now.toISOString().replace(/\.\d+Z$/, "Z");
  return conditionWrite(SIMULATED, time, time);
}

function containersStarted({ spec, status }: PodView): boolean {
  if (status.phase !== "Running") {
    return false;
  }
  return spec.initContainers
    .filter(({ restartPolicy }) => restartPolicy !== "Always")
    .every(({ name }) => {
      const found = status.initContainerStatuses.find((container) => container.name === name);
      return found?.state.terminated?.exitCode === 0;
    });
}

function identityOf({ metadata, spec }: PodView) {
  return {
    namespace: metadata.namespace ?? "default",
    podName: metadata.name,
    podUid: metadata.uid,
    serviceAccount: spec.serviceAccountName,
  };
}

function byAge(left: PodView, right: PodView): number {
  return order(left).localeCompare(order(right));
}

// Timestamps are RFC 3339 in UTC, so they sort as text; the uid settles a tie.
function order({ metadata }: PodView): string {
  return `${metadata.creationTimestamp} ${metadata.uid}`;
}
