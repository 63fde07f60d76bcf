import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/bare-metal";

const config = new pulumi.Config();
const access = { privateKey: config.requireSecret("sshKey") };
const release = config.requireObject<fabric.ClusterRelease>("release");

// Rented virtual servers have no KVM, and need none: they run the control plane behind the provider's TCP balancer.
const cluster = new fabric.BareMetalCluster("keystone", {
  access,
  release,
  api: { address: config.require("balancer") },
  hosts: config.requireObject<fabric.Host[]>("servers"),
  network: {
    cni: fabric.Cni.Cilium,
    cniChartVersion: config.require("ciliumVersion"),
    encryption: fabric.Encryption.WireGuard,
  },
});

const pool = new fabric.BareMetalKvmNodePool("keystone-metal", {
  access,
  release,
  cluster: fabric.bareMetalClusterRef(cluster, access),
  hosts: config.requireObject<fabric.KvmHost[]>("kvmHosts"),
  profile: { hugepages: { count: 4096 } },
});

/** The administrator's kubeconfig: `pulumi stack output kubeconfig --show-secrets`. */
export const { kubeconfig } = cluster;
/** Keep it with the snapshots of etcd: a restore needs it. */
export const { serverToken } = cluster;
/** Names of the nodes that run microVMs. */
export const { nodeNames } = pool;
