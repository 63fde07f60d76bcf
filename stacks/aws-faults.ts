import { planAwsCluster } from "../components/cluster/aws/plan";
import { planKarpenter } from "../components/karpenter/plan";
import { planAwsPool } from "../components/kvm-node-pool/aws-plan";
import { planAwsNetwork } from "../components/network/aws-plan";
import { type Fault, type Planned, under } from "../components/shared/faults";
import {
  awsClusterArgs,
  type AwsFabricConfig,
  awsNetworkArgs,
  awsPoolArgs,
  karpenterArgs,
} from "./aws-arguments";
import { cloudNames } from "./cloud-names";

/** What the planners of the parts below the fabric find wrong with a configuration for AWS. */
export function awsFaults(root: string, config: AwsFabricConfig, today: Date): Fault[] {
  const names = cloudNames(config);
  const { cluster, network, subnetIds } = placeholders;
  const { pools = {}, karpenter } = config.aws;
  return [
    ...networkFaults(`${root}.network`, config),
    ...faultsOf(
      `${root}.cluster`,
      planAwsCluster(names.cluster, awsClusterArgs(config, network), today),
    ),
    ...Object.entries(pools).flatMap(([name, pool]) =>
      faultsOf(
        `${root}.pools.${name}`,
        planAwsPool(names.pool(name), awsPoolArgs(config, pool, cluster, subnetIds)),
      ),
    ),
    ...(karpenter === undefined
      ? []
      : faultsOf(
          `${root}.karpenter`,
          planKarpenter(names.karpenter, karpenterArgs(config, karpenter, cluster)),
        )),
  ];
}

function networkFaults(path: string, config: AwsFabricConfig): Fault[] {
  const { network, existingNetwork } = config.aws;
  if (network !== undefined && existingNetwork !== undefined) {
    const problem = "given beside existingNetwork";
    return [{ path, problem, fix: "one of network and existingNetwork" }];
  }
  if (existingNetwork !== undefined) return [];
  if (network === undefined) {
    const fix = "network, to make one, or existingNetwork";
    return [{ path, problem: "missing", allowed: "an object", fix }];
  }
  const args = awsNetworkArgs(config, network);
  return faultsOf(path, planAwsNetwork(cloudNames(config).network, args));
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

function faultsOf(path: string, result: Planned<unknown>): Fault[] {
  return result.ok ? [] : under(path, result.faults);
}
