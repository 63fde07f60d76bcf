import type { Input } from "@pulumi/pulumi";
import type { MachineArchitecture } from "../../shared/machine-architecture";

/** What makes Kubernetes of machines. It never changes: the other one is another cluster. */
export const Distribution = {
  /** One binary with all that a node needs, etcd and container runtime included. */
  K3s: "k3s",
  /** Kubernetes' own programs. containerd, runc and the CNI's plugins are the machine's owner's: each host is checked for them. */
  Kubeadm: "kubeadm",
} as const;
/** See the members of the constant of the same name. */
export type Distribution = (typeof Distribution)[keyof typeof Distribution];

/** What a host does in the cluster. It never changes: take a host out in one run, and in again in the next. */
export const HostRole = {
  /** Runs API server and etcd, and no other pods. */
  ControlPlane: "control-plane",
  /** Runs pods. */
  Worker: "worker",
  /** Runs API server and etcd, and pods. */
  Both: "both",
} as const;
/** See the members of the constant of the same name. */
export type HostRole = (typeof HostRole)[keyof typeof HostRole];

/** What gives pods their addresses. */
export const Cni = {
  /** eBPF, network policies, encryption; its chart is installed by k3s. */
  Cilium: "cilium",
  /** Part of k3s, with its network policy controller. */
  Flannel: "flannel",
  /** The Tigera operator's chart, installed by k3s. */
  Calico: "calico",
  /** The caller installs one: until then no node is ready. */
  None: "none",
} as const;
/** See the members of the constant of the same name. */
export type Cni = (typeof Cni)[keyof typeof Cni];

/** How traffic between nodes is hidden from who carries it. */
export const Encryption = {
  /** WireGuard in each node's kernel: keys are made there, and only public ones leave it. */
  WireGuard: "wireguard",
  /** Not at all: for hosts in one trusted network. */
  None: "none",
} as const;
/** See the members of the constant of the same name. */
export type Encryption = (typeof Encryption)[keyof typeof Encryption];

/** A machine that exists: Linux with systemd, reached over SSH as root or as a user with sudo and no password. */
export interface Host {
  /** Address at which the machine is reached over SSH and by the other nodes. IPv4, or a name that each of them resolves. */
  address: Input<string>;
  /**
   * The machine's public SSH host key, as `ssh-keyscan -t ed25519 HOST` prints it behind the name: `ssh-ed25519 AAAA...`.
   * Required: without it anybody on the way could answer in the machine's place.
   */
  hostKey: Input<string>;
  /** Name of the machine and of its node: a DNS label. */
  name: string;
  /** What the machine does. */
  role: HostRole;
  /** Processor. Defaults to "amd64". */
  architecture?: MachineArchitecture;
  /** Labels of its node. Defaults to none. */
  labels?: Record<string, string>;
  /** SSH port. Defaults to 22. */
  port?: number;
  /** Address that other sites reach the node at, where that is not `address`. Defaults to `address`. */
  publicAddress?: Input<string>;
  /** Network that the machine is in. Traffic between two of them is encrypted. Defaults to "default". */
  site?: string;
  /** User to log in as. Defaults to "root". */
  user?: string;
  /** Failure domain: the label `topology.kubernetes.io/zone` of its node. Defaults to none. */
  zone?: string;
}

/** How all hosts are logged in to. */
export interface HostAccess {
  /** The private key (OpenSSH or PEM). Keep it in a secret. */
  privateKey: Input<string>;
  /** What the private key is encrypted with. Defaults to nothing. */
  privateKeyPassword?: Input<string>;
}

/** One file of a release, a sum for each architecture that a host has. */
export interface Sums {
  /** SHA-256 of the file for x86_64. Required where a host is one. */
  amd64?: string;
  /** SHA-256 of the file for aarch64. Required where a host is one. */
  arm64?: string;
}

/**
 * The release that all hosts run. k3s: `sha256sum-ARCH.txt` of the release has the sums of `k3s` and `k3s-arm64`. kubeadm:
 * each program's URL with `.sha256` behind it has its sum.
 */
export interface ClusterRelease {
  /** SHA-256 of the binary `k3s`, with kubeadm that of `kubeadm`. */
  sha256: Sums;
  /** Exact version, as in `v1.36.3+k3s1`, with kubeadm as in `v1.36.3`. */
  version: string;
  /**
   * Where binaries are fetched from: `BASE/VERSION/k3s[-arm64]`, with kubeadm `BASE/VERSION/bin/linux/ARCH/PROGRAM`.
   * Defaults to k3s's releases on GitHub, with kubeadm to `https://dl.k8s.io/release`.
   */
  downloadBaseUrl?: string;
  /** SHA-256 of `kubectl`. Required with kubeadm, and of no use with k3s. */
  kubectlSha256?: Sums;
  /** SHA-256 of `kubelet`. Required with kubeadm, and of no use with k3s. */
  kubeletSha256?: Sums;
}

/** A file of Kubernetes objects. */
export interface Manifest {
  /** SHA-256 of the file. */
  sha256: string;
  /** Where it is fetched from, over https. */
  url: string;
}

/** The address at which the API server answers, whichever server is up. */
export interface ApiEndpoint {
  /** A free address of the servers' network for kube-vip; else the address or name of a TCP load balancer of the caller's. */
  address: Input<string>;
  /** kube-vip's image, by digest: the servers then carry the address among themselves. Not with kubeadm. Defaults to none: a balancer does. */
  kubeVipImage?: string;
  /** Network interface that carries the address. Defaults to the one of the default route. */
  kubeVipInterface?: string;
}

/** The pods' network. */
export interface ClusterNetwork {
  /** What gives pods their addresses. Defaults to "cilium". */
  cni?: Cni;
  /** Exact version of the CNI's chart, as in `1.19.1` for Cilium, `v3.31.2` for Calico. Required for these two with k3s. */
  cniChartVersion?: string;
  /**
   * The CNI's objects, which the first server applies; they must be made for `podCidr`. Required with kubeadm, which
   * installs no charts, unless `cni` is "none"; of no use with k3s.
   */
  cniManifest?: Manifest;
  /** DNS domain of the Services. Defaults to "cluster.local". */
  clusterDomain?: string;
  /** How traffic between nodes is hidden. Defaults to "wireguard" with hosts on several sites, else to "none". */
  encryption?: Encryption;
  /** Range of the pods' addresses, IPv4. Defaults to "10.42.0.0/16". */
  podCidr?: string;
  /** Range of the Services' addresses, IPv4. Defaults to "10.43.0.0/16". */
  serviceCidr?: string;
}

/** Where snapshots of etcd go, besides the servers' disks. */
export interface SnapshotBucket {
  /** Access key of an identity that may write to the bucket. */
  accessKey: Input<string>;
  /** Name of the bucket. */
  bucket: Input<string>;
  /** Host name of the S3 API, as in `s3.eu-central-1.amazonaws.com`. */
  endpoint: Input<string>;
  /** Secret key of that identity. */
  secretKey: Input<string>;
  /** Folder in the bucket. Defaults to the cluster's name. */
  folder?: Input<string>;
  /** Region of the bucket. Defaults to "us-east-1". */
  region?: Input<string>;
}

/** Snapshots of etcd. A restore needs the server token of the same cluster: keep {@link BareMetalCluster.serverToken} with them. */
export interface EtcdSnapshots {
  /** How many each server keeps. Defaults to 28: a week of them. */
  retained?: number;
  /** Where they go, besides the servers' disks. Not with kubeadm. Defaults to nowhere else. */
  s3?: SnapshotBucket;
  /** When one is saved, as a cron schedule. Defaults to "17 0,6,12,18 * * *", which is the only one with kubeadm. */
  schedule?: string;
}

/** Arguments of {@link BareMetalCluster}. */
export interface BareMetalClusterArgs {
  /** How the hosts are logged in to. */
  access: HostAccess;
  /** The machines: an odd number of servers, any number of workers. The first server begins the cluster. */
  hosts: Host[];
  /** The release that all hosts run. */
  release: ClusterRelease;
  /** Where the API server answers. Required with several servers. Defaults to the only server's address. */
  api?: ApiEndpoint;
  /** Keeps the servers and the tokens from being deleted. Defaults to true. */
  deletionProtection?: boolean;
  /** What makes Kubernetes of the machines. Defaults to "k3s". */
  distribution?: Distribution;
  /** Free space that /var/lib of each host must have before it joins, in GiB. Defaults to 20. */
  minimumDiskGib?: number;
  /** The pods' network. Defaults to what {@link ClusterNetwork} says. */
  network?: ClusterNetwork;
  /** Snapshots of etcd. Defaults to what {@link EtcdSnapshots} says. */
  snapshots?: EtcdSnapshots;
  /** Further names and addresses in the API server's certificate. Defaults to none. */
  tlsSans?: string[];
}
