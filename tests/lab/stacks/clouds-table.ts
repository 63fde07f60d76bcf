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

/** A minor version of Kubernetes up, as a change of a stack's settings. */
export interface Upgrade {
  from: string;
  /** Two minor versions ahead of it. */
  beyond: string;
  /** What the settings of the stack name. */
  to: string;
  apply: (fabric: any, version: string) => void;
  /** All that an up makes of it, sorted; see `engineRun`. */
  steps: string[];
  /** The calls of the update by the names of what they update: those of one list in any order, before the next list. */
  order: string[][];
}

/** A run that fails in the middle. */
export interface FailingRun {
  /** Title of its failure; see `failuresOf`. */
  failure: string;
  /** Type and name of the resource at which it does. */
  at: string;
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
  /** Runs that fail before the stack is there. */
  /** Runs that fail before it is all there. Each kind of failure is met by one of the clouds; AWS's story has thirty runs. */
  failingUps: FailingRun[];
  upgrade: Upgrade;
  changes: Change[];
  /** Runs that fail before it is gone. */
  failingDowns: FailingRun[];
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
  failingUps: [
    { failure: "engine killed", at: "gcp:container/cluster:Cluster fabric-prod" },
    { failure: "answer lost", at: "gcp:container/nodePool:NodePool fabric-prod-system" },
  ],
  upgrade: {
    from: "1.35.8-gke.1036000",
    to: "1.36.3-gke.1640000",
    beyond: "1.37.0-gke.1000000",
    apply: ({ gcp: { cluster, pools } }, version) => {
      cluster.kubernetesVersion = version;
      for (const name of ["nested", "spot"]) pools[name].version = version;
    },
    steps: [
      "update Cluster fabric-prod: minMasterVersion",
      "update GcpCluster fabric-prod",
      "update GcpKvmNodePool fabric-prod-kvm-nested",
      "update GcpKvmNodePool fabric-prod-kvm-spot",
      "update NodePool fabric-prod-kvm-nested: version",
      "update NodePool fabric-prod-kvm-spot: version",
      "update NodePool fabric-prod-services: version",
      "update NodePool fabric-prod-system: version",
    ],
    order: [
      ["fabric-prod"],
      [
        "fabric-prod-kvm-nested",
        "fabric-prod-kvm-spot",
        "fabric-prod-services",
        "fabric-prod-system",
      ],
    ],
  },
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
  failingDowns: [
    { failure: "in use", at: "gcp:compute/subnetwork:Subnetwork fabric-prod-network-nodes" },
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
  failingUps: [
    { failure: "over a quota", at: "azure-native:network:NatGateway fabric-prod-network-nat" },
    { failure: "throttled", at: "azure-native:containerservice:AgentPool fabric-prod-kvm-nested" },
  ],
  upgrade: {
    from: "1.35.6",
    to: "1.36.2",
    beyond: "1.37.0",
    apply: ({ azure: { cluster } }, version) => (cluster.kubernetesVersion = version),
    steps: [
      "update AgentPool fabric-prod-kvm-nested: orchestratorVersion",
      "update AgentPool fabric-prod-kvm-spot: orchestratorVersion",
      "update AgentPool fabric-prod-services: orchestratorVersion",
      "update AzureCluster fabric-prod",
      "update AzureKvmNodePool fabric-prod-kvm-nested",
      "update AzureKvmNodePool fabric-prod-kvm-spot",
      "update ManagedCluster fabric-prod: agentPoolProfiles[0].orchestratorVersion, kubernetesVersion",
    ],
    // One pool after the other: AKS refuses a second operation.
    order: [
      ["fabric-prod"],
      ["fabric-prod-services"],
      ["fabric-prod-kvm-nested"],
      ["fabric-prod-kvm-spot"],
    ],
  },
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
  failingDowns: [
    {
      failure: "engine killed",
      at: "azure-native:containerservice:AgentPool fabric-prod-kvm-spot",
    },
  ],
  destroy: azureOrder,
};

/** The clouds beside AWS, whose story tests/lab/prod tells. */
export const CLOUDS: readonly CloudCase[] = [gcp, azure];
