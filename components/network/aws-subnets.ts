import { Eip } from "@pulumi/aws/ec2/eip";
import type { InternetGateway } from "@pulumi/aws/ec2/internetGateway";
import { NatGateway } from "@pulumi/aws/ec2/natGateway";
import { Route } from "@pulumi/aws/ec2/route";
import { RouteTable } from "@pulumi/aws/ec2/routeTable";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation";
import { Subnet } from "@pulumi/aws/ec2/subnet";
import type { Vpc } from "@pulumi/aws/ec2/vpc";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsNetworkPlan } from "./aws-plan";

/** A subnet of a zone, with what leads into and out of it. */
export interface RoutedSubnet {
  zone: string;
  subnet: Subnet;
  table: RouteTable;
  /** Association and routes: who stands in the subnet needs them. */
  routes: pulumi.Resource[];
}

/** A NAT gateway of a zone. */
export interface ZoneGateway {
  zone: string;
  address: Eip;
  gateway: NatGateway;
}

const ANYWHERE = "0.0.0.0/0";

/** Creates the public subnets, which share one table with a route to the internet. */
export function createPublicSubnets(
  parent: pulumi.Resource,
  { name, layout, tags }: AwsNetworkPlan,
  vpc: Vpc,
  internet: InternetGateway,
): RoutedSubnet[] {
  const table = new RouteTable(
    `${name}-public`,
    { vpcId: vpc.id, tags: { ...tags, Name: `${name}-public` } },
    { parent },
  );
  const route = new Route(
    `${name}-public-internet`,
    { routeTableId: table.id, destinationCidrBlock: ANYWHERE, gatewayId: internet.id },
    { parent },
  );
  return layout.zones.map(({ zone, publicCidr }) => {
    const own = `${name}-public-${zone}`;
    const subnet = new Subnet(
      own,
      {
        vpcId: vpc.id,
        availabilityZone: zone,
        cidrBlock: publicCidr,
        // Load balancers bring their own addresses; a machine here is never public by accident.
        mapPublicIpOnLaunch: false,
        tags: { ...tags, Name: own, "kubernetes.io/role/elb": "1" },
      },
      { parent },
    );
    return { zone, subnet, table, routes: [associate(parent, own, subnet, table), route] };
  });
}

/** Creates NAT gateways, each with an address that stays; none before the internet can be reached from its subnet. */
export function createGateways(
  parent: pulumi.Resource,
  { name, natZones, tags }: AwsNetworkPlan,
  subnets: readonly RoutedSubnet[],
  internet: InternetGateway,
): ZoneGateway[] {
  return subnets
    .filter(({ zone }) => natZones.includes(zone))
    .map(({ zone, subnet, routes }) => {
      const own = `${name}-nat-${zone}`;
      const address = new Eip(
        own,
        { domain: "vpc", tags: { ...tags, Name: own } },
        { parent, dependsOn: [internet] },
      );
      const gateway = new NatGateway(
        own,
        { allocationId: address.id, subnetId: subnet.id, tags: { ...tags, Name: own } },
        // Two gateways cannot hold one address.
        { parent, dependsOn: [internet, ...routes], deleteBeforeReplace: true },
      );
      return { zone, address, gateway };
    });
}

/** Creates the private subnets, each with a table of its own, routed to its zone's gateway or the only one. */
export function createPrivateSubnets(
  parent: pulumi.Resource,
  { name, discoveryName, layout, tags }: AwsNetworkPlan,
  vpc: Vpc,
  gateways: readonly ZoneGateway[],
): RoutedSubnet[] {
  return layout.zones.map(({ zone, privateCidr }) => {
    const own = `${name}-private-${zone}`;
    const subnet = new Subnet(
      own,
      {
        vpcId: vpc.id,
        availabilityZone: zone,
        cidrBlock: privateCidr,
        mapPublicIpOnLaunch: false,
        tags: {
          ...tags,
          Name: own,
          "karpenter.sh/discovery": discoveryName,
          "kubernetes.io/role/internal-elb": "1",
        },
      },
      { parent },
    );
    const table = new RouteTable(own, { vpcId: vpc.id, tags: { ...tags, Name: own } }, { parent });
    const found = gateways.find((gateway) => gateway.zone === zone) ?? gateways[0];
    const routes = found === undefined ? [] : [routeToNat(parent, own, table, found)];
    return { zone, subnet, table, routes: [associate(parent, own, subnet, table), ...routes] };
  });
}

function associate(
  parent: pulumi.Resource,
  name: string,
  subnet: Subnet,
  table: RouteTable,
): RouteTableAssociation {
  const ids = { subnetId: subnet.id, routeTableId: table.id };
  return new RouteTableAssociation(name, ids, { parent });
}

function routeToNat(
  parent: pulumi.Resource,
  name: string,
  table: RouteTable,
  { gateway }: ZoneGateway,
): Route {
  return new Route(
    `${name}-nat`,
    { routeTableId: table.id, destinationCidrBlock: ANYWHERE, natGatewayId: gateway.id },
    { parent },
  );
}
