import type { Input, Output } from "@pulumi/pulumi";
import type { HostAccess } from "./args";

/** How pools join a cluster of one's own machines. Each value is an output of the cluster. */
export interface BareMetalClusterRef {
  /** How the server is logged in to. */
  access: HostAccess;
  /** What lets a host join as a worker. Secret. */
  agentToken: Input<string>;
  /** Address of the API server, without scheme and port. */
  apiAddress: Input<string>;
  /** The cluster's authority: its certificate, in PEM. Required of a cluster of kubeadm, and of no use with k3s. */
  certificateAuthority?: Input<string>;
  /** The CNI of the cluster, as in `cilium`. */
  cni: Input<string>;
  /** How traffic between nodes is hidden, as in `wireguard`. */
  encryption: Input<string>;
  /** Version that the servers run, as in `v1.36.3+k3s1`. */
  kubernetesVersion: Input<string>;
  /** Address of a server, which drains nodes before they go. */
  serverAddress: Input<string>;
  /** Public SSH host key of that server. */
  serverHostKey: Input<string>;
  /** SSH port of that server. */
  serverPort: Input<number>;
  /** User to log in to that server as. */
  serverUser: Input<string>;
}

/** What `BareMetalCluster` gives away of itself: the fields of the reference beside `access`. */
export interface BareMetalClusterOutputs {
  agentToken: Output<string>;
  apiAddress: Output<string>;
  certificateAuthority: Output<string>;
  cni: Output<string>;
  encryption: Output<string>;
  kubernetesVersion: Output<string>;
  serverAddress: Output<string>;
  serverHostKey: Output<string>;
  serverPort: Output<number>;
  serverUser: Output<string>;
}

/** The reference to a cluster that pools take, with the key that its servers are logged in to with. */
export function bareMetalClusterRef(
  cluster: BareMetalClusterOutputs,
  access: HostAccess,
): BareMetalClusterRef {
  return {
    access,
    agentToken: cluster.agentToken,
    apiAddress: cluster.apiAddress,
    certificateAuthority: cluster.certificateAuthority,
    cni: cluster.cni,
    encryption: cluster.encryption,
    kubernetesVersion: cluster.kubernetesVersion,
    serverAddress: cluster.serverAddress,
    serverHostKey: cluster.serverHostKey,
    serverPort: cluster.serverPort,
    serverUser: cluster.serverUser,
  };
}
