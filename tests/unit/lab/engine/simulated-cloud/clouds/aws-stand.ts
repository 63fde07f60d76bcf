import type { Properties } from "../../../../../../lab/engine/grpc/wire";
import type { cloudClient, Kept } from "./cloud-client";

export const AWS = {
  vpc: "aws:ec2/vpc:Vpc",
  subnet: "aws:ec2/subnet:Subnet",
  gateway: "aws:ec2/internetGateway:InternetGateway",
  nat: "aws:ec2/natGateway:NatGateway",
  eip: "aws:ec2/eip:Eip",
  group: "aws:ec2/securityGroup:SecurityGroup",
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  machines: "aws:autoscaling/group:Group",
  role: "aws:iam/role:Role",
  policy: "aws:iam/policy:Policy",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  profile: "aws:iam/instanceProfile:InstanceProfile",
  cluster: "aws:eks/cluster:Cluster",
  pool: "aws:eks/nodeGroup:NodeGroup",
  addon: "aws:eks/addon:Addon",
  entry: "aws:eks/accessEntry:AccessEntry",
  association: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
  logs: "aws:cloudwatch/logGroup:LogGroup",
  rule: "aws:cloudwatch/eventRule:EventRule",
  target: "aws:cloudwatch/eventTarget:EventTarget",
  queue: "aws:sqs/queue:Queue",
} as const;

/** A trust policy for a service. */
export function trust(service: string): string {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

type Client = ReturnType<typeof cloudClient>;

/** A VPC with two subnets and a gateway. */
export async function network(client: Client) {
  const vpc = await client.make(AWS.vpc, "net", { cidrBlock: "10.0.0.0/16" });
  const subnet = (zone: string, index: number) =>
    client.make(AWS.subnet, `net-${zone}`, {
      vpcId: vpc.id,
      cidrBlock: `10.0.${index}.0/24`,
      availabilityZone: `eu-central-1${zone}`,
    });
  const subnets = [await subnet("a", 0), await subnet("b", 1)];
  const gateway = await client.make(AWS.gateway, "net", { vpcId: vpc.id });
  return { vpc, subnets, gateway, subnetIds: subnets.map(({ id }) => id) };
}

/** A role with a policy of AWS's. */
export async function role(client: Client, name: string, service: string): Promise<Kept> {
  const made = await client.make(AWS.role, name, { assumeRolePolicy: trust(service) });
  const policyArn = "arn:aws:iam::aws:policy/Any";
  await client.make(AWS.attachment, name, { role: made.id, policyArn });
  return made;
}

/** A cluster in a network of its own. */
export async function cluster(client: Client, more: Properties = {}) {
  const net = await network(client);
  const { state } = await role(client, "cluster", "eks.amazonaws.com");
  const inputs = {
    name: "lab",
    roleArn: state.arn,
    vpcConfig: { subnetIds: net.subnetIds },
    ...more,
  };
  const made = await client.make(AWS.cluster, "lab", inputs);
  return { ...net, cluster: made, inputs };
}
