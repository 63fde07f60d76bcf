import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as azure from "kvm-fabric/azure";
import * as fabric from "kvm-fabric/kubernetes";

const config = new pulumi.Config();
const network = azure.azureNetworkRef(new azure.AzureNetwork("fabric-azure-network", {}));
const cluster = new azure.AzureCluster("fabric-azure", {
  network,
  kubernetesVersion: config.require("kubernetesVersion"),
  adminGroupObjectIds: [config.require("adminGroup")],
  servicesPool: {},
});
const pool = new azure.AzureKvmNodePool("fabric-azure-kvm", {
  cluster: azure.azureClusterRef(cluster),
  subnetId: network.nodeSubnetId,
  vmSize: "Standard_D8ds_v5",
  zones: ["1", "2", "3"],
  maxNodes: 3,
});

const inside = new Provider("cluster", {
  kubeconfig: cluster.kubeconfig,
  clusterIdentifier: "fabric-azure",
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
