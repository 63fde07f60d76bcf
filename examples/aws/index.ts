import { Provider } from "@pulumi/kubernetes/provider";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass";
import * as pulumi from "@pulumi/pulumi";
import * as aws from "kvm-fabric/aws";
import * as fabric from "kvm-fabric/kubernetes";

const config = new pulumi.Config();
const principalArn = config.require("deployer");
const releaseVersion = config.require("releaseVersion");
const zones = config.requireObject<string[]>("zones");
const network = aws.awsNetworkRef(new aws.AwsNetwork("fabric-aws-network", { zones }));
const cluster = new aws.AwsCluster("fabric-aws", {
  network,
  kubernetesVersion: config.require("kubernetesVersion"),
  accessEntries: [{ name: "deployer", principalArn, policy: aws.AwsAccessPolicy.ClusterAdmin }],
  addOns: config.requireObject<aws.AwsAddOnVersions>("addOns"),
  privateAccessCidrs: [config.require("deployerCidr")],
  systemPool: { releaseVersion },
  servicesPool: { releaseVersion },
});
const pool = new aws.AwsKvmNodePool("fabric-aws-kvm", {
  cluster: aws.awsClusterRef(cluster),
  subnetIds: network.privateSubnetIds,
  imageId: config.require("imageId"),
  instanceTypes: ["m8i.4xlarge"],
  maxNodes: 3,
});

const inside = new Provider("cluster", {
  kubeconfig: cluster.kubeconfig,
  clusterIdentifier: "fabric-aws",
});
const disks = new StorageClass("disks", aws.gp3StorageClass("disks"), { provider: inside });
const inCluster = { providers: [inside], dependsOn: [pool] };
const { agents, services } = new fabric.Namespaces("fabric", {}, inCluster);
const consul = new fabric.Consul(
  "fabric-consul",
  {
    namespace: services,
    image: config.require("consulImage"),
    storageClass: disks.metadata.name,
    consumers: [{ name: "worker", namespace: agents, role: fabric.ConsulRole.Worker }],
  },
  inCluster,
);
const assets = config.requireObject<fabric.AssetSet>("assets");
const provisioner = { namespace: agents, assets, image: config.require("provisionerImage") };
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
