import * as aws from "@pulumi/aws/provider";
import * as k8s from "@pulumi/kubernetes/provider";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass";
import * as pulumi from "@pulumi/pulumi";
import { AwsCluster } from "../../components/cluster/aws/aws-cluster";
import { awsClusterRef, awsNetworkRef } from "../../components/cluster/aws/refs";
import { gp3StorageClass } from "../../components/cluster/aws/storage-class";
import { Karpenter } from "../../components/karpenter/karpenter";
import { AwsKvmNodePool } from "../../components/kvm-node-pool/aws";
import { AwsNetwork } from "../../components/network/aws";
import {
  awsClusterArgs,
  awsNetworkArgs,
  awsPoolArgs,
  isForAws,
  karpenterArgs,
} from "../aws-arguments";
import { cloudNames } from "../cloud-names";
import { composeFabric, type Fabric } from "../fabric";
import { chosenNetwork } from "../network-choice";
import type { FabricConfig } from "../schema";
import { GP3_CLASS } from "../storage-classes";
import { awsServices } from "./aws-services";

/** The fabric on EKS: network, cluster, pools of KVM machines, Karpenter, storage, and the fabric on top. */
export function deploy(config: FabricConfig): Fabric {
  if (!isForAws(config)) throw new pulumi.RunError("aws: missing");
  const names = cloudNames(config);
  const cloud = new aws.Provider("aws", { region: config.aws.region });
  const inCloud = { providers: [cloud] };

  const network = chosenNetwork(config.aws, (own) =>
    awsNetworkRef(new AwsNetwork(names.network, awsNetworkArgs(config, own), inCloud)),
  );
  const cluster = new AwsCluster(names.cluster, awsClusterArgs(config, network), inCloud);
  // The identifier keeps a new endpoint or another way of logging in from looking like another cluster.
  const inside = new k8s.Provider("cluster", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: `${config.aws.region}/${names.cluster}`,
    deleteUnreachable: false,
  });
  const joinable = awsClusterRef(cluster);
  const pools = Object.entries(config.aws.pools ?? {}).map(([name, pool]) => {
    const args = awsPoolArgs(config, pool, joinable, network.privateSubnetIds);
    return new AwsKvmNodePool(names.pool(name), args, inCloud);
  });
  const karpenter = config.aws.karpenter && [
    new Karpenter(names.karpenter, karpenterArgs(config, config.aws.karpenter, joinable), {
      providers: [cloud, inside],
    }),
  ];
  const volumes = new StorageClass(GP3_CLASS, gp3StorageClass(GP3_CLASS), { provider: inside });
  const { clusterSecurityGroupId } = cluster;
  const services = awsServices(config, { cloud, clusterSecurityGroupId, inside, network });
  return composeFabric(config, inside, [...pools, ...(karpenter ?? []), volumes], services);
}
