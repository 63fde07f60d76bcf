import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway";
import { Vpc } from "@pulumi/aws/ec2/vpc";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../shared/after";
import { requirePlan } from "../shared/require-plan";
import type { AwsNetworkArgs } from "./aws-args";
import { createEndpoints } from "./aws-endpoints";
import { createFlowLogs } from "./aws-flow-logs";
import { type AwsNetworkPlan, planAwsNetwork } from "./aws-plan";
import {
  createGateways,
  createPrivateSubnets,
  createPublicSubnets,
  type RoutedSubnet,
} from "./aws-subnets";

/**
 * A VPC for an EKS cluster: private subnets for nodes and public ones for load balancers in 2 to 6 zones.
 *
 * Creates, under its logical name `NAME`: the VPC `NAME`; its default security group `NAME-default` without a rule; the
 * internet gateway `NAME-internet`; for each zone Z the subnets `NAME-public-Z` and `NAME-private-Z` with route tables,
 * routes and associations; for each gateway of `natMode` an address and a gateway `NAME-nat-Z`; endpoints
 * `NAME-gateway-SERVICE` and `NAME-endpoint-SERVICE` with the security group `NAME-endpoints`; and `NAME-flow-logs`, the
 * flow log with its group and role.
 *
 * It costs each NAT gateway and each interface endpoint in each zone by the hour and by traffic, and flow logs by
 * volume; the rest is free.
 *
 * ```typescript
 * const network = new AwsNetwork("fabric", {
 *   zones: ["us-east-1a", "us-east-1b", "us-east-1c"], natMode: NatMode.PerZone,
 * });
 * const cluster = new AwsCluster("fabric", { network, ... });
 * ```
 *
 * The component itself is an `AwsNetworkRef`. The ids of subnets are there only once their routes are, and the private
 * ones' once endpoints and the way to the internet are: what stands in a subnet is made after them and goes before them.
 * A control plane, which needs no way out, need not wait: `controlPlaneSubnetIds`. In a /16 a private
 * subnet has 8187 addresses for nodes and pods; further zones fit at the end of the list without a move, and `spareCidr`
 * is for subnets of your own. Not for IPv6, nor for local zones.
 */
export class AwsNetwork extends pulumi.ComponentResource {
  /** Ids of the private subnets, there before their routes are: for a control plane's interfaces alone. */
  public readonly controlPlaneSubnetIds: pulumi.Output<string[]>;
  /** Public addresses that private subnets reach the internet from, for allow-lists elsewhere. */
  public readonly natPublicIps: pulumi.Output<string[]>;
  /** Ids of the private subnets, in the order of the zones. */
  public readonly privateSubnetIds: pulumi.Output<string[]>;
  /** Ids of the public subnets, in the order of the zones. */
  public readonly publicSubnetIds: pulumi.Output<string[]>;
  /** Range within the VPC that the component never uses. */
  public readonly spareCidr: pulumi.Output<string>;
  /** Range of the VPC. */
  public readonly vpcCidr: pulumi.Output<string>;
  /** Id of the VPC. */
  public readonly vpcId: pulumi.Output<string>;

  constructor(name: string, args: AwsNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AwsNetwork", name, args, opts);
    const plan = requirePlan("AwsNetwork", name, planAwsNetwork(name, args));

    const { internet, vpc } = createVpc(this, plan);
    const publicSubnets = createPublicSubnets(this, plan, vpc, internet);
    const gateways = createGateways(this, plan, publicSubnets, internet);
    const privateSubnets = createPrivateSubnets(this, plan, vpc, gateways);
    const endpoints = createEndpoints(this, plan, vpc, privateSubnets);
    if (plan.flowLogs !== undefined) createFlowLogs(this, plan, plan.flowLogs, vpc);

    // Load balancers of Services stand in public subnets: these too outlive what runs on the nodes.
    const wayOut = publicSubnets.flatMap(({ routes }) => routes);
    this.controlPlaneSubnetIds = pulumi.all(privateSubnets.map(({ subnet }) => subnet.id));
    this.natPublicIps = pulumi.all(gateways.map(({ address }) => address.publicIp));
    this.privateSubnetIds = subnetIds(privateSubnets, [...endpoints, ...wayOut]);
    this.publicSubnetIds = subnetIds(publicSubnets, []);
    this.spareCidr = pulumi.output(plan.layout.spareCidr);
    this.vpcCidr = pulumi.output(plan.cidr);
    this.vpcId = vpc.id;
    this.registerOutputs({
      controlPlaneSubnetIds: this.controlPlaneSubnetIds,
      natPublicIps: this.natPublicIps,
      privateSubnetIds: this.privateSubnetIds,
      publicSubnetIds: this.publicSubnetIds,
      spareCidr: this.spareCidr,
      vpcCidr: this.vpcCidr,
      vpcId: this.vpcId,
    });
  }
}

function createVpc(
  parent: AwsNetwork,
  { name, cidr, tags }: AwsNetworkPlan,
): { internet: InternetGateway; vpc: Vpc } {
  const vpc = new Vpc(
    name,
    {
      cidrBlock: cidr,
      // Interface endpoints and private EKS endpoints are found by DNS alone.
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { ...tags, Name: name },
    },
    { parent },
  );
  new DefaultSecurityGroup(
    `${name}-default`,
    { vpcId: vpc.id, ingress: [], egress: [], tags: { ...tags, Name: `${name}-default` } },
    { parent },
  );
  const internet = new InternetGateway(
    `${name}-internet`,
    { vpcId: vpc.id, tags: { ...tags, Name: `${name}-internet` } },
    { parent },
  );
  return { internet, vpc };
}

function subnetIds(
  subnets: readonly RoutedSubnet[],
  before: readonly pulumi.Resource[],
): pulumi.Output<string[]> {
  return pulumi.all(subnets.map(({ routes, subnet }) => after(subnet.id, [...routes, ...before])));
}
