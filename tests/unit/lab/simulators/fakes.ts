import type { NodeWrite } from "../../../../components/node-provisioner/node-writes";
import { KubeError } from "../../../../lab/kube/kube-error";
import type { KubeObject } from "../../../../lab/kube/objects";
import type { StatusPatch } from "../../../../lab/simulators/device-plugin-plan";
import { parseNode, type NodeView, type PodView } from "../../../../lab/simulators/objects";
import type { Report } from "../../../../lab/simulators/report-plan";
import type { PodIdentity, SimulatorApi } from "../../../../lab/simulators/simulator-api";
import type { VolumeManifest } from "../../../../lab/simulators/volume-plan";

/** A taint as the fake API server keeps it. */
export interface FakeTaint {
  key: string;
  effect: string;
}

/** What may differ between the nodes of the tests. */
export interface FakeNode {
  name?: string;
  uid?: string;
  resourceVersion?: string;
  fake?: boolean;
  labels?: Record<string, string>;
  taints?: FakeTaint[];
  capacity?: Record<string, string>;
  ready?: boolean;
  /** Whether the node's condition says that it is proven. */
  said?: boolean;
}

/** A node as the API server would send it. */
export function nodeObject(node: FakeNode = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name ?? "kvm-0000",
      uid: node.uid ?? "node-uid",
      resourceVersion: node.resourceVersion ?? "1",
      labels: node.labels ?? { "kvm-fabric.dev/kvm-enabled": "true" },
      annotations: node.fake === false ? {} : { "kwok.x-k8s.io/node": "fake" },
    },
    spec: { taints: node.taints ?? [{ key: "kvm-fabric.dev/not-ready", effect: "NoSchedule" }] },
    status: {
      capacity: node.capacity ?? { cpu: "16" },
      allocatable: node.capacity ?? { cpu: "16" },
      conditions: [
        { type: "Ready", status: node.ready === false ? "False" : "True" },
        ...(node.said === true
          ? [{ type: "KvmFabricReady", status: "True", reason: "Simulated" }]
          : []),
      ],
    },
  };
}

/** What may differ between the provisioner pods of the tests. */
export interface FakePod {
  name?: string;
  uid?: string;
  resourceVersion?: string;
  nodeName?: string;
  createdAt?: string;
  deletedAt?: string;
  phase?: string;
  installed?: boolean;
  env?: Record<string, string>;
}

const PROVISIONER_ENV = {
  KVM_FABRIC_DOMAIN: "kvm-fabric.dev",
  KVM_FABRIC_ASSET_SET: "a1",
  KVM_FABRIC_DAEMON_SET: "provisioner",
};

/** A provisioner pod as the API server would send it. */
export function podObject(pod: FakePod = {}): KubeObject {
  const env = pod.env ?? PROVISIONER_ENV;
  const state = pod.installed === false ? { running: {} } : { terminated: { exitCode: 0 } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod.name ?? "provisioner-1",
      namespace: "agents",
      uid: pod.uid ?? "pod-uid",
      resourceVersion: pod.resourceVersion ?? "1",
      creationTimestamp: pod.createdAt ?? "2026-01-01T00:00:00Z",
      ...(pod.deletedAt !== undefined && { deletionTimestamp: pod.deletedAt }),
    },
    spec: {
      nodeName: pod.nodeName ?? "kvm-0000",
      serviceAccountName: "provisioner",
      initContainers: [{ name: "install" }],
      containers: [
        { name: "report", env: Object.entries(env).map(([name, value]) => ({ name, value })) },
      ],
    },
    status: {
      phase: pod.phase ?? "Running",
      initContainerStatuses: [{ name: "install", state }],
    },
  };
}

/** A write that the fake API server took, with the pod that made it. */
export interface TakenWrite {
  podUid: string;
  node: string;
  what: "label" | "opening" | "removal";
}

/**
 * An API server of one node: takes the three kinds of node write as the real one does, with its version
 * counted up at each change and a 422 for a JSON patch whose test fails.
 */
export class FakeApi implements SimulatorApi {
  /** Those of the node itself. */
  readonly writes: TakenWrite[] = [];
  /** Those of its condition, by the pods' uids: whether it was set or removed. */
  readonly conditions: string[] = [];
  said: boolean;
  readonly volumes: VolumeManifest[] = [];
  readonly addresses: string[] = [];
  readonly removedVolumes: string[] = [];
  readonly statusPatches: StatusPatch[] = [];
  /** The uids of the pods that were ended, in order. */
  readonly ended: string[] = [];
  /** What becomes of the DaemonSet that all pods name. */
  daemonSet: "there" | "going" = "there";
  openIdentities = 0;
  reads = 0;
  labels: Record<string, string>;
  taints: FakeTaint[];
  version = 1;
  /** Called before each node write: may change the node or throw what the server would refuse with. */
  beforeWrite: () => void = () => undefined;
  /** Called before each token: may throw. */
  beforeToken: () => void = () => undefined;
  /** Called before the DaemonSet is read: may throw. */
  beforeLook: () => void = () => undefined;

  constructor(taints: FakeTaint[], labels: Record<string, string> = {}) {
    this.taints = taints;
    this.labels = labels;
    this.said = "kvm-fabric.dev/assets" in labels;
  }

  node(): KubeObject {
    const { labels, taints, said, version } = this;
    return nodeObject({
      labels: { ...labels },
      taints: [...taints],
      said,
      resourceVersion: String(version),
    });
  }

  /** A change by somebody else. */
  change(taints: FakeTaint[]): void {
    this.taints = taints;
    this.version += 1;
  }

  patchNodeStatus = (_node: string, patch: StatusPatch): Promise<NodeView> => {
    this.statusPatches.push(patch);
    this.version += 1;
    return Promise.resolve(
      parseNode(
        nodeObject({
          resourceVersion: String(this.version),
          capacity: { cpu: "16", ...patch.status.capacity },
        }),
      ),
    );
  };

  actAs = (report: Report): Promise<PodIdentity> => {
    this.beforeToken();
    this.openIdentities += 1;
    return Promise.resolve({
      readNode: () => {
        this.reads += 1;
        return Promise.resolve(parseNode(this.node()));
      },
      // oxlint-disable-next-line typescript/require-await -- a throw has to become a rejection
      writeNode: async (node, write) => this.#take(report, node, write),
      // oxlint-disable-next-line typescript/require-await -- a throw has to become a rejection
      isDaemonSetLeaving: async (namespace, name) => {
        this.beforeLook();
        if (`${namespace}/${name}` !== "agents/provisioner")
          throw new Error(`${name}: not its own`);
        return this.daemonSet === "going";
      },
      close: () => {
        this.openIdentities -= 1;
      },
    });
  };

  endPod = ({ metadata }: PodView): Promise<void> => {
    this.ended.push(metadata.uid);
    return Promise.resolve();
  };

  createVolume = (volume: VolumeManifest): Promise<void> => {
    this.volumes.push(volume);
    return Promise.resolve();
  };

  giveAddress: SimulatorApi["giveAddress"] = (kind, { namespace, name }, hostname) => {
    this.addresses.push(`${kind} ${namespace}/${name} ${hostname}`);
    return Promise.resolve(true);
  };

  removeVolume = (name: string): Promise<void> => {
    this.removedVolumes.push(name);
    return Promise.resolve();
  };

  #take({ podUid }: Report, node: string, { contentType, body, subresource }: NodeWrite): NodeView {
    this.beforeWrite();
    // Its token died with it.
    if (this.ended.includes(podUid)) throw new KubeError(401, "Unauthorized", "Unauthorized");
    if (subresource === "status") {
      this.said = !JSON.stringify(body).includes('"$patch":"delete"');
      this.conditions.push(`${podUid} ${this.said ? "set" : "removed"}`);
    } else if (contentType === "application/merge-patch+json") {
      const { metadata } = body as { metadata: { labels: Record<string, string | null> } };
      const changed = Object.entries({ ...this.labels, ...metadata.labels });
      this.labels = Object.fromEntries(
        changed.filter((label): label is [string, string] => label[1] !== null),
      );
      const removed = Object.values(metadata.labels).includes(null);
      this.writes.push({ podUid, node, what: removed ? "removal" : "label" });
    } else {
      this.#open(body as { op: string; path: string; value?: string }[]);
      this.writes.push({ podUid, node, what: "opening" });
    }
    this.version += 1;
    return parseNode(this.node());
  }

  #open(operations: { op: string; path: string; value?: string }[]): void {
    for (const { op, path, value } of operations) {
      const [, , , index = "", field] = path.split("/");
      const taint = this.taints[Number(index)];
      if (op === "test" && taint?.[field as keyof FakeTaint] !== value) {
        throw new KubeError(422, "Invalid", "the server rejected our request: test failed");
      }
      if (op === "add") this.labels = { ...this.labels, "kvm-fabric.dev/assets": value ?? "" };
      if (op === "remove") this.taints = this.taints.filter((_, at) => at !== Number(index));
    }
  }
}
