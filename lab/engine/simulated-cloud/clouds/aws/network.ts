import type { CloudKind, Draft, Scene } from "../cloud-kind";
import { textAt } from "../paths";
import type { World, WorldObject } from "../world";
import { leavesInterfaces } from "./interfaces";
import { awsType } from "./references";

const ec2Arn = (kind: string) => `arn:{partition}:ec2:{region}:{account}:${kind}/{id}`;

function plain(prefix: string, kind: string, outputs: CloudKind["outputs"] = {}): CloudKind {
  return { id: `${prefix}-{hex:17}`, autoname: "", outputs: { arn: ec2Arn(kind), ...outputs } };
}

// The zone's id, as in use1-az1: its region in short, and the zone's place in the alphabet.
function zoneId({ inputs, config }: Draft): string {
  const zone = textAt(inputs, "availabilityZone") || `${config.region}a`;
  const short = config.region.replace(/^(\w+)-(\w)\w*-(\d+)$/, "$1$2$3");
  return `${short}-az${zone.charCodeAt(zone.length - 1) - 96}`;
}

const rule: CloudKind = plain("sgr", "security-group-rule", {
  securityGroupRuleId: "{id}",
});

/** Networks of AWS. Defaults are those of the provider's schema. */
export const awsNetwork: Readonly<Record<string, CloudKind>> = {
  [awsType("ec2/vpc")]: plain("vpc", "vpc", {
    mainRouteTableId: "rtb-{hex:17}",
    defaultRouteTableId: "rtb-{hex:17}",
    defaultNetworkAclId: "acl-{hex:17}",
    defaultSecurityGroupId: "sg-{hex:17}",
    dhcpOptionsId: "dopt-{hex:17}",
    instanceTenancy: () => "default",
    ownerId: "{account}",
  }),
  [awsType("ec2/subnet")]: {
    ...plain("subnet", "subnet", {
      availabilityZone: "{region}a",
      availabilityZoneId: zoneId,
      ownerId: "{account}",
    }),
    waitsForInterfaces: true,
  },
  [awsType("ec2/internetGateway")]: {
    ...plain("igw", "internet-gateway", { ownerId: "{account}", vpcId: () => "" }),
    refuses: (scene, object, step) =>
      step === "delete" ? mappedAddresses(scene, object) : undefined,
  },
  [awsType("ec2/internetGatewayAttachment")]: {
    id: "{internetGatewayId}:{vpcId}",
    refuses: (scene, object, step) =>
      step === "delete" ? mappedAddresses(scene, object) : undefined,
  },
  [awsType("ec2/egressOnlyInternetGateway")]: plain("eigw", "egress-only-internet-gateway"),
  [awsType("ec2/eip")]: plain("eipalloc", "elastic-ip", {
    allocationId: "{id}",
    publicIp: address,
    publicDns: (draft) => `ec2-${address(draft).replaceAll(".", "-")}.compute.amazonaws.com`,
    domain: () => "vpc",
    networkBorderGroup: "{region}",
    publicIpv4Pool: () => "amazon",
  }),
  [awsType("ec2/natGateway")]: {
    ...plain("nat", "natgateway", {
      networkInterfaceId: "eni-{hex:17}",
      associationId: "eipassoc-{hex:17}",
      publicIp: ({ inputs }, world) =>
        textAt(
          world.all(awsType("ec2/eip")).find(({ id }) => id === inputs.allocationId)?.state,
          "publicIp",
        ),
      privateIp: "10.0.0.{digits:2}",
    }),
    defaults: { connectivityType: "public" },
    refuses: (scene, object, step) => (step === "create" ? unroutable(scene, object) : undefined),
  },
  [awsType("ec2/routeTable")]: plain("rtb", "route-table", { ownerId: "{account}" }),
  [awsType("ec2/route")]: {
    id: ({ inputs, hex }) => `r-${textAt(inputs, "routeTableId")}${hex(10)}`,
    outputs: { state: () => "active", origin: () => "CreateRoute" },
  },
  [awsType("ec2/routeTableAssociation")]: plain("rtbassoc", "route-table-association"),
  [awsType("ec2/securityGroup")]: {
    ...plain("sg", "security-group", { ownerId: "{account}", vpcId: "vpc-{hex:17}" }),
    autoname: "name",
    waitsForInterfaces: true,
    defaults: { description: "Managed by Pulumi", revokeRulesOnDelete: false },
    refuses: (scene, object, step) =>
      step === "delete" ? attached(scene.world, object) : undefined,
  },
  [awsType("ec2/defaultSecurityGroup")]: {
    id: "sg-{hex:17}",
    autoname: "",
    outputs: { arn: ec2Arn("security-group"), ownerId: "{account}", name: () => "default" },
  },
  [awsType("ec2/securityGroupRule")]: { id: "sgrule-{digits:10}", autoname: "" },
  [awsType("vpc/securityGroupIngressRule")]: rule,
  [awsType("vpc/securityGroupEgressRule")]: rule,
  [awsType("ec2/vpcEndpoint")]: {
    ...plain("vpce", "vpc-endpoint", {
      state: () => "available",
      ownerId: "{account}",
      prefixListId: "pl-{hex:8}",
    }),
    ...leavesInterfaces("subnetIds[*]", "securityGroupIds[*]"),
  },
  [awsType("ec2/tag")]: { id: "{resourceId},{key}" },
  [awsType("ec2/flowLog")]: plain("fl", "vpc-flow-log"),
};

function address({ hex }: Draft): string {
  const bytes = [...Buffer.from(hex(6, "address"), "hex")];
  return ["52", ...bytes.map(String)].join(".");
}

// A public NAT gateway in a VPC without an attached internet gateway ends as failed (hashicorp/terraform-provider-aws#709).
function unroutable({ world }: Scene, { inputs, id }: WorldObject): string | undefined {
  if (textAt(inputs, "connectivityType") === "private") return undefined;
  const subnet = world.all(awsType("ec2/subnet")).find((one) => one.id === inputs.subnetId);
  const vpc = textAt(subnet?.inputs, "vpcId");
  if (vpc === "" || gatewaysOf(world, vpc).length > 0) return undefined;
  return `NAT Gateway ${id}: Gateway.NotAttached: Network ${vpc} has no Internet gateway attached`;
}

function gatewaysOf(world: World, vpc: string): WorldObject[] {
  const kinds = ["ec2/internetGateway", "ec2/internetGatewayAttachment"];
  return kinds
    .flatMap((kind) => world.all(awsType(kind)))
    .filter(({ inputs }) => inputs.vpcId === vpc);
}

// aws/aws-cdk#26716: a gateway is not detached while addresses of its network are mapped.
function mappedAddresses({ world }: Scene, { inputs }: WorldObject): string | undefined {
  const vpc = textAt(inputs, "vpcId");
  if (vpc === "") return undefined;
  const subnets = world.all(awsType("ec2/subnet")).filter((subnet) => subnet.inputs.vpcId === vpc);
  const ids = new Set<unknown>(subnets.map(({ id }) => id));
  const mapped = world
    .all(awsType("ec2/natGateway"))
    .find((nat) => ids.has(nat.inputs.subnetId) && nat.inputs.connectivityType !== "private");
  if (!mapped) return undefined;
  return (
    `api error DependencyViolation: Network ${vpc} has some mapped public address(es). ` +
    `Please unmap those public address(es) before detaching the gateway. (${mapped.id})`
  );
}

// The machines of a group hold the security groups of its launch template.
function attached(world: World, group: WorldObject): string | undefined {
  const template = world
    .all(awsType("ec2/launchTemplate"))
    .find(({ inputs }) => JSON.stringify(inputs).includes(`"${group.id}"`));
  if (!template) return undefined;
  const holder = [awsType("autoscaling/group"), awsType("eks/nodeGroup")]
    .flatMap((type) => world.all(type))
    .find(({ inputs }) => JSON.stringify(inputs).includes(`"${template.id}"`));
  if (!holder) return undefined;
  return `api error DependencyViolation: resource ${group.id} has a dependent object (${holder.id})`;
}
