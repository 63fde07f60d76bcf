import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";
import * as gcp from "kvm-fabric/gcp";

const config = new pulumi.Config();
const region = new pulumi.Config("gcp").require("region");
const version = config.require("kubernetesVersion");
const zones = config.requireObject<string[]>("zones");
const network = gcp.gcpNetworkRef(new gcp.GcpNetwork("fabric-gcp-network", { region }));
const cluster = new gcp.GcpCluster("fabric-gcp", {
  network,
  kubernetesVersion: version,
  nodeZones: zones,
  privateAccessCidrs: [config.require("deployerCidr")],
  servicesPool: {},
});
const pool = new gcp.GcpKvmNodePool("fabric-gcp-kvm", {
  cluster: gcp.gcpClusterRef(cluster),
  version,
  zones,
  machineType: "n2-standard-8",
  threadsPerCore: 2,
  maxNodes: 3,
});

const inside = new Provider("cluster", {
  kubeconfig: cluster.kubeconfig,
  clusterIdentifier: "fabric-gcp",
});
const inCluster = { providers: [inside], dependsOn: [pool] };
const { agents, services } = new fabric.Namespaces("fabric", {}, inCluster);
const consul = new fabric.Consul(
  "fabric-consul",
  {
    namespace: services,
    image: config.require("consulImage"),
    consumers: [{ name: "worker", namespace: agents, role: fabric.ConsulRole.Worker }],
  },
  inCluster,
);
const assets = config.requireObject<fabric.AssetSet>("assets");
const image = config.require("provisionerImage");
const provisioner = { namespace: agents, assets, image };
const { assetSet } = new fabric.NodeProvisioner("fabric-provisioner", provisioner, inCluster);
const worker = {
  namespace: agents,
  assetSet,
  image: config.require("workerImage"),
  consul: fabric.consulRef(consul, "worker"),
};
const { daemonSetName } = new fabric.WorkerDaemonSet("fabric-worker", worker, inCluster);

/** `pulumi stack output kubeconfig --show-secrets`. */
export const { kubeconfig } = cluster;
/** Name of the workers' DaemonSet. */
export const workers = daemonSetName;
