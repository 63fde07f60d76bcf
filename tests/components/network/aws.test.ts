import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Instance } from "@pulumi/aws/ec2/instance";
import * as pulumi from "@pulumi/pulumi";
import { AwsNetwork } from "../../../components/network/aws";
import type { AwsNetworkArgs } from "../../../components/network/aws-args";
import { NatMode } from "../../../components/network/nat-mode";
import type { AwsNetworkRef } from "../../../components/network/network-ref";
import { deploy, type Deployment, type DeployOptions, find, tree } from "../../support/deploy";
import { remember } from "../../support/remember";

const zones = ["us-east-1a", "us-east-1b"];
const logArn =
  "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:/kvm-fabric/network/net/flow-logs";
const computed = (type: string): Record<string, unknown> =>
  type === "aws:cloudwatch/logGroup:LogGroup" ? { arn: logArn } : { publicIp: "203.0.113.7" };

const run = remember((args: Partial<AwsNetworkArgs> = {}, options: DeployOptions = {}) =>
  deploy(() => new AwsNetwork("net", { zones, ...args }), { outputsOf: computed, ...options }),
);

/** The logical names of a kind. */
const namesOf = ({ resources }: Deployment, kind: string): string[] =>
  resources
    .filter(({ type }) => type.endsWith(`:${kind}`))
    .map(({ name }) => name)
    .sort();

const everything: Partial<AwsNetworkArgs> = {
  natMode: NatMode.PerZone,
  interfaceEndpoints: ["ecr.api"],
};

test("makes exactly its resources, each below it", async () => {
  const each = (kind: string, names: string[]) =>
    names.map((name) => `aws:ec2/${kind} ${name} < net`);
  expect(tree(await run(everything))).toEqual(
    [
      "kvm-fabric:index:AwsNetwork net < stack",
      "aws:cloudwatch/logGroup:LogGroup net-flow-logs < net",
      "aws:iam/role:Role net-flow-logs < net",
      "aws:iam/rolePolicy:RolePolicy net-flow-logs < net",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule net-endpoints < net",
      ...each("vpc:Vpc", ["net"]),
      ...each("defaultSecurityGroup:DefaultSecurityGroup", ["net-default"]),
      ...each("internetGateway:InternetGateway", ["net-internet"]),
      ...each("flowLog:FlowLog", ["net-flow-logs"]),
      ...each("securityGroup:SecurityGroup", ["net-endpoints"]),
      ...each("vpcEndpoint:VpcEndpoint", [
        "net-endpoint-ecr-api",
        "net-gateway-dynamodb",
        "net-gateway-s3",
      ]),
      ...each("routeTable:RouteTable", ["net-public"]),
      ...each("route:Route", ["net-public-internet"]),
      ...zones.flatMap((zone) => [
        ...each("subnet:Subnet", [`net-private-${zone}`, `net-public-${zone}`]),
        ...each("routeTable:RouteTable", [`net-private-${zone}`]),
        ...each("route:Route", [`net-private-${zone}-nat`]),
        ...each("routeTableAssociation:RouteTableAssociation", [
          `net-private-${zone}`,
          `net-public-${zone}`,
        ]),
        ...each("eip:Eip", [`net-nat-${zone}`]),
        ...each("natGateway:NatGateway", [`net-nat-${zone}`]),
      ]),
    ].sort(),
  );
});

test.each(Object.values(NatMode))(
  "makes the same tree of NAT mode %s where nothing is known yet",
  async (natMode) => {
    const args = { natMode };
    expect(tree(await run(args, { preview: true }))).toEqual(tree(await run(args)));
  },
);

test("routes private subnets by the mode", async () => {
  const none = await run({ natMode: NatMode.None });
  expect(namesOf(none, "NatGateway")).toEqual([]);
  expect(namesOf(none, "Eip")).toEqual([]);
  expect(namesOf(none, "Route")).toEqual(["net-public-internet"]);
  const single = await run({ natMode: NatMode.Single });
  expect(namesOf(single, "NatGateway")).toEqual(["net-nat-us-east-1a"]);
  const gatewayOf = (deployment: Deployment, zone: string): unknown =>
    find(deployment, "aws:ec2/route:Route", `net-private-${zone}-nat`).inputs.natGatewayId;
  expect(gatewayOf(single, "us-east-1b")).toBe("net-nat-us-east-1a-id");
  const perZone = await run(everything);
  expect(gatewayOf(perZone, "us-east-1a")).toBe("net-nat-us-east-1a-id");
  expect(gatewayOf(perZone, "us-east-1b")).toBe("net-nat-us-east-1b-id");
});

test("a gateway comes after the internet does, and goes before it", async () => {
  const deployment = await run(everything);
  const gateway = find(deployment, "aws:ec2/natGateway:NatGateway", "net-nat-us-east-1b");
  expect(gateway.dependsOn).toEqual(
    expect.arrayContaining([
      "net-internet",
      "net-nat-us-east-1b",
      "net-public-internet",
      "net-public-us-east-1b",
    ]),
  );
  expect(gateway.deleteBeforeReplace).toBe(true);
  expect(find(deployment, "aws:ec2/eip:Eip", "net-nat-us-east-1b").dependsOn).toContain(
    "net-internet",
  );
});

test("what stands in a private subnet comes after its routes and the endpoints, and goes before them", async () => {
  const deployment = await deploy(
    () => {
      const network: AwsNetworkRef = new AwsNetwork("net", { zones, ...everything });
      new Instance("in-private", { subnetId: first(network.privateSubnetIds) });
      new Instance("in-public", { subnetId: first(network.publicSubnetIds) });
      new Instance("control-plane", { subnetId: first(network.controlPlaneSubnetIds ?? []) });
    },
    { outputsOf: computed },
  );
  const dependenciesOf = (name: string) =>
    find(deployment, "aws:ec2/instance:Instance", name).dependsOn;
  expect(dependenciesOf("in-private")).toEqual(
    expect.arrayContaining([
      "net-private-us-east-1a",
      "net-private-us-east-1a-nat",
      "net-private-us-east-1b-nat",
      "net-endpoint-ecr-api",
      "net-gateway-s3",
      // A Service's load balancer stands in a public subnet, and goes with what runs on the nodes.
      "net-public-internet",
    ]),
  );
  expect(dependenciesOf("in-public")).toEqual(
    expect.arrayContaining(["net-public-us-east-1a", "net-public-internet"]),
  );
  expect(dependenciesOf("control-plane")).toEqual([
    "net-private-us-east-1a",
    "net-private-us-east-1b",
  ]);
});

function first(ids: AwsNetworkRef["privateSubnetIds"]) {
  return pulumi.output(ids).apply((all) => all[0] ?? "");
}

test("tags what Karpenter and load balancers look for", async () => {
  const deployment = await run({ discoveryName: "prod", tags: { team: "fabric" } });
  const tagsOf = (name: string): unknown =>
    find(deployment, "aws:ec2/subnet:Subnet", name).inputs.tags;
  expect(tagsOf("net-private-us-east-1b")).toEqual({
    team: "fabric",
    Name: "net-private-us-east-1b",
    "karpenter.sh/discovery": "prod",
    "kubernetes.io/role/internal-elb": "1",
  });
  expect(tagsOf("net-public-us-east-1a")).toEqual({
    team: "fabric",
    Name: "net-public-us-east-1a",
    "kubernetes.io/role/elb": "1",
  });
});

test("leaves no default door open", async () => {
  const deployment = await run(everything);
  const type = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
  expect(find(deployment, type, "net-default").inputs).toMatchObject({ ingress: [], egress: [] });
  const rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
  expect(find(deployment, rule, "net-endpoints").inputs).toMatchObject({
    cidrIpv4: "10.0.0.0/16",
    fromPort: 443,
    toPort: 443,
    ipProtocol: "tcp",
  });
  expect(find(deployment, "aws:ec2/vpc:Vpc", "net").inputs).toMatchObject({
    cidrBlock: "10.0.0.0/16",
    enableDnsHostnames: true,
    enableDnsSupport: true,
  });
});

test("lets flow logs write their own group and nothing else, in any partition", async () => {
  const deployment = await run();
  expect(
    find(deployment, "aws:cloudwatch/logGroup:LogGroup", "net-flow-logs").inputs,
  ).toMatchObject({
    name: "/kvm-fabric/network/net/flow-logs",
    retentionInDays: 90,
  });
  const role = find(deployment, "aws:iam/role:Role", "net-flow-logs").inputs;
  expect(JSON.parse(role.assumeRolePolicy).Statement[0].Condition).toEqual({
    StringEquals: { "aws:SourceAccount": "123456789012" },
    ArnLike: { "aws:SourceArn": "arn:aws-us-gov:ec2:us-gov-west-1:123456789012:vpc-flow-log/*" },
  });
  const policy = find(deployment, "aws:iam/rolePolicy:RolePolicy", "net-flow-logs").inputs;
  expect(JSON.parse(policy.policy).Statement).toEqual([
    {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: [logArn, `${logArn}:*`],
    },
    {
      Effect: "Allow",
      Action: ["logs:DescribeLogGroups"],
      Resource: ["arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:*"],
    },
  ]);
  // The flow log goes first, then what it writes by, then where to.
  expect(find(deployment, "aws:ec2/flowLog:FlowLog", "net-flow-logs").dependsOn).toContain(
    "net-flow-logs",
  );
});

test("makes no flow logs that were not asked for", async () => {
  const deployment = await run({ flowLogs: { enabled: false } });
  expect(namesOf(deployment, "FlowLog")).toEqual([]);
  expect(namesOf(deployment, "Role")).toEqual([]);
});

test("registers all that it shows", async () => {
  const deployment = await run({ natMode: NatMode.Single });
  expect(deployment.outputs.get("net")).toEqual({
    controlPlaneSubnetIds: ["net-private-us-east-1a-id", "net-private-us-east-1b-id"],
    natPublicIps: ["203.0.113.7"],
    privateSubnetIds: ["net-private-us-east-1a-id", "net-private-us-east-1b-id"],
    publicSubnetIds: ["net-public-us-east-1a-id", "net-public-us-east-1b-id"],
    spareCidr: "10.0.224.0/19",
    vpcCidr: "10.0.0.0/16",
    vpcId: "net-id",
  });
});

test("two networks live side by side, and a key may be known later", async () => {
  const program = () => {
    const key = new LogGroup("key").arn;
    new AwsNetwork("one", { zones, flowLogs: { encryptionKeyArn: key } });
    new AwsNetwork("two", { zones });
  };
  const known = tree(await deploy(program, { outputsOf: computed }));
  expect(tree(await deploy(program, { preview: true }))).toEqual(known);
});
