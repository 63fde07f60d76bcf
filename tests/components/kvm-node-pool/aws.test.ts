import * as aws from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { AwsKvmNodePool } from "../../../components/kvm-node-pool/aws";
import {
  AwsImageFamily,
  type AwsKvmNodePoolArgs,
  AwsNodeGroup,
} from "../../../components/kvm-node-pool/aws-args";
import { assetSetId } from "../../../components/node-provisioner/asset-set";
import { type Deployment, deploy, find, tree } from "../../support/deploy";
import { assets, awsLeast } from "../../unit/components/kvm-node-pool/least";
import { parseMime } from "../../unit/components/kvm-node-pool/parse-mime";

const GROUP = "aws:autoscaling/group:Group";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const MANAGED = "aws:eks/nodeGroup:NodeGroup";

const outputsOf = (type: string, name: string) => ({
  ...(type === "aws:iam/role:Role" && { arn: `arn:aws:iam::123456789012:role/${name}` }),
  ...(type === TEMPLATE && { latestVersion: 3 }),
});

function poolOf(args: Partial<AwsKvmNodePoolArgs> = {}): Promise<Deployment> {
  return deploy(
    () => {
      new AwsKvmNodePool("kvm", { ...awsLeast, ...args });
    },
    { outputsOf },
  );
}

const managed = { instanceTypes: ["m5.metal"], nodeGroup: AwsNodeGroup.Managed };

test("makes exactly its resources, each below it", async () => {
  const deployment = await poolOf();
  expect(tree(deployment)).toEqual([
    "aws:autoscaling/group:Group kvm < kvm",
    "aws:ec2/launchTemplate:LaunchTemplate kvm < kvm",
    "aws:eks/accessEntry:AccessEntry kvm-nodes < kvm",
    "aws:iam/instanceProfile:InstanceProfile kvm-nodes < kvm",
    "aws:iam/role:Role kvm-nodes < kvm",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment kvm-nodes-AmazonEC2ContainerRegistryPullOnly < kvm",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment kvm-nodes-AmazonEKSWorkerNodePolicy < kvm",
    "kvm-fabric:index:AwsKvmNodePool kvm < stack",
  ]);
  expect(deployment.outputs.get("kvm")).toEqual({
    groupName: "kvm",
    nodeLabels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "kvm" },
    nodeRoleArn: "arn:aws:iam::123456789012:role/kvm-nodes",
  });
});

test("the launch template switches nesting on, guards metadata and disks, and pins the image", async () => {
  const template = find(await poolOf(), TEMPLATE, "kvm").inputs;
  expect(template).toMatchObject({
    name: "kvm",
    imageId: awsLeast.imageId,
    instanceType: "m8i.2xlarge",
    cpuOptions: { nestedVirtualization: "enabled" },
    metadataOptions: {
      httpEndpoint: "enabled",
      httpTokens: "required",
      httpPutResponseHopLimit: 1,
    },
    blockDeviceMappings: [
      { deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeSize: 100, volumeType: "gp3" } },
    ],
    iamInstanceProfile: { name: "kvm-nodes" },
    monitoring: { enabled: false },
    updateDefaultVersion: true,
    vpcSecurityGroupIds: ["sg-cluster"],
  });
  expect(template.tagSpecifications.map((one: any) => one.resourceType)).toEqual([
    "instance",
    "volume",
    "network-interface",
  ]);
});

test("a node joins with the contract's labels and taints", async () => {
  const { userData } = find(await poolOf(), TEMPLATE, "kvm").inputs;
  const [config, script] = parseMime(Buffer.from(userData, "base64").toString());
  expect(parse(config?.body ?? "").spec).toMatchObject({
    cluster: { name: "fabric", cidr: "172.20.0.0/16" },
    kubelet: {
      flags: [
        "--node-labels=kvm-fabric.dev/kvm-enabled=true,kvm-fabric.dev/pool=kvm",
        "--register-with-taints=kvm-fabric.dev/worker=true:NoSchedule," +
          "kvm-fabric.dev/not-ready=true:NoSchedule",
      ],
    },
  });
  expect(script?.contentType).toBe("text/x-shellscript");
  expect(script?.body).toContain("verify_kvm");
});

test("with assets the same resources, and a script that brings them", async () => {
  const deployment = await poolOf({ hostProfile: { assets } });
  expect(tree(deployment)).toEqual(tree(await poolOf()));
  const { userData } = find(deployment, TEMPLATE, "kvm").inputs;
  const [config, script] = parseMime(Buffer.from(userData, "base64").toString());
  expect(config?.contentType).toBe("application/node.eks.aws");
  expect(script?.body).toContain(`asset set ${assetSetId(assets)} of kvm-fabric`);
});

test("metal machines need no option, and more patience", async () => {
  const deployment = await poolOf({ instanceTypes: ["m8i.metal-48xl"] });
  expect(find(deployment, TEMPLATE, "kvm").inputs.cpuOptions).toBeUndefined();
  const group = find(deployment, GROUP, "kvm");
  expect(group.inputs).toMatchObject({
    healthCheckGracePeriod: 1800,
    waitForCapacityTimeout: "45m",
  });
  expect(group.customTimeouts).toMatchObject({ create: "45m", update: "45m", pb_delete: "45m" });
});

test("the group goes before what its nodes act with", async () => {
  const deployment = await poolOf();
  const group = find(deployment, GROUP, "kvm");
  expect(group.dependsOn).toEqual(
    expect.arrayContaining([
      "kvm-nodes-AmazonEC2ContainerRegistryPullOnly",
      "kvm-nodes-AmazonEKSWorkerNodePolicy",
      "kvm-nodes",
      "kvm",
    ]),
  );
  // Profile and access entry, both called so.
  expect(group.dependsOn.filter((one) => one === "kvm-nodes")).toHaveLength(2);
});

test("a pool of a fixed size keeps it; an autoscaled one leaves it to the autoscaler", async () => {
  const fixed = find(await poolOf({ minNodes: 3 }), GROUP, "kvm");
  expect(fixed.inputs).toMatchObject({ desiredCapacity: 3, minSize: 3, maxSize: 3 });
  expect(fixed.ignoreChanges).toEqual([]);
  const scaled = find(await poolOf({ minNodes: 0, maxNodes: 5 }), GROUP, "kvm");
  expect(scaled.inputs).toMatchObject({ desiredCapacity: 0, minSize: 0, maxSize: 5 });
  expect(scaled.ignoreChanges).toEqual(["desiredCapacity"]);
  const keys = (group: typeof fixed) => group.inputs.tags.map(({ key }: any) => key);
  const resource = "k8s.io/cluster-autoscaler/node-template/resources/kvm-fabric.dev/kvm";
  expect(keys(scaled)).toContain(resource);
  expect(keys(fixed)).not.toContain(resource);
});

test("one type is launched as it is; several, and spot, by a policy", async () => {
  const one = find(await poolOf(), GROUP, "kvm").inputs;
  expect(one.launchTemplate).toEqual({ id: "kvm-id", version: "3" });
  expect(one.mixedInstancesPolicy).toBeUndefined();
  const types = ["m8i.2xlarge", "r8i.2xlarge"];
  const several = find(await poolOf({ instanceTypes: types, spot: true }), GROUP, "kvm").inputs;
  expect(several.launchTemplate).toBeUndefined();
  expect(several.mixedInstancesPolicy).toEqual({
    instancesDistribution: {
      onDemandAllocationStrategy: "prioritized",
      onDemandBaseCapacity: 0,
      onDemandPercentageAboveBaseCapacity: 0,
      spotAllocationStrategy: "price-capacity-optimized",
    },
    launchTemplate: {
      launchTemplateSpecification: { launchTemplateId: "kvm-id", version: "3" },
      overrides: types.map((instanceType) => ({ instanceType })),
    },
  });
});

test("refreshes, lifetimes, warm pools and reservations are made where asked for alone", async () => {
  const plain = await poolOf();
  const keys = ["instanceRefresh", "maxInstanceLifetime", "warmPool"];
  for (const key of keys) expect(find(plain, GROUP, "kvm").inputs[key]).toBeUndefined();
  const asked = await poolOf({
    capacityReservationId: "cr-1",
    diskKmsKeyArn: "arn:key",
    instanceRefresh: { minHealthyPercentage: 50 },
    maxInstanceLifetimeDays: 30,
    maxNodes: 4,
    placementGroupName: "near",
    warmPool: {},
  });
  expect(find(asked, GROUP, "kvm").inputs).toMatchObject({
    instanceRefresh: {
      strategy: "Rolling",
      preferences: { instanceWarmup: "300", minHealthyPercentage: 50, skipMatching: true },
    },
    maxInstanceLifetime: 2_592_000,
    warmPool: { maxGroupPreparedCapacity: 4, minSize: 1, poolState: "Stopped" },
  });
  expect(find(asked, TEMPLATE, "kvm").inputs).toMatchObject({
    blockDeviceMappings: [{ ebs: { kmsKeyId: "arn:key" } }],
    capacityReservationSpecification: {
      capacityReservationTarget: { capacityReservationId: "cr-1" },
    },
    placement: { groupName: "near" },
  });
});

test("Bottlerocket gets its settings, and a second disk for what pods write", async () => {
  const deployment = await poolOf({ imageFamily: AwsImageFamily.Bottlerocket });
  const { blockDeviceMappings, userData } = find(deployment, TEMPLATE, "kvm").inputs;
  expect(blockDeviceMappings.map((one: any) => [one.deviceName, one.ebs.encrypted])).toEqual([
    ["/dev/xvda", "true"],
    ["/dev/xvdb", "true"],
  ]);
  expect(Buffer.from(userData, "base64").toString()).toMatch(/^\[settings\.kubernetes\]\n/);
});

test("further policies and security groups come by name", async () => {
  const deployment = await poolOf({ securityGroupIds: ["sg-1"], ssm: true, vpcCniPolicy: true });
  expect(find(deployment, TEMPLATE, "kvm").inputs.vpcSecurityGroupIds).toEqual([
    "sg-cluster",
    "sg-1",
  ]);
  const policies = deployment.resources.flatMap(({ inputs, type }) =>
    type.endsWith("RolePolicyAttachment") ? [inputs.policyArn] : [],
  );
  expect(policies).toEqual([
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
  ]);
});

test("a managed group of metal machines has a template of ours, and a name that changes with what replaces it", async () => {
  const deployment = await poolOf({ ...managed, maxNodes: 3 });
  expect(tree(deployment)).toEqual([
    "aws:ec2/launchTemplate:LaunchTemplate kvm < kvm",
    "aws:eks/nodeGroup:NodeGroup kvm < kvm",
    "aws:iam/role:Role kvm-nodes < kvm",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment kvm-nodes-AmazonEC2ContainerRegistryPullOnly < kvm",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment kvm-nodes-AmazonEKSWorkerNodePolicy < kvm",
    "kvm-fabric:index:AwsKvmNodePool kvm < stack",
  ]);
  const template = find(deployment, TEMPLATE, "kvm").inputs;
  expect([template.instanceType, template.iamInstanceProfile]).toEqual([undefined, undefined]);
  const group = find(deployment, MANAGED, "kvm");
  expect(group.ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
  expect(group.inputs).toMatchObject({
    instanceTypes: ["m5.metal"],
    launchTemplate: { id: "kvm-id", version: "3" },
    scalingConfig: { desiredSize: 1, minSize: 1, maxSize: 3 },
    taints: [{ key: "kvm-fabric.dev/worker", value: "true", effect: "NO_SCHEDULE" }],
  });
  const nameOf = async (args: Partial<AwsKvmNodePoolArgs>) =>
    find(await poolOf({ ...managed, ...args }), MANAGED, "kvm").inputs.nodeGroupName;
  const name = await nameOf({});
  expect(name).toMatch(/^kvm-[0-9a-f]{8}$/);
  const same: Partial<AwsKvmNodePoolArgs>[] = [
    { maxNodes: 9 },
    { imageId: "ami-00000000" },
    { labels: { a: "b" } },
    { diskGib: 200 },
    { subnetIds: ["subnet-b", "subnet-a"] },
  ];
  for (const args of same) expect(await nameOf(args)).toBe(name);
  const other: Partial<AwsKvmNodePoolArgs>[] = [
    { spot: true },
    { instanceTypes: ["c5.metal"] },
    { subnetIds: ["subnet-a"] },
    { cluster: { ...awsLeast.cluster, name: "other" } },
  ];
  for (const args of other) expect(await nameOf(args)).not.toBe(name);
});

test("no change of a self-managed pool renames what would have to be replaced", async () => {
  const names = async (args: Partial<AwsKvmNodePoolArgs>) =>
    (await poolOf(args)).resources.map(({ inputs, type }) => `${type} ${String(inputs.name)}`);
  const before = await names({});
  const changes: Partial<AwsKvmNodePoolArgs>[] = [
    { instanceTypes: ["c8i.large", "m8i.large"] },
    { spot: true },
    { imageId: "ami-00000000" },
    { subnetIds: ["subnet-z"] },
    { imageFamily: AwsImageFamily.Bottlerocket },
  ];
  for (const args of changes) expect(await names(args)).toEqual(before);
});

test.each([{}, managed])("makes the same tree where nothing is known yet: %j", async (args) => {
  const program = () => {
    // Any resource's output will do for what is not known before it is made.
    const later = (name: string): pulumi.Output<string> =>
      new aws.Policy(name, { name, policy: "{}" }).name;
    const cluster = Object.fromEntries(
      Object.keys(awsLeast.cluster).map((key) => [key, later(key)]),
    );
    new AwsKvmNodePool("kvm", {
      ...awsLeast,
      ...args,
      cluster: { ...awsLeast.cluster, ...cluster },
      imageId: later("image"),
      subnetIds: [later("subnet")],
    });
  };
  const known = await deploy(program, { outputsOf });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
});

test("a faulty pool makes nothing and says everything in one message", async () => {
  let message = "";
  const deployment = await deploy(() => {
    try {
      new AwsKvmNodePool("kvm", { ...awsLeast, nodeGroup: AwsNodeGroup.Managed, minNodes: -1 });
    } catch (error) {
      message = String(error);
    }
  });
  expect(message).toMatch(/AwsKvmNodePool "kvm" has 2 faults:\n {2}minNodes: .*\n {2}nodeGroup: /);
  expect(deployment.resources.filter(({ custom }) => custom)).toEqual([]);
});
