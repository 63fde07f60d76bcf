import type { Input } from "@pulumi/pulumi";
import type { AzureClusterRef } from "../cluster/cluster-ref";
import type { HostProfile } from "../host-profile/host-profile";
import type { Taint } from "../shared/kvm-nodes";
import type { DeclaredMachine } from "./catalogue/machine";

/** Where a node's system disk lies. */
export const AksOsDisk = {
  /** On the host itself: fast, free, gone with the node. Only for sizes with room there. */
  Ephemeral: "Ephemeral",
  /** A managed disk beside the machine. */
  Managed: "Managed",
} as const;
/** See the members of the constant of the same name. */
export type AksOsDisk = (typeof AksOsDisk)[keyof typeof AksOsDisk];

/** The system of an AKS node. */
export const AksImage = {
  /** The Ubuntu that AKS pairs with the Kubernetes version. */
  Ubuntu: "Ubuntu",
  /** Ubuntu 22.04. */
  Ubuntu2204: "Ubuntu2204",
  /** Ubuntu 24.04. */
  Ubuntu2404: "Ubuntu2404",
} as const;
/** See the members of the constant of the same name. */
export type AksImage = (typeof AksImage)[keyof typeof AksImage];

/** What runs containers on an AKS node. */
export const AksWorkloadRuntime = {
  /** Ordinary containers, which may open `/dev/kvm`. */
  OciContainer: "OCIContainer",
  /** Microsoft's own pod sandbox on its own hypervisor, which leaves no `/dev/kvm`: refused for a KVM pool. */
  KataVmIsolation: "KataVmIsolation",
} as const;
/** See the members of the constant of the same name. */
export type AksWorkloadRuntime = (typeof AksWorkloadRuntime)[keyof typeof AksWorkloadRuntime];

/** Machines that Azure sells cheaply and takes back. */
export interface AksSpot {
  /** The highest price paid, in US dollars an hour; -1 is the ordinary one. Defaults to -1. */
  maxPricePerHour?: number;
}

/** Arguments of {@link AzureKvmNodePool}. */
export interface AzureKvmNodePoolArgs {
  /** The cluster that the nodes join. */
  cluster: AzureClusterRef;
  /** Id of the subnet that the nodes stand in: all pools of a cluster share a virtual network. */
  subnetId: Input<string>;
  /** Availability zones, as in `1`, `2`, `3`. */
  zones: string[];
  /** Size of each node's system disk in GiB. Defaults to 128. */
  diskGib?: number;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /**
   * Encrypts what lies on the host, temporary disks and caches too. The subscription must have the feature
   * `Microsoft.Compute/EncryptionAtHost`. Defaults to true.
   */
  encryptionAtHost?: boolean;
  /**
   * What the host is to look like, as far as AKS' node configuration can say it: its kernel settings; the rest is
   * refused. Defaults to AKS' own settings.
   */
  hostProfile?: HostProfile;
  /** The nodes' system. Defaults to `AksImage.Ubuntu`. */
  image?: AksImage;
  /** Further labels of the nodes, beside the contract's. Defaults to none. */
  labels?: Record<string, string>;
  /** A machine that the catalogue does not list, instead of `vmSize`. Defaults to none. */
  machine?: DeclaredMachine;
  /** The most nodes; more than `minNodes` hands the number to the autoscaler. Defaults to `minNodes`. */
  maxNodes?: number;
  /** The most pods of a node, 30 to 250. Defaults to 110. */
  maxPodsPerNode?: number;
  /** How many nodes an upgrade adds at a time: a count or a percentage. Defaults to "1". */
  maxSurge?: string;
  /** The least nodes. Defaults to 1. */
  minNodes?: number;
  /** Where a node's system disk lies. Defaults to the host where the size has room there, else to a managed disk. */
  osDisk?: AksOsDisk;
  /** Uses machines that Azure may take back any time. Defaults to machines that stay. */
  spot?: AksSpot;
  /** Tags of the pool and its machines. Defaults to none. */
  tags?: Record<string, string>;
  /** Further taints of the nodes, beside the contract's. Defaults to none. */
  taints?: Taint[];
  /** Trusted Launch: secure boot and a virtual TPM, under which nothing nests; true is refused. Defaults to false. */
  trustedLaunch?: boolean;
  /** Version of the nodes, as in `1.36.2`. Defaults to the control plane's. */
  version?: Input<string>;
  /** Size of the machines, as in `Standard_D8s_v5`; needed unless `machine` is given. Defaults to none. */
  vmSize?: string;
  /** What runs containers. Defaults to `AksWorkloadRuntime.OciContainer`. */
  workloadRuntime?: AksWorkloadRuntime;
}
