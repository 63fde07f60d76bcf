import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/bare-metal";

const config = new pulumi.Config();
const access = { privateKey: config.requireSecret("sshKey") };
const release = config.requireObject<fabric.ClusterRelease>("release");
const snapshots = config.requireObject<fabric.SnapshotBucket>("snapshots");

// The home's router forwards port 6443 to the server and UDP port 51820 to it; the workers have public addresses.
const cluster = new fabric.BareMetalCluster("keystone", {
  access,
  release,
  api: { address: config.require("publicAddress") },
  hosts: config.requireObject<fabric.Host[]>("hosts"),
  network: { cni: fabric.Cni.Flannel, encryption: fabric.Encryption.WireGuard },
  snapshots: { s3: { ...snapshots, secretKey: config.requireSecret("snapshotsSecretKey") } },
});

const pool = new fabric.BareMetalKvmNodePool("keystone-cloud", {
  access,
  release,
  cluster: fabric.bareMetalClusterRef(cluster, access),
  hosts: config.requireObject<fabric.KvmHost[]>("kvmHosts"),
  labels: { site: "cloud" },
});

/** The administrator's kubeconfig: `pulumi stack output kubeconfig --show-secrets`. */
export const { kubeconfig } = cluster;
/** Keep it with the snapshots of etcd: a restore needs it. */
export const { serverToken } = cluster;
/** Names of the nodes that run microVMs. */
export const { nodeNames } = pool;
