import type { Input } from "@pulumi/pulumi";
import type { GcpClusterRef } from "../cluster/cluster-ref";
import type { HostProfile } from "../host-profile/host-profile";
import type { Taint } from "../shared/kvm-nodes";
import type { DeclaredMachine } from "./catalogue/machine";

/** How a GKE cluster is run. */
export const GkeClusterMode = {
  /** Its node pools are ours. */
  Standard: "standard",
  /** Its nodes are Google's, without nested virtualisation: refused for a KVM pool. */
  Autopilot: "autopilot",
} as const;
/** See the members of the constant of the same name. */
export type GkeClusterMode = (typeof GkeClusterMode)[keyof typeof GkeClusterMode];

/** The image of a GKE node. */
export const GkeImageType = {
  /** Ubuntu with containerd: any version takes nested virtualisation. */
  Ubuntu: "UBUNTU_CONTAINERD",
  /** Container-Optimized OS with containerd: from 1.28.4-gke.1083000. */
  ContainerOptimized: "COS_CONTAINERD",
} as const;
/** See the members of the constant of the same name. */
export type GkeImageType = (typeof GkeImageType)[keyof typeof GkeImageType];

/** How GKE brings a new version to the nodes of a pool. */
export const GkeUpgradeStrategy = {
  /** Some nodes more, some fewer, until all are new. */
  Surge: "SURGE",
  /** A whole new set of nodes beside the old one, which stays for an hour in case of a way back. */
  BlueGreen: "BLUE_GREEN",
} as const;
/** See the members of the constant of the same name. */
export type GkeUpgradeStrategy = (typeof GkeUpgradeStrategy)[keyof typeof GkeUpgradeStrategy];

/** How GKE's autoscaler spreads nodes over zones. */
export const GkeLocationPolicy = {
  /** The same number in each zone, as far as it can be had. */
  Balanced: "BALANCED",
  /** Wherever machines can be had: right for spot. */
  Any: "ANY",
} as const;
/** See the members of the constant of the same name. */
export type GkeLocationPolicy = (typeof GkeLocationPolicy)[keyof typeof GkeLocationPolicy];

/** Arguments of {@link GcpKvmNodePool}. */
export interface GcpKvmNodePoolArgs {
  /** The cluster that the nodes join. */
  cluster: GcpClusterRef;
  /** Version of the nodes, in full, as in `1.36.3-gke.1640000`: nothing moves it but you, or `autoUpgrade`. */
  version: Input<string>;
  /** Zones that the nodes stand in, as in `europe-west1-b`. */
  zones: string[];
  /** Replaces nodes that fail. Defaults to true. */
  autoRepair?: boolean;
  /**
   * Lets GKE upgrade the nodes, as it demands of clusters in a release channel; `version` then is only where the
   * pool starts. Defaults to false.
   */
  autoUpgrade?: boolean;
  /** Key of Cloud KMS that encrypts the nodes' disks. Defaults to Google's own keys. */
  bootDiskKmsKey?: Input<string>;
  /** How the cluster is run. Defaults to `GkeClusterMode.Standard`. */
  clusterMode?: GkeClusterMode;
  /** Size of each node's disk in GiB. Defaults to 100. */
  diskGib?: number;
  /** Kind of each node's disk, as in `hyperdisk-balanced`, which C4 needs. Defaults to "pd-ssd", with C4 to that. */
  diskType?: string;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /**
   * What the host is to look like, as far as GKE's node configuration can say it: huge pages and its kernel settings;
   * the rest is refused. Defaults to GKE's own settings.
   */
  hostProfile?: HostProfile;
  /** The nodes' image. Defaults to `GkeImageType.Ubuntu`. */
  imageType?: GkeImageType;
  /** Further labels of the nodes, beside the contract's. Defaults to none. */
  labels?: Record<string, string>;
  /** How nodes are spread over the zones. Defaults to `Balanced`, with `spot` to `Any`. */
  locationPolicy?: GkeLocationPolicy;
  /** A machine that the catalogue does not list, instead of `machineType`. Defaults to none. */
  machine?: DeclaredMachine;
  /** Type of the machines, as in `n2-standard-8`; needed unless `machine` is given. Defaults to none. */
  machineType?: string;
  /** The most nodes, over all zones; more than `minNodes` hands the number to the autoscaler. Defaults to `minNodes`. */
  maxNodes?: number;
  /** The most pods of a node, 8 to 256. Defaults to 110. */
  maxPodsPerNode?: number;
  /** The most nodes that an upgrade adds, with `Surge`. Defaults to 1. */
  maxSurge?: number;
  /** The most nodes that an upgrade takes away, with `Surge`. Defaults to 0. */
  maxUnavailable?: number;
  /** Metadata of the machines; GKE's own keys are refused. Defaults to `disable-legacy-endpoints=true`. */
  metadata?: Record<string, string>;
  /** The least nodes, over all zones. Defaults to 1. */
  minNodes?: number;
  /** Network tags, which firewall rules go by. Defaults to none. */
  networkTags?: string[];
  /**
   * Starts nothing that is not signed: the kernel then loads no modules but the image's own, which KVM's are.
   * Defaults to true.
   */
  secureBoot?: boolean;
  /** Email of the nodes' service account. Defaults to one of the pool's own, with `serviceAccountRoles`. */
  serviceAccount?: Input<string>;
  /**
   * Roles that the pool's own service account gets in the project. Defaults to
   * `roles/container.defaultNodeServiceAccount` and `roles/artifactregistry.reader`.
   */
  serviceAccountRoles?: string[];
  /** Uses machines that Google may take back any time. Defaults to false. */
  spot?: boolean;
  /** Labels of the machines and disks, as bills show them. Defaults to none. */
  tags?: Record<string, string>;
  /** Further taints of the nodes, beside the contract's. Defaults to none. */
  taints?: Taint[];
  /**
   * Threads of each core: 2, or 1, which switches multithreading off. Required with nested machines, where leaving
   * it to the provider sends 0, which Google refuses; metal machines take none. Defaults to none.
   */
  threadsPerCore?: number;
  /** How new versions come to the nodes. Defaults to `GkeUpgradeStrategy.Surge`. */
  upgradeStrategy?: GkeUpgradeStrategy;
}
