import { Provider } from "@pulumi/kubernetes/provider";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass";
import * as pulumi from "@pulumi/pulumi";
import * as aws from "kvm-fabric/aws";
import * as fabric from "kvm-fabric/kubernetes";
import { aetherium } from "./fabric";

/** On EKS, with the database on RDS and the queue of tasks on ElastiCache. */
export function deploy() {
  const config = new pulumi.Config();
  const principalArn = config.require("deployer");
  const releaseVersion = config.require("releaseVersion");
  const zones = config.requireObject<string[]>("zones");
  const guard = { deletionProtection: config.getBoolean("deletionProtection") };
  const network = aws.awsNetworkRef(new aws.AwsNetwork("aetherium-network", { zones }));
  const cluster = new aws.AwsCluster("aetherium-cluster", {
    ...{ ...guard, network, kubernetesVersion: config.require("kubernetesVersion") },
    accessEntries: [{ name: "deployer", principalArn, policy: aws.AwsAccessPolicy.ClusterAdmin }],
    addOns: config.requireObject<aws.AwsAddOnVersions>("addOns"),
    privateAccessCidrs: [config.require("deployerCidr")],
    systemPool: { releaseVersion },
    servicesPool: { releaseVersion },
  });
  const pool = new aws.AwsKvmNodePool("aetherium-kvm", {
    cluster: aws.awsClusterRef(cluster),
    subnetIds: network.privateSubnetIds,
    domain: "aetherium.io",
    imageId: config.require("imageId"),
    instanceTypes: ["m8i.4xlarge"],
    maxNodes: 3,
  });
  const inside = new Provider("inside", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: "aetherium-cluster",
  });

  const options = { providers: [inside] };
  const stores = (consumer: fabric.DataStoreConsumer) => {
    const place = { ...guard, network, consumers: [consumer] };
    const store = { ...place, allowedSecurityGroupIds: [cluster.clusterSecurityGroupId] };
    const database = { version: "17", database: "aetherium" };
    const caCertificate = config.require("rdsAuthorities");
    const rds = { ...store, ...database, caCertificate };
    const postgres = new aws.AwsPostgres("aetherium-postgres", rds, options);
    const redis = new aws.AwsRedis("aetherium-redis", store, options);
    return {
      postgres: fabric.dataStoreRef(postgres, consumer.name),
      redis: fabric.dataStoreRef(redis, consumer.name),
    };
  };
  const disks = new StorageClass("disks", aws.gp3StorageClass("disks"), { provider: inside });
  const storageClass = disks.metadata.name;
  return aetherium({ cluster: inside, machines: [pool], storageClass, stores });
}
