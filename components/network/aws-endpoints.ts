import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import type { Vpc } from "@pulumi/aws/ec2/vpc";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsNetworkPlan } from "./aws-plan";
import type { RoutedSubnet } from "./aws-subnets";

/** Creates gateway and interface endpoints for the private subnets. */
export function createEndpoints(
  parent: pulumi.Resource,
  plan: AwsNetworkPlan,
  vpc: Vpc,
  subnets: readonly RoutedSubnet[],
): VpcEndpoint[] {
  return [
    ...createGatewayEndpoints(parent, plan, vpc, subnets),
    ...createInterfaceEndpoints(parent, plan, vpc, subnets),
  ];
}

function createGatewayEndpoints(
  parent: pulumi.Resource,
  { name, gatewayEndpoints, region, tags }: AwsNetworkPlan,
  vpc: Vpc,
  subnets: readonly RoutedSubnet[],
): VpcEndpoint[] {
  return gatewayEndpoints.map((service) => {
    const own = `${name}-gateway-${service}`;
    return new VpcEndpoint(
      own,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${region}.${service}`,
        routeTableIds: subnets.map(({ table }) => table.id),
        tags: { ...tags, Name: own },
      },
      { parent },
    );
  });
}

function createInterfaceEndpoints(
  parent: pulumi.Resource,
  plan: AwsNetworkPlan,
  vpc: Vpc,
  subnets: readonly RoutedSubnet[],
): VpcEndpoint[] {
  const { name, interfaceEndpoints, region, tags } = plan;
  if (interfaceEndpoints.length === 0) return [];
  const { group, rule } = createEndpointGroup(parent, plan, vpc);
  return interfaceEndpoints.map((service) => {
    const own = `${name}-endpoint-${service.replaceAll(".", "-")}`;
    return new VpcEndpoint(
      own,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Interface",
        serviceName: `com.amazonaws.${region}.${service}`,
        privateDnsEnabled: true,
        securityGroupIds: [group.id],
        subnetIds: subnets.map(({ subnet }) => subnet.id),
        tags: { ...tags, Name: own },
      },
      { parent, dependsOn: [rule] },
    );
  });
}

/** Lets the VPC's own addresses in, over TLS; nothing is let out, as endpoints only answer. */
function createEndpointGroup(
  parent: pulumi.Resource,
  { name, cidr, tags }: AwsNetworkPlan,
  vpc: Vpc,
): { group: SecurityGroup; rule: SecurityGroupIngressRule } {
  const own = `${name}-endpoints`;
  const named = { ...tags, Name: own };
  const group = new SecurityGroup(
    own,
    { name: own, description: "Interface endpoints of the VPC", vpcId: vpc.id, tags: named },
    { parent },
  );
  const rule = new SecurityGroupIngressRule(
    own,
    {
      securityGroupId: group.id,
      cidrIpv4: cidr,
      description: "AWS APIs from the VPC",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      tags: named,
    },
    { parent },
  );
  return { group, rule };
}
