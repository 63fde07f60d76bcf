import { domainFaults, nodeContract } from "../../components/shared/node-contract";
import { isFake, type NodeView } from "./objects";

/** How many pods a simulated node lets open /dev/kvm at once: what the real device plugin offers. */
export const KVM_DEVICES = "100";

/** A merge patch of a node's status. */
export interface StatusPatch {
  status: { capacity: Record<string, string>; allocatable: Record<string, string> };
}

const CAPABILITY_SUFFIX = "/kvm-enabled";

/** The domains in whose name a node is promised to run KVM, from its labels. */
export function kvmDomains(node: NodeView): string[] {
  return Object.entries(node.metadata.labels)
    .filter(([key, value]) => key.endsWith(CAPABILITY_SUFFIX) && value === "true")
    .map(([key]) => key.slice(0, -CAPABILITY_SUFFIX.length))
    .filter((domain) => domainFaults("label", domain).length === 0);
}

/**
 * What a device plugin would make the kubelet report of a node, or undefined where nothing is to be
 * done.
 *
 * It waits for Ready: kwok fills capacity and allocatable with its defaults only where they are empty,
 * so a device written before that would leave the node without CPU, memory and pod slots. Once both
 * are there kwok repeats what it finds, hence the patch is written once.
 */
export function statusPatch(node: NodeView): StatusPatch | undefined {
  if (!isFake(node) || node.metadata.deletionTimestamp !== undefined || !isReady(node)) {
    return undefined;
  }
  const missing = kvmDomains(node)
    .map((domain) => nodeContract(domain).kvmResource)
    .filter((resource) => !offers(node, resource));
  if (missing.length === 0) {
    return undefined;
  }
  const devices = Object.fromEntries(missing.map((resource) => [resource, KVM_DEVICES]));
  return { status: { capacity: devices, allocatable: devices } };
}

function isReady(node: NodeView): boolean {
  return node.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

function offers({ status }: NodeView, resource: string): boolean {
  return status.capacity[resource] === KVM_DEVICES && status.allocatable[resource] === KVM_DEVICES;
}
