import type { DestroyOrder } from "../prod/destroy-order";
import { azureOrder, gcpOrder } from "./orders";

/** A change of a stack's settings, and all that an up makes of it. */
export interface Change {
  what: string;
  apply: (fabric: any) => void;
  /** Sorted; see `engineRun`. */
  steps: string[];
  /** Whether a preview, which never lies, is asked before. */
  previewed?: boolean;
  /** Nodes of the changed pool afterwards. */
  nodes: { pool: string; count: number };
}

/** A cloud whose stack is stood up in the lab, and what it is to look like there. */
export interface CloudCase {
  name: "gcp" | "azure";
  /** The program that gives out credentials. */
  login: string;
  /** Of the pool `nested`. */
  machines: { type: string; zones: string[]; cpu: string; labels: Record<string, unknown> };
  /** Taints of the nodes of the pool `spot`, once proven. */
  spotTaints: string[];
  /** Nodes with KVM at first. */
  kvmNodes: number;
  changes: Change[];
  destroy: DestroyOrder;
}

const WORKER_TAINT = "kvm-fabric.dev/worker=true:NoSchedule";

function replaced(kind: string, component: string, changed: string): string[] {
  return [
    `create-replacement ${kind} fabric-prod-kvm-second: ${changed}`,
    `delete-replaced ${kind} fabric-prod-kvm-second`,
    `replace ${kind} fabric-prod-kvm-second: ${changed}`,
    `update ${component} fabric-prod-kvm-second`,
  ];
}

const gcp: CloudCase = {
  name: "gcp",
  login: "gke-gcloud-auth-plugin",
  machines: {
    type: "n2-standard-16",
    zones: ["europe-west1-b", "europe-west1-c", "europe-west1-d"],
    cpu: "16",
    labels: { "cloud.google.com/gke-nodepool": expect.stringMatching(/^fabric-prod-kvm-nested-/) },
  },
  spotTaints: [WORKER_TAINT],
  // A zone of `spot` starts with one.
  kvmNodes: 5,
  changes: [
    {
      what: "a pool's least and most are the autoscaler's bounds, no machine's",
      apply: ({ gcp: { pools } }) => Object.assign(pools.nested, { minNodes: 4, maxNodes: 40 }),
      steps: [
        "update GcpKvmNodePool fabric-prod-kvm-nested",
        "update NodePool fabric-prod-kvm-nested: autoscaling.totalMaxNodeCount, autoscaling.totalMinNodeCount",
      ],
      nodes: { pool: "nested", count: 3 },
    },
    {
      what: "another pool is made, and nothing else is touched",
      apply: ({ gcp: { pools } }) =>
        (pools.second = { ...pools.nested, zones: ["europe-west1-b"], minNodes: 1 }),
      steps: [
        "create Account fabric-prod-kvm-second",
        "create GcpKvmNodePool fabric-prod-kvm-second",
        "create IAMMember fabric-prod-kvm-second-artifactregistry.reader",
        "create IAMMember fabric-prod-kvm-second-container.defaultNodeServiceAccount",
        "create NodePool fabric-prod-kvm-second",
      ],
      previewed: true,
      nodes: { pool: "second", count: 1 },
    },
    {
      what: "a new image comes in place",
      apply: ({ gcp: { pools } }) => (pools.second.imageType = "COS_CONTAINERD"),
      steps: [
        "update GcpKvmNodePool fabric-prod-kvm-second",
        "update NodePool fabric-prod-kvm-second: nodeConfig.imageType",
      ],
      nodes: { pool: "second", count: 1 },
    },
    {
      what: "what GKE cannot change makes a pool of another name, before the old one goes",
      apply: ({ gcp: { pools } }) => (pools.second.threadsPerCore = 1),
      steps: replaced(
        "NodePool",
        "GcpKvmNodePool",
        "name, nodeConfig.advancedMachineFeatures.threadsPerCore (forced by name, nodeConfig)",
      ),
      previewed: true,
      nodes: { pool: "second", count: 1 },
    },
  ],
  destroy: gcpOrder,
};

const azure: CloudCase = {
  name: "azure",
  login: "kubelogin",
  machines: {
    type: "Standard_D16ds_v5",
    zones: ["westeurope-1", "westeurope-2", "westeurope-3"],
    cpu: "16",
    labels: { "kubernetes.azure.com/agentpool": expect.stringMatching(/^[a-z0-9]{12}$/) },
  },
  spotTaints: ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule", WORKER_TAINT],
  kvmNodes: 4,
  changes: [
    {
      what: "a pool's least and most are the autoscaler's bounds, no machine's",
      apply: ({ azure: { pools } }) => Object.assign(pools.nested, { minNodes: 4, maxNodes: 40 }),
      steps: [
        "update AgentPool fabric-prod-kvm-nested: maxCount, minCount",
        "update AzureKvmNodePool fabric-prod-kvm-nested",
      ],
      nodes: { pool: "nested", count: 3 },
    },
    {
      what: "another pool is made, and nothing else is touched",
      apply: ({ azure: { pools } }) =>
        (pools.second = { vmSize: "Standard_D16ds_v5", zones: ["1"], minNodes: 1 }),
      steps: [
        "create AgentPool fabric-prod-kvm-second",
        "create AzureKvmNodePool fabric-prod-kvm-second",
      ],
      previewed: true,
      nodes: { pool: "second", count: 1 },
    },
    {
      what: "a fixed pool grows by machines, and takes a new image, in place",
      apply: ({ azure: { pools } }) =>
        Object.assign(pools.second, { minNodes: 2, image: "Ubuntu2404" }),
      steps: [
        "update AgentPool fabric-prod-kvm-second: count, osSKU",
        "update AzureKvmNodePool fabric-prod-kvm-second",
      ],
      nodes: { pool: "second", count: 2 },
    },
    {
      what: "what AKS cannot change makes a pool of another name, before the old one goes",
      apply: ({ azure: { pools } }) => (pools.second.vmSize = "Standard_D8ds_v5"),
      steps: replaced(
        "AgentPool",
        "AzureKvmNodePool",
        "agentPoolName, vmSize (forced by agentPoolName, vmSize)",
      ),
      previewed: true,
      nodes: { pool: "second", count: 2 },
    },
  ],
  destroy: azureOrder,
};

/** The clouds beside AWS, whose story tests/lab/prod tells. */
export const CLOUDS: readonly CloudCase[] = [gcp, azure];
