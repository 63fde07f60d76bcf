import { FAKE_NODE_ANNOTATION } from "../../cluster/config";
import { fieldAt, isRecord, type KubeObject, listAt, textAt } from "../../kube/objects";
import { shortHash } from "../../simulated-clusters/record";
import { type Machine, machinesOf } from "./machines";

/** The finalizer by which Karpenter holds a NodeClaim until its machine is gone. */
export const CLAIM_FINALIZER = "karpenter.sh/termination";

/** The finalizer by which Karpenter holds an EC2NodeClass until no NodeClaim uses it. */
export const CLASS_FINALIZER = "karpenter.k8s.aws/termination";

/** Label of claims and nodes: the name of their NodePool. */
export const NODEPOOL_LABEL = "karpenter.sh/nodepool";

const CLASS_GROUP = "karpenter.k8s.aws";

/** Whether a NodePool or NodeClaim is of EC2NodeClasses: others are not this controller's. */
export function isOfEc2(object: KubeObject): boolean {
  const ref = nodeClassRef(object);
  return textAt(ref, "group") === CLASS_GROUP && textAt(ref, "kind") === "EC2NodeClass";
}

/** The reference to the node class of a NodePool or a NodeClaim. */
export function nodeClassRef(object: KubeObject): unknown {
  return (
    fieldAt(object, "spec", "nodeClassRef") ??
    fieldAt(object, "spec", "template", "spec", "nodeClassRef")
  );
}

/** A record of texts in an object; empty where it is missing. */
export function textsAt(object: unknown, ...path: string[]): Record<string, string> {
  const found = fieldAt(object, ...path);
  return Object.fromEntries(
    Object.entries(isRecord(found) ? found : {}).map(([key, value]) => [key, String(value)]),
  );
}

/** The labels that the node of a claim will have. Pure. */
export function machineLabels(nodePool: KubeObject, machine: Machine): Record<string, string> {
  const [family = "", size = ""] = machine.type.split(".");
  return {
    ...textsAt(nodePool, "spec", "template", "metadata", "labels"),
    "kubernetes.io/arch": machine.architecture,
    "kubernetes.io/os": "linux",
    "node.kubernetes.io/instance-type": machine.type,
    "karpenter.k8s.aws/instance-family": family,
    "karpenter.k8s.aws/instance-size": size,
    "karpenter.sh/capacity-type": machine.capacityType,
    "topology.kubernetes.io/zone": machine.zone,
    "topology.kubernetes.io/region": machine.zone.replace(/(?<=\d)[a-z]$/, ""),
    [NODEPOOL_LABEL]: nodePool.metadata.name ?? "",
  };
}

/** The NodeClaim for a machine of a NodePool, owned by it: foreground deletion of the pool waits for it. Pure. */
export function nodeClaim(nodePool: KubeObject, machine: Machine, suffix: string): KubeObject {
  const { name = "", uid = "" } = nodePool.metadata;
  const template = fieldAt(nodePool, "spec", "template", "spec");
  const spec = isRecord(template) ? template : {};
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodeClaim",
    metadata: {
      name: `${name}-${suffix}`,
      labels: machineLabels(nodePool, machine),
      finalizers: [CLAIM_FINALIZER],
      ownerReferences: [
        {
          ...{ apiVersion: "karpenter.sh/v1", kind: "NodePool", name, uid },
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { ...spec },
  };
}

/** The machine that a claim was made for, as its labels tell. Pure. */
export function machineOfClaim(claim: KubeObject): Machine | undefined {
  const labels = claim.metadata.labels ?? {};
  const type = labels["node.kubernetes.io/instance-type"];
  const zone = labels["topology.kubernetes.io/zone"] ?? "";
  const capacityType = labels["karpenter.sh/capacity-type"] ?? "";
  if (type === undefined) return undefined;
  const wanted = { key: "node.kubernetes.io/instance-type", operator: "In", values: [type] };
  const pool = { spec: { template: { spec: { requirements: [wanted] } } } };
  const [machine] = machinesOf({ apiVersion: "", kind: "", metadata: {}, ...pool }, 0);
  return machine && { ...machine, zone, capacityType };
}

/** The node that a claim's machine registers as, played by kwok. Pure. */
export function claimNode(claim: KubeObject): KubeObject {
  const { name = "", labels = {} } = claim.metadata;
  const machine = machineOfClaim(claim);
  const capacity = {
    cpu: String(machine?.cpus ?? 0),
    memory: `${String(machine?.memoryGib ?? 0)}Gi`,
    pods: "110",
    "ephemeral-storage": "100Gi",
  };
  const taints = [...listAt(claim, "spec", "taints"), ...listAt(claim, "spec", "startupTaints")];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { [FAKE_NODE_ANNOTATION.key]: FAKE_NODE_ANNOTATION.value },
      labels: { ...labels, "kubernetes.io/hostname": name, "karpenter.sh/registered": "true" },
    },
    spec: { providerID: providerId(claim), taints },
    status: {
      addresses: [{ type: "Hostname", address: name }],
      allocatable: capacity,
      capacity,
    },
  };
}

/** What the cloud calls the machine of a claim. */
export function providerId(claim: KubeObject): string {
  const zone = claim.metadata.labels?.["topology.kubernetes.io/zone"] ?? "";
  return `aws:///${zone}/i-0${shortHash(claim.metadata.name ?? "", 16)}`;
}
