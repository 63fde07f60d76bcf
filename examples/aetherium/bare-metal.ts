import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/bare-metal";
import { aetherium } from "./fabric";

/** On machines of one's own: k3s on all of them, data in the cluster. */
export function deploy() {
  const config = new pulumi.Config();
  const access = { privateKey: config.requireSecret("sshKey") };
  const release = config.requireObject<fabric.ClusterRelease>("release");
  const cluster = new fabric.BareMetalCluster("aetherium-cluster", {
    access,
    release,
    deletionProtection: config.getBoolean("deletionProtection"),
    api: config.requireObject<fabric.ApiEndpoint>("api"),
    hosts: config.requireObject<fabric.Host[]>("servers"),
    network: { cni: fabric.Cni.Cilium, cniChartVersion: config.require("ciliumVersion") },
  });
  const pool = new fabric.BareMetalKvmNodePool("aetherium-kvm", {
    access,
    release,
    cluster: fabric.bareMetalClusterRef(cluster, access),
    domain: "aetherium.io",
    hosts: config.requireObject<fabric.KvmHost[]>("kvmHosts"),
  });
  const inside = new Provider("inside", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: "aetherium-cluster",
  });
  // k3s brings one class, of the machines' own disks.
  return aetherium({ cluster: inside, machines: [pool], storageClass: "local-path" });
}
