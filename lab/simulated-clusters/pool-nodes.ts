import { FAKE_NODE_ANNOTATION } from "../cluster/config";
import type { NodeTaint, SimulatedPool } from "../engine/simulated-cloud/effects";
import type { KubeObject } from "../kube/objects";
import { cloudOf } from "./cloud";
import { machineSize } from "./machine";
import { shortHash } from "./record";

/** Label of every simulated machine's node: a hash of its pool's id. */
export const POOL_LABEL = "lab.kvm-fabric.dev/pool";

/** Annotation that keeps what the node joined with, to tell later what the pool changed since. */
export const JOINED_ANNOTATION = "lab.kvm-fabric.dev/joined-with";

/** What a pool's nodes join with, apart from what the machine itself decides. */
export interface Joined {
  labels: Record<string, string>;
  taints: NodeTaint[];
}

// A node's name is also a label, of 63 characters at most: 45 + 1 + 5 + 1 + 4 are fewer.
const MAX_POOL_NAME = 45;

// Clouds spell effects in capitals: NO_SCHEDULE.
const EFFECTS: Partial<Record<string, string>> = {
  NO_SCHEDULE: "NoSchedule",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
  NO_EXECUTE: "NoExecute",
};

/** The value of {@link POOL_LABEL} for a pool's nodes. */
export function poolLabel(poolId: string): string {
  return shortHash(poolId, 16);
}

/** What the pool's nodes join with, its taints spelled as Kubernetes does. Pure. */
export function joinedWith({ labels, taints }: SimulatedPool): Joined {
  return {
    labels,
    taints: taints.map((taint) => ({ ...taint, effect: EFFECTS[taint.effect] ?? taint.effect })),
  };
}

/** The nodes of a pool of a cluster of that resource type. Pure. */
export function poolNodes(clusterType: string, pool: SimulatedPool): KubeObject[] {
  return Array.from({ length: pool.count }, (_, index) => poolNode(clusterType, pool, index));
}

function poolNode(clusterType: string, pool: SimulatedPool, index: number): KubeObject {
  const cloud = cloudOf(clusterType);
  const machine = pool.machines?.[index];
  const name = machine?.name ?? nodeName(pool, index);
  const zone = pool.zones[index % pool.zones.length] ?? "";
  const joined = joinedWith(pool);
  const { architecture, cpus, memoryGib } = machineSize(pool.machineType);
  const capacity = { cpu: String(cpus), memory: `${memoryGib}Gi`, pods: "110" };
  const whole = { ...capacity, "ephemeral-storage": "100Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: {
        [FAKE_NODE_ANNOTATION.key]: FAKE_NODE_ANNOTATION.value,
        [JOINED_ANNOTATION]: JSON.stringify(joined),
      },
      labels: {
        "kubernetes.io/arch": architecture,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": pool.machineType,
        ...(zone !== "" && {
          "topology.kubernetes.io/region": cloud.region(zone),
          "topology.kubernetes.io/zone": zone,
        }),
        ...joined.labels,
        "kubernetes.io/hostname": name,
        [POOL_LABEL]: poolLabel(pool.id),
      },
    },
    spec: {
      providerID: cloud.providerId(zone, name, shortHash(name, 16)),
      ...(joined.taints.length > 0 && { taints: joined.taints }),
    },
    status: {
      addresses: [
        { type: "InternalIP", address: machine?.address ?? addressOf(name) },
        { type: "Hostname", address: name },
      ],
      allocatable: whole,
      capacity: whole,
      // kwok fills in a version of its own where there is none.
      ...(machine && { nodeInfo: { kubeletVersion: machine.kubeletVersion } }),
    },
  };
}

// Pools of one name have nodes side by side while one takes the other's place.
function nodeName({ id, name }: SimulatedPool, index: number): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const short = plain.slice(0, MAX_POOL_NAME).replaceAll(/^-+|-+$/g, "") || "pool";
  return `${short}-${shortHash(id, 5)}-${String(index).padStart(4, "0")}`;
}

// Of 10.128.0.0/9: nothing dials it, it only has to look like a node's.
function addressOf(name: string): string {
  const bytes = Buffer.from(shortHash(name, 6), "hex");
  const [a = 0, b = 0, c = 0] = bytes;
  return `10.${128 + (a % 128)}.${b}.${c}`;
}
