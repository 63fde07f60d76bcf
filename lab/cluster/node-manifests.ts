import { nodeContract, type NodeContract } from "../../components/shared/node-contract";
import type { KubeObject } from "../kube/objects";
import { FAKE_NODE_ANNOTATION } from "./config";

/** Label of every node that the lab made, by which it finds them again; its value is the node's kind. */
export const LAB_NODE_LABEL = "lab.kvm-fabric.dev/node";

/** Kinds of simulated node. */
export const NodeKind = {
  /** Can run KVM: carries what a node pool promises, and is closed by the startup taint. */
  Kvm: "kvm",
  /** An ordinary node for everything else. */
  Plain: "plain",
} as const;

/** Kinds of simulated node. */
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind];

/** The zones that nodes are spread over, in turn. */
export const LAB_ZONES = ["lab-a", "lab-b", "lab-c"] as const;

const REGION = "lab";

// First octets of the nodes' addresses, so that a kind's nodes never share one with the other's or with pods.
const ADDRESS_PREFIX = { kvm: "10.128", plain: "10.129" } as const;

/** Largest number of nodes of one kind that addresses and four-digit names allow. */
export const MAX_NODES = 9999;

/** Name of a simulated node: `kvm-0000` and on. */
export function nodeName(kind: NodeKind, index: number): string {
  return `${kind}-${String(index).padStart(4, "0")}`;
}

/**
 * A simulated node: 16 CPUs, 64 GiB, 110 pods, as kubelet would register it. A KVM node carries the
 * capability label, the worker taint and the startup taint of the contract (defaults to the default domain's).
 */
export function nodeManifest(
  kind: NodeKind,
  index: number,
  contract: NodeContract = nodeContract(),
): KubeObject {
  const name = nodeName(kind, index);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { [FAKE_NODE_ANNOTATION.key]: FAKE_NODE_ANNOTATION.value },
      labels: { ...commonLabels(name, kind, index), ...kindLabels(kind, contract) },
    },
    spec: {
      providerID: `lab://${name}`,
      ...(kind === NodeKind.Kvm && { taints: kvmTaints(contract) }),
    },
    status: nodeStatus(name, kind, index),
  };
}

function commonLabels(name: string, kind: NodeKind, index: number): Record<string, string> {
  return {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "node.kubernetes.io/instance-type": `lab.${kind}`,
    "topology.kubernetes.io/region": REGION,
    "topology.kubernetes.io/zone": LAB_ZONES[index % LAB_ZONES.length] ?? LAB_ZONES[0],
    [LAB_NODE_LABEL]: kind,
  };
}

function kindLabels(kind: NodeKind, contract: NodeContract): Record<string, string> {
  if (kind === NodeKind.Plain) return {};
  return { [contract.capabilityLabel]: "true", [contract.poolLabel]: "lab-kvm" };
}

function kvmTaints(contract: NodeContract) {
  return [
    { key: contract.workerTaint, value: "true", effect: "NoSchedule" },
    { key: contract.startupTaint, effect: "NoSchedule" },
  ];
}

function nodeStatus(name: string, kind: NodeKind, index: number) {
  const prefix = ADDRESS_PREFIX[kind];
  const address = `${prefix}.${Math.floor(index / 250)}.${(index % 250) + 1}`;
  const capacity = { cpu: "16", memory: "64Gi", pods: "110", "ephemeral-storage": "200Gi" };
  return {
    addresses: [
      { type: "InternalIP", address },
      { type: "Hostname", address: name },
    ],
    allocatable: capacity,
    capacity,
  };
}
