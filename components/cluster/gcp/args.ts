import type { Input } from "@pulumi/pulumi";
import type { GcpNetworkRef } from "../../network/network-ref";
import type { Weekday } from "../weekday";

/** A release channel of GKE: how early versions arrive, how long a minor version stays. */
export const GkeReleaseChannel = {
  /** First to get a version, without a service level agreement. */
  Rapid: "RAPID",
  /** Versions that have been in Rapid for some months. */
  Regular: "REGULAR",
  /** Versions that have been in Regular for some months. */
  Stable: "STABLE",
  /** As Regular, and a minor version may stay for 24 months; the last ten cost more. */
  Extended: "EXTENDED",
} as const;
export type GkeReleaseChannel = (typeof GkeReleaseChannel)[keyof typeof GkeReleaseChannel];

/** What a maintenance exclusion holds back. */
export const GkeExclusionScope = {
  /** Every upgrade. */
  NoUpgrades: "NO_UPGRADES",
  /** Upgrades to another minor version; clusters on a release channel only. */
  NoMinorUpgrades: "NO_MINOR_UPGRADES",
  /** As NoMinorUpgrades, and upgrades of nodes. */
  NoMinorOrNodeUpgrades: "NO_MINOR_OR_NODE_UPGRADES",
} as const;
export type GkeExclusionScope = (typeof GkeExclusionScope)[keyof typeof GkeExclusionScope];

/** When GKE may upgrade the cluster. */
export interface GkeMaintenanceWindow {
  /** Days on which the window opens. Defaults to Saturday and Sunday. */
  days?: Weekday[];
  /** Length of each window in hours, 4 to 24. Windows must add up to 12 hours a week. Defaults to 6. */
  durationHours?: number;
  /** When it opens: `HH:MM` in UTC. Defaults to "01:00". */
  startTime?: string;
}

/** A time in which GKE holds upgrades back. */
export interface GkeMaintenanceExclusion {
  /** When it ends: RFC 3339, as in `2026-12-31T00:00:00Z`. */
  endTime: string;
  /** Its name, unique in the cluster. */
  name: string;
  /** Defaults to `NoUpgrades`, which GKE allows for 30 days at most. */
  scope?: GkeExclusionScope;
  /** When it begins: RFC 3339. */
  startTime: string;
}

/** A pool of nodes that the cluster brings along: the system pool, or that of services. Not for KVM. */
export interface GkeClusterPool {
  /** Size of each boot disk in GiB, at least 20. Defaults to 50. */
  diskGib?: number;
  /**
   * Id of a Cloud KMS key for the boot disks; the Compute Engine service agent must be allowed to use it. Defaults to
   * Google's own keys.
   */
  diskKeyId?: Input<string>;
  /** Machine type. Defaults to "e2-standard-4". */
  machineType?: string;
  /** Most nodes, over all zones. Defaults to 6, or to `minNodes` where that is more. */
  maxNodes?: number;
  /** Most pods on a node, 8 to 256: GKE keeps twice as many addresses for each. Defaults to 64. */
  maxPodsPerNode?: number;
  /** Least nodes, over all zones. Defaults to 3. */
  minNodes?: number;
}

/** Arguments of a {@link GcpCluster}. */
export interface GcpClusterArgs {
  /** The network that the cluster lives in: a `GcpNetwork`, or the names of one that is there already. */
  network: GcpNetworkRef;
  /** Whether only images run that the project's Binary Authorization policy allows. Defaults to false. */
  binaryAuthorization?: boolean;
  /** Name of the cluster in Google Cloud, at most 40 characters. Defaults to the logical name, cut to fit. */
  clusterName?: string;
  /**
   * Id of an existing Cloud KMS key, in the cluster's region, that encrypts Secrets in etcd. Defaults to a key of the
   * cluster's own, rotated.
   */
  databaseKeyId?: Input<string>;
  /**
   * Whether cluster and key are protected in Pulumi's state, and the cluster by the provider too. To destroy them set
   * it to false and run `pulumi up` first. Defaults to true.
   */
  deletionProtection?: boolean;
  /**
   * Whether the API server also answers by a DNS name, from anywhere, behind Google's front end: whoever comes in
   * needs the IAM permission `container.clusters.connect`; no list of addresses applies. The kubeconfig then uses it:
   * no VPN, no bastion. Defaults to false.
   */
  dnsEndpoint?: boolean;
  /** Days after which the cluster's own key gets a new version, 7 to 365. Defaults to 90. */
  keyRotationDays?: number;
  /**
   * A pinned version, as in `1.36.3-gke.1640000`: nodes stay on it, the control plane until GKE ends its support.
   * Cannot be given beside `releaseChannel`. Defaults to none: the channel decides.
   */
  kubernetesVersion?: string;
  /** Labels of every resource that takes some. Defaults to none. */
  labels?: Record<string, string>;
  /** Times in which upgrades are held back. Defaults to none. */
  maintenanceExclusions?: GkeMaintenanceExclusion[];
  /** When upgrades may happen. Defaults to Saturday and Sunday, 01:00 to 07:00 UTC. */
  maintenanceWindow?: GkeMaintenanceWindow;
  /** Whether GKE collects Prometheus metrics; their storage costs by sample. Defaults to true. */
  managedPrometheus?: boolean;
  /** Zones of the region that nodes may be in. Defaults to three zones that GKE chooses. */
  nodeZones?: string[];
  /** Pub/Sub topic, `projects/P/topics/T`, that is told of upgrades and security bulletins. Defaults to none. */
  notificationTopic?: Input<string>;
  /** Ranges that reach the API server's private address beside the cluster's own subnet, such as a VPN's. Defaults to none. */
  privateAccessCidrs?: string[];
  /** Id of the project. Defaults to the provider's. */
  project?: Input<string>;
  /** Ranges that reach a public address of the API server. Defaults to none: it has no public address. */
  publicAccessCidrs?: string[];
  /** Release channel. Defaults to `Regular`, unless a version is pinned. */
  releaseChannel?: GkeReleaseChannel;
  /** Google Group `gke-security-groups@DOMAIN` whose member groups RBAC may name. Defaults to none. */
  securityGroup?: string;
  /**
   * Nodes for ordinary pods: untainted, so that whatever asks for no other nodes runs there. Without, such pods wait for
   * nodes of your own: system and KVM pools are tainted. Defaults to none.
   */
  servicesPool?: GkeClusterPool;
  /** Nodes for GKE's own components and what tolerates their taint. Defaults to three to six e2-standard-4. */
  systemPool?: GkeClusterPool;
  /** Whether workloads' logs go to Cloud Logging beside those of the system. Defaults to true. */
  workloadLogs?: boolean;
}
