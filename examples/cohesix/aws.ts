import { Provider } from "@pulumi/kubernetes/provider";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass";
import * as pulumi from "@pulumi/pulumi";
import * as aws from "kvm-fabric/aws";
import * as fabric from "kvm-fabric/kubernetes";
import { cohesix } from "./fabric";

/** On EKS: a Lambda function moves the traces to S3. */
export function deploy() {
  const config = new pulumi.Config();
  const deletionProtection = config.getBoolean("deletionProtection");
  const zones = config.requireObject<string[]>("zones");
  const principalArn = config.require("deployer");
  const releaseVersion = config.require("releaseVersion");
  const cidr = "10.0.0.0/16";
  const network = aws.awsNetworkRef(new aws.AwsNetwork("cohesix-network", { zones, cidr }));
  const cluster = new aws.AwsCluster("cohesix-cluster", {
    network,
    deletionProtection,
    kubernetesVersion: config.require("kubernetesVersion"),
    accessEntries: [{ name: "deployer", principalArn, policy: aws.AwsAccessPolicy.ClusterAdmin }],
    addOns: config.requireObject<aws.AwsAddOnVersions>("addOns"),
    privateAccessCidrs: [config.require("deployerCidr")],
    systemPool: { releaseVersion },
    servicesPool: { releaseVersion },
  });
  const pool = new aws.AwsKvmNodePool("cohesix-kvm", {
    cluster: aws.awsClusterRef(cluster),
    subnetIds: network.privateSubnetIds,
    domain: config.require("domain"),
    imageId: config.require("imageId"),
    instanceTypes: ["m8i.4xlarge"],
    maxNodes: 3,
  });

  const inside = new Provider("inside", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: "cohesix-cluster",
  });
  const loadBalancer = { cloud: fabric.QueenCloud.Aws, allowedCidrs: [cidr] };
  const disks = new StorageClass("disks", aws.gp3StorageClass("disks"), { provider: inside });
  const storageClass = disks.metadata.name;
  const place = { cluster: inside, machines: [pool], loadBalancer, storageClass };
  const { daemonSetName, queen } = cohesix(place);

  const { bucketName } = new aws.AwsTraceUploader("cohesix-uploader", {
    network,
    queen: aws.queenUploads(queen, "uploader"),
    storePrefixListId: config.require("storePrefixListId"),
    deletionProtection,
  });
  return { daemonSetName, kubeconfig: cluster.kubeconfig, traces: bucketName };
}
