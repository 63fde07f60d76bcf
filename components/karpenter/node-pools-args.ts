import type { Input } from "@pulumi/pulumi";
import type { MachineArchitecture } from "../shared/machine-architecture";
import type { KarpenterScaling, KarpenterTaint, KarpenterWarmBuffer } from "./pool-args";

/** A condition on the machines of a pool. */
export interface KarpenterRequirement {
  /** Label of the machines, as in "karpenter.azure.com/sku-cpu". */
  key: string;
  /** "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Gte" or "Lte". */
  operator: string;
  /** What the label is compared with; one number with "Gt" and its like. Defaults to none. */
  values?: string[];
}

/** An object that says how machines are made, and that exists already. */
export interface KarpenterNodeClass {
  /** API group of its kind, as in "karpenter.kwok.sh". */
  group: string;
  /** As in "KWOKNodeClass". */
  kind: string;
  /** Its name. */
  name: string;
}

/** How AKS makes the machines of a pool. */
export interface AksMachines {
  /** Sizes that give /dev/kvm, as in "Standard_D8s_v5"; each is looked up in the catalogue. */
  sizes: string[];
  /** Encrypts disks and caches on the host too; the subscription must have the feature. Defaults to true. */
  encryptionAtHost?: boolean;
  /** Size of the disk in GiB, 30 to 2048. Defaults to 128. */
  osDiskSizeGib?: number;
  /** Id of the subnet. Defaults to the cluster's own. */
  subnetId?: Input<string>;
  /** Tags of the machines. Defaults to none. */
  tags?: Record<string, string>;
}

/** A pool of KVM machines of a Karpenter that somebody else runs. Its machines: either `aks` or `nodeClass`. */
export interface KarpenterNodePool {
  /** Name of the pool, within the component. */
  name: string;
  /** Machines of AKS: makes an AKSNodeClass. Defaults to none. */
  aks?: AksMachines;
  /** Architecture of the machines. Defaults to amd64. */
  architecture?: MachineArchitecture;
  /** Rights to open /dev/kvm that a node has: what the device plugin offers. Defaults to 100. */
  kvmUnits?: number;
  /** Further labels of the nodes. Defaults to none. */
  labels?: Record<string, string>;
  /** A class of machines that exists already. Defaults to none. */
  nodeClass?: KarpenterNodeClass;
  /** Further conditions on the machines. Defaults to none. */
  requirements?: KarpenterRequirement[];
  /** How far the pool grows, and when its nodes go. Defaults to what {@link KarpenterScaling} says. */
  scaling?: KarpenterScaling;
  /** Further taints, beside the worker taint. Defaults to none. */
  taints?: KarpenterTaint[];
  /** Nodes that stand ready for the next guests. Defaults to none. */
  warm?: KarpenterWarmBuffer;
}

/** Arguments of {@link KarpenterNodePools}. */
export interface KarpenterNodePoolsArgs {
  /** The pools. */
  pools: KarpenterNodePool[];
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /**
   * Says in a NodeOverlay how many rights to open /dev/kvm a machine has. Without it Karpenter makes no machine for a
   * pod that asks for one, nor any machine at all beside the node provisioner, which asks for one on each node. Needs
   * the feature gate NodeOverlay, and who runs Karpenter turns that on. AKS is not known to: without it, pools are
   * `AzureKvmNodePool`, with a least and a most of nodes. Defaults to true.
   */
  overlays?: boolean;
}
