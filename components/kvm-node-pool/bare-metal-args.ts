import type { Input } from "@pulumi/pulumi";
import type { HostAccess, ClusterRelease } from "../cluster/bare-metal/args";
import type { BareMetalClusterRef } from "../cluster/bare-metal/cluster-ref";
import type { HostProfile } from "../host-profile/host-profile";
import type { Taint } from "../shared/kvm-nodes";
import type { MachineArchitecture } from "../shared/machine-architecture";

/** A machine that can run KVM: Linux with systemd, reached over SSH as root or as a user with sudo and no password. */
export interface KvmHost {
  /** Address at which the machine is reached over SSH and by the other nodes: IPv4, or a name that each of them resolves. */
  address: Input<string>;
  /** The machine's public SSH host key, as in `ssh-ed25519 AAAA...`. */
  hostKey: Input<string>;
  /** Name of the machine and of its node: a DNS label. */
  name: string;
  /** Processor. Defaults to "amd64". */
  architecture?: MachineArchitecture;
  /** Labels of its node beside the pool's. Defaults to none. */
  labels?: Record<string, string>;
  /** SSH port. Defaults to 22. */
  port?: number;
  /** Whose machine it is, or its type: a company whose machines have no `/dev/kvm` is refused. Defaults to unknown. */
  provider?: string;
  /** Address that other sites reach the node at, where that is not `address`. Defaults to `address`. */
  publicAddress?: Input<string>;
  /** User to log in as. Defaults to "root". */
  user?: string;
  /** Failure domain: the label `topology.kubernetes.io/zone` of its node. Defaults to none. */
  zone?: string;
}

/** Arguments of {@link BareMetalKvmNodePool}. */
export interface BareMetalKvmNodePoolArgs {
  /** How the machines are logged in to. */
  access: HostAccess;
  /** The cluster that they join, as `bareMetalClusterRef` gives it. */
  cluster: BareMetalClusterRef;
  /** The machines. */
  hosts: KvmHost[];
  /** The release that they run: the cluster's, or one that is at most three minor versions older. */
  release: ClusterRelease;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /** Labels of each node beside the node contract's. They count when a node joins, not later. Defaults to none. */
  labels?: Record<string, string>;
  /** Free space that /var/lib of each host must have before it joins, in GiB. Defaults to 20. */
  minimumDiskGib?: number;
  /** What the hosts look like below Kubernetes. Defaults to what {@link HostProfile} says. */
  profile?: HostProfile;
  /** Taints of each node beside the node contract's. They count when a node joins, not later. Defaults to none. */
  taints?: Taint[];
}
