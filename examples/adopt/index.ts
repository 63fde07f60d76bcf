import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as aws from "kvm-fabric/aws";
import * as fabric from "kvm-fabric/kubernetes";

const config = new pulumi.Config();
const context = config.require("kubeContext");
// Both are plain values: whoever made them, nothing of them becomes this stack's, nor goes with it.
const cluster = config.requireObject<aws.AwsClusterRef>("cluster");
const network = config.requireObject<aws.AwsNetworkRef>("network");

// The cluster's nodes have the CNI's rights, unless it has a role of its own: then leave vpcCniPolicy out.
const pool = new aws.AwsKvmNodePool("adopt-kvm", {
  cluster,
  subnetIds: network.privateSubnetIds,
  imageId: config.require("imageId"),
  instanceTypes: ["m7i.metal-24xl"],
  minNodes: 1,
  maxNodes: 4,
  vpcCniPolicy: true,
});

const inside = new Provider("cluster", { context, clusterIdentifier: cluster.arn });
const inCluster = { providers: [inside], dependsOn: [pool] };
const { agents } = new fabric.Namespaces("adopt", {}, inCluster);
const { assetSet } = new fabric.NodeProvisioner(
  "adopt-provisioner",
  {
    namespace: agents,
    image: config.require("provisionerImage"),
    assets: config.requireObject<fabric.AssetSet>("assets"),
  },
  inCluster,
);

/** What workers of your own select their nodes by, as the value of the label `kvm-fabric.dev/assets`. */
export const assets = assetSet;
/** Role of the pool's nodes. */
export const { nodeRoleArn } = pool;
