import * as eks from "@pulumi/eks";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as aws from "kvm-fabric/aws";
import * as fabric from "kvm-fabric/kubernetes";

const config = new pulumi.Config();
const subnetIds = config.requireObject<string[]>("privateSubnetIds");
const adminPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

const cluster = new eks.Cluster("eks-interop", {
  version: config.require("kubernetesVersion"),
  vpcId: config.require("vpcId"),
  privateSubnetIds: subnetIds,
  // Without it the pool could not let its nodes in: its entry would be one of aws-auth's.
  authenticationMode: eks.AuthenticationMode.Api,
  accessEntries: {
    deployer: {
      principalArn: config.require("deployer"),
      accessPolicies: { admin: { policyArn: adminPolicy, accessScope: { type: "cluster" } } },
    },
  },
  endpointPrivateAccess: true,
  endpointPublicAccess: false,
  enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
  minSize: 2,
  desiredCapacity: 2,
  maxSize: 2,
});

const pool = new aws.AwsKvmNodePool("eks-interop-kvm", {
  cluster: aws.eksClusterRef(cluster),
  subnetIds,
  imageId: config.require("imageId"),
  instanceTypes: ["m8i.4xlarge"],
  vpcCniPolicy: true,
});

const provider = new Provider("cluster", {
  kubeconfig: cluster.kubeconfigJson,
  clusterIdentifier: cluster.eksCluster.arn,
});
const { agents } = new fabric.Namespaces(
  "eks-interop",
  {},
  { providers: [provider], dependsOn: [pool] },
);

/** Namespace that node agents go to. */
export const namespace = agents;
