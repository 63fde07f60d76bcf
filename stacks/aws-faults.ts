import { planAwsCluster } from "../components/cluster/aws/plan";
import { planKarpenter } from "../components/karpenter/plan";
import { planAwsPool } from "../components/kvm-node-pool/aws-plan";
import { planAwsNetwork } from "../components/network/aws-plan";
import type { AwsNetworkRef } from "../components/network/network-ref";
import type { Fault } from "../components/shared/faults";
import {
  awsClusterArgs,
  type AwsFabricConfig,
  awsNetworkArgs,
  awsPoolArgs,
  karpenterArgs,
} from "./aws-arguments";
import type { AwsConfig } from "./aws-schema";
import { awsServiceFaults } from "./aws-service-faults";
import { cloudNames } from "./cloud-names";
import { hostAssetFaults } from "./host-asset-faults";
import { networkFaults } from "./network-choice";
import { distinctFaults, partFaults, regionFaults, zoneFaults } from "./part-faults";
import { findings, forEachOf } from "./unreadable";

/** What the planners of the parts below the fabric find wrong with a configuration for AWS. */
export function awsFaults(root: string, config: AwsFabricConfig, today: Date): Fault[] {
  const names = cloudNames(config);
  const { aws } = config;
  const passedOn = { tags: `${root}.tags` };
  const faults = findings(
    () => regionFaults(`${root}.region`, aws.region),
    () => {
      const plan = (own: NonNullable<AwsConfig["network"]>) =>
        planAwsNetwork(names.network, awsNetworkArgs(config, own));
      return networkFaults(`${root}.network`, aws, plan, passedOn);
    },
    // The planner has found zones of another region than the first one's.
    () => zoneFaults(`${root}.network.zones`, aws.region, aws.network?.zones.slice(0, 1)),
    () => {
      const args = awsClusterArgs(config, networkOf(config));
      return partFaults(`${root}.cluster`, planAwsCluster(names.cluster, args, today), passedOn);
    },
    ...forEachOf(
      () => aws.pools,
      (name, pool) => {
        const args = awsPoolArgs(config, pool, placeholders.cluster, placeholders.subnetIds);
        const path = `${root}.pools.${name}`;
        return findings(
          () => partFaults(path, planAwsPool(names.pool(name), args), passedOn),
          () => hostAssetFaults(`${path}.hostProfile`, pool.hostProfile, config),
        );
      },
    ),
    () =>
      karpenterFaults(`${root}.karpenter`, config, {
        ...passedOn,
        kubernetesVersion: `${root}.cluster.kubernetesVersion`,
      }),
    () => awsServiceFaults(root, config, networkOf(config), today),
  );
  return distinctFaults(faults);
}

function karpenterFaults(
  path: string,
  config: AwsFabricConfig,
  passedOn: Readonly<Record<string, string>>,
): Fault[] {
  const { karpenter } = config.aws;
  if (karpenter === undefined) return [];
  const args = karpenterArgs(config, karpenter, placeholders.cluster);
  return findings(
    () => partFaults(path, planKarpenter(cloudNames(config).karpenter, args), passedOn),
    () =>
      karpenter.pools.flatMap(({ hostProfile }, index) =>
        hostAssetFaults(`${path}.pools[${String(index)}].hostProfile`, hostProfile, config),
      ),
  );
}

/** The network as far as it is known before it is made. */
function networkOf({ aws: { existingNetwork, network } }: AwsFabricConfig): AwsNetworkRef {
  const { vpcCidr, ...ids } = placeholders.network;
  return existingNetwork ?? { ...ids, vpcCidr: network?.cidr ?? vpcCidr };
}

// What only exists once the cloud does; told apart from nothing by the planners alone.
const placeholders = Object.freeze({
  cluster: {
    arn: "arn:aws:eks:us-east-1:123456789012:cluster/placeholder",
    certificateAuthorityData: "",
    clusterSecurityGroupId: "sg-00000000000000000",
    endpoint: "https://cluster.invalid",
    kubernetesVersion: "1.36",
    name: "placeholder",
    serviceCidr: "172.20.0.0/16",
  },
  network: {
    privateSubnetIds: ["subnet-0", "subnet-1"],
    publicSubnetIds: [],
    vpcCidr: "10.0.0.0/16",
    vpcId: "vpc-0",
  },
  subnetIds: ["subnet-0", "subnet-1"],
});
