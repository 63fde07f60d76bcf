import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/bare-metal";

const config = new pulumi.Config();
const access = { privateKey: config.requireSecret("sshKey") };
const release = config.requireObject<fabric.ClusterRelease>("release");

// Every host runs control plane and pods; kube-vip moves the API server's address between them.
const cluster = new fabric.BareMetalCluster("keystone", {
  access,
  release,
  api: config.requireObject<fabric.ApiEndpoint>("api"),
  hosts: config.requireObject<fabric.Host[]>("servers"),
  network: { cni: fabric.Cni.Cilium, cniChartVersion: config.require("ciliumVersion") },
});

const pool = new fabric.BareMetalKvmNodePool("keystone-kvm", {
  access,
  release,
  cluster: fabric.bareMetalClusterRef(cluster, access),
  hosts: config.requireObject<fabric.KvmHost[]>("kvmHosts"),
});

/** The administrator's kubeconfig: `pulumi stack output kubeconfig --show-secrets`. */
export const { kubeconfig } = cluster;
/** Keep it with the snapshots of etcd: a restore needs it. */
export const { serverToken } = cluster;
/** Names of the nodes that run microVMs. */
export const { nodeNames } = pool;
