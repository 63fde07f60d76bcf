import * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import * as iam from "@pulumi/aws/iam";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import {
  AwsAccessPolicy,
  type AwsClusterArgs,
  AwsNodeImage,
} from "../../../../components/cluster/aws/args";
import { AwsCluster } from "../../../../components/cluster/aws/aws-cluster";
import { awsClusterRef } from "../../../../components/cluster/aws/refs";
import type { AwsClusterRef } from "../../../../components/cluster/cluster-ref";
import { least, TODAY } from "../../../unit/components/cluster/aws/least";
import { deploy, find, isSecret, redact, reveal, tree, UNKNOWN } from "../../../support/deploy";
import { remember } from "../../../support/remember";
import { deployEdges, type Edges } from "./edges";
import { awsOutputs } from "./outputs";
import { after } from "../../../../components/shared/after";

const CLUSTER = "aws:eks/cluster:Cluster";
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const PROVIDER = "pulumi:providers:kubernetes";

// The dates of support must not make tests fail one day.
beforeAll(() => {
  jest.useFakeTimers({ advanceTimers: true, now: TODAY });
});
afterAll(() => {
  jest.useRealTimers();
});

/** Runs a cluster with these arguments, and whatever else makes use of it. */
const run = remember(
  (
    args: Partial<AwsClusterArgs> = {},
    use: (cluster: AwsCluster) => void = () => undefined,
    preview?: boolean,
  ) => {
    const program = () => {
      use(new AwsCluster("fabric", { ...least, ...args }));
    };
    return deploy(program, { outputsOf: awsOutputs, preview });
  },
);

const LEAST_TREE = [
  "aws:cloudwatch/logGroup:LogGroup fabric-logs < fabric",
  "aws:ec2/launchTemplate:LaunchTemplate fabric-system < fabric",
  "aws:ec2/tag:Tag fabric-discovery < fabric",
  "aws:eks/accessEntry:AccessEntry fabric-access-deployer < fabric",
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation fabric-access-deployer < fabric",
  "aws:eks/addon:Addon fabric-aws-ebs-csi-driver < fabric",
  "aws:eks/addon:Addon fabric-coredns < fabric",
  "aws:eks/addon:Addon fabric-eks-pod-identity-agent < fabric",
  "aws:eks/addon:Addon fabric-kube-proxy < fabric",
  "aws:eks/addon:Addon fabric-vpc-cni < fabric",
  "aws:eks/cluster:Cluster fabric < fabric",
  "aws:eks/nodeGroup:NodeGroup fabric-system < fabric",
  "aws:eks/podIdentityAssociation:PodIdentityAssociation fabric-cni < fabric",
  "aws:eks/podIdentityAssociation:PodIdentityAssociation fabric-ebs-csi < fabric",
  "aws:iam/role:Role fabric-cluster < fabric",
  "aws:iam/role:Role fabric-cni < fabric",
  "aws:iam/role:Role fabric-ebs-csi < fabric",
  "aws:iam/role:Role fabric-system < fabric",
  "aws:iam/rolePolicy:RolePolicy fabric-cluster-encryption < fabric",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-cluster-AmazonEKSClusterPolicy < fabric",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-cni-AmazonEKS_CNI_Policy < fabric",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-ebs-csi-AmazonEBSCSIDriverPolicy < fabric",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-system-AmazonEC2ContainerRegistryPullOnly < fabric",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-system-AmazonEKSWorkerNodePolicy < fabric",
  "aws:kms/alias:Alias fabric-key < fabric",
  "aws:kms/key:Key fabric-key < fabric",
  "aws:kms/keyPolicy:KeyPolicy fabric-key < fabric",
  "kvm-fabric:index:AwsCluster fabric < stack",
];

test("makes exactly its resources, each below it", async () => {
  expect(tree(await run())).toEqual(LEAST_TREE);
});

test("makes what was asked for beside, and no key where one is given", async () => {
  const deployment = await run({
    encryptionKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/mine",
    irsa: true,
    privateAccessCidrs: ["10.8.0.0/16"],
    systemPool: { ...least.systemPool, sessionManager: true },
  });
  const lines = tree(deployment);
  expect(lines.filter((line) => !LEAST_TREE.includes(line))).toEqual([
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider fabric-oidc < fabric",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-system-AmazonSSMManagedInstanceCore < fabric",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule fabric-api-from-10-8-0-0-16 < fabric",
  ]);
  expect(LEAST_TREE.filter((line) => !lines.includes(line))).toEqual([
    "aws:kms/alias:Alias fabric-key < fabric",
    "aws:kms/key:Key fabric-key < fabric",
    "aws:kms/keyPolicy:KeyPolicy fabric-key < fabric",
  ]);
  const rule = find(
    deployment,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "fabric-api-from-10-8-0-0-16",
  );
  expect(rule.inputs).toMatchObject({
    securityGroupId: "sg-cluster",
    cidrIpv4: "10.8.0.0/16",
    fromPort: 443,
    toPort: 443,
    ipProtocol: "tcp",
  });
});

test("makes the same tree where nothing is known yet", async () => {
  const program = () => {
    const vpc = new ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
    const subnet = new ec2.Subnet("subnet", { vpcId: vpc.id, cidrBlock: "10.0.0.0/24" });
    const role = new iam.Role("deployer", { assumeRolePolicy: "{}", name: "deployer" });
    const key = role.arn.apply(() => "arn:aws:kms:eu-central-1:123456789012:key/mine");
    new AwsCluster("fabric", {
      ...least,
      network: {
        vpcId: vpc.id,
        vpcCidr: vpc.cidrBlock,
        privateSubnetIds: pulumi.all([subnet.id, subnet.id]),
        publicSubnetIds: [],
      },
      accessEntries: [
        { name: "deployer", principalArn: role.arn, policy: AwsAccessPolicy.ClusterAdmin },
      ],
      encryptionKeyArn: key,
      irsa: true,
      kubeconfigRoleArn: role.arn,
    });
  };
  const known = await deploy(program, { outputsOf: awsOutputs });
  const unknown = await deploy(program, { outputsOf: awsOutputs, preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(tree(known)).toHaveLength(29);
  expect(find(unknown, CLUSTER, "fabric").inputs.roleArn).toBe(UNKNOWN);
  expect(find(unknown, NODE_GROUP, "fabric-system").inputs.nodeGroupName).toBe(UNKNOWN);
  expect(find(known, NODE_GROUP, "fabric-system").inputs.nodeGroupName).toMatch(
    /^fabric-system-[0-9a-f]{8}$/,
  );
});

test("two clusters side by side share no name in AWS", async () => {
  const deployment = await deploy(
    () => {
      new AwsCluster("one", least);
      new AwsCluster("two", least);
    },
    { outputsOf: awsOutputs },
  );
  const named = deployment.resources.flatMap(({ type, inputs }) => {
    const name: unknown = inputs.nodeGroupName ?? inputs.name;
    return typeof name === "string" && type !== "aws:iam/rolePolicy:RolePolicy"
      ? [`${type} ${name}`]
      : [];
  });
  expect(new Set(named).size).toBe(named.length);
  expect(named).toHaveLength(18);
});

test("the control plane: private, access entries alone, encrypted, logged, guarded", async () => {
  const cluster = find(await run({ tags: { team: "fabric" } }), CLUSTER, "fabric");
  expect(cluster.inputs).toEqual({
    name: "fabric",
    version: "1.36",
    roleArn: "arn:aws:iam::123456789012:role/fabric-cluster",
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    bootstrapSelfManagedAddons: false,
    deletionProtection: true,
    enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    encryptionConfig: {
      provider: { keyArn: "arn:aws:kms:eu-central-1:123456789012:key/fabric-key" },
      resources: ["secrets"],
    },
    kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: "172.20.0.0/16" },
    upgradePolicy: { supportType: "STANDARD" },
    vpcConfig: {
      subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
    },
    zonalShiftConfig: { enabled: true },
    tags: { team: "fabric", Name: "fabric" },
  });
  expect(cluster.protect).toBe(true);
});

test("a public endpoint has its allow-list, and only an argument that says unsafe opens it to all", async () => {
  const endpoint = async (args: Partial<AwsClusterArgs>) =>
    find(await run(args), CLUSTER, "fabric").inputs.vpcConfig;
  expect(await endpoint({ publicAccessCidrs: ["203.0.113.0/24"] })).toMatchObject({
    endpointPrivateAccess: true,
    endpointPublicAccess: true,
    publicAccessCidrs: ["203.0.113.0/24"],
  });
  const warn = jest.spyOn(console, "warn").mockImplementation();
  expect(await endpoint({ unsafePublicAccessFromAnywhere: true })).toMatchObject({
    publicAccessCidrs: ["0.0.0.0/0"],
  });
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("unsafePublicAccessFromAnywhere"));
  warn.mockRestore();
});

test("key and logs are rotated, kept for a time, guarded in three ways; without protection none is", async () => {
  const guarded = await run();
  const key = find(guarded, "aws:kms/key:Key", "fabric-key");
  const logs = find(guarded, "aws:cloudwatch/logGroup:LogGroup", "fabric-logs");
  expect(key.inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
  expect(find(guarded, "aws:kms/alias:Alias", "fabric-key").inputs.name).toBe("alias/eks/fabric");
  expect(logs.inputs).toMatchObject({
    name: "/aws/eks/fabric/cluster",
    retentionInDays: 90,
    kmsKeyId: "arn:aws:kms:eu-central-1:123456789012:key/fabric-key",
    deletionProtectionEnabled: true,
  });
  const data = ["aws:kms/key:Key", "aws:kms/alias:Alias", "aws:kms/keyPolicy:KeyPolicy"].map(
    (type) => find(guarded, type, "fabric-key"),
  );
  for (const { protect, retainOnDelete } of [...data, logs]) {
    expect({ protect, retainOnDelete }).toEqual({ protect: true, retainOnDelete: true });
  }
  const loose = await run({ deletionProtection: false });
  expect(
    loose.resources.filter(({ protect, retainOnDelete }) => protect || retainOnDelete),
  ).toEqual([]);
  expect(find(loose, CLUSTER, "fabric").inputs.deletionProtection).toBe(false);
});

test("each principal has an entry, and each policy its scope", async () => {
  const principal = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
  const deployment = await run({
    accessEntries: [
      ...least.accessEntries,
      {
        name: "team",
        principalArn: principal("team"),
        policy: AwsAccessPolicy.Edit,
        namespaces: ["a", "b"],
      },
      { name: "viewer", principalArn: principal("viewer"), groups: ["viewers"] },
    ],
  });
  const entry = (name: string) =>
    find(deployment, "aws:eks/accessEntry:AccessEntry", `fabric-access-${name}`).inputs;
  const policies = deployment.resources.filter(({ type }) => type.includes("/accessPolicy"));
  expect(entry("deployer")).toMatchObject({
    type: "STANDARD",
    principalArn: principal("deployer"),
  });
  expect(entry("viewer").kubernetesGroups).toEqual(["viewers"]);
  expect(policies.map(({ inputs }) => [inputs.policyArn, inputs.accessScope])).toEqual([
    ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", { type: "cluster" }],
    [
      "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
      { type: "namespace", namespaces: ["a", "b"] },
    ],
  ]);
  expect(policies.map(({ deleteBeforeReplace }) => deleteBeforeReplace)).toEqual([true, true]);
});

test("the system pool: tainted, pinned, IMDSv2 one hop away, disks encrypted, its count its own", async () => {
  const deployment = await run();
  const { inputs, ignoreChanges } = find(deployment, NODE_GROUP, "fabric-system");
  expect(inputs).toMatchObject({
    amiType: "AL2023_x86_64_STANDARD",
    version: "1.36",
    releaseVersion: "1.36.2-20260812",
    capacityType: "ON_DEMAND",
    instanceTypes: ["m6i.large"],
    launchTemplate: { id: "fabric-system-id", version: "7" },
    scalingConfig: { minSize: 2, maxSize: 4, desiredSize: 2 },
    subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
    taints: [{ key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" }],
    updateConfig: { maxUnavailable: 1 },
  });
  expect(ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
  const template = find(deployment, "aws:ec2/launchTemplate:LaunchTemplate", "fabric-system");
  expect(template.inputs.metadataOptions).toEqual({
    httpEndpoint: "enabled",
    httpTokens: "required",
    httpPutResponseHopLimit: 1,
  });
  expect(template.inputs.blockDeviceMappings).toEqual([
    {
      deviceName: "/dev/xvda",
      ebs: { encrypted: "true", volumeType: "gp3", deleteOnTermination: "true", volumeSize: 50 },
    },
  ]);
});

test("Bottlerocket's two disks are both encrypted, and the second has the size", async () => {
  const deployment = await run({
    systemPool: { image: AwsNodeImage.Bottlerocket, releaseVersion: "1.57.0-8a1b2c3d" },
  });
  const template = find(deployment, "aws:ec2/launchTemplate:LaunchTemplate", "fabric-system");
  expect(
    template.inputs.blockDeviceMappings.map(({ deviceName, ebs }: any) => [
      deviceName,
      ebs.encrypted,
      ebs.volumeSize,
    ]),
  ).toEqual([
    ["/dev/xvda", "true", undefined],
    ["/dev/xvdb", "true", 50],
  ]);
});

test("a node group's name changes with what replaces it, and with nothing else", async () => {
  const nameOf = async (args: Partial<AwsClusterArgs>): Promise<string> =>
    find(await run(args), NODE_GROUP, "fabric-system").inputs.nodeGroupName;
  const pool = least.systemPool;
  const name = await nameOf({});
  const { network } = least;
  const same = { ...network, privateSubnetIds: ["subnet-c", "subnet-a", "subnet-b"] };
  expect(await nameOf({ network: same })).toBe(name);
  expect(await nameOf({ systemPool: { ...pool, diskGib: 80, minNodes: 3 } })).toBe(name);
  expect(await nameOf({ systemPool: { releaseVersion: "1.36.3-20260901" } })).toBe(name);
  for (const args of [
    { systemPool: { ...pool, instanceTypes: ["m7i.large"] } },
    { network: { ...network, privateSubnetIds: ["subnet-a", "subnet-b"] } },
    { systemPool: { image: AwsNodeImage.Bottlerocket, releaseVersion: "1.57.0-8a1b2c3d" } },
  ]) {
    expect(await nameOf(args)).not.toBe(name);
  }
});

test("the nodes' role can join and pull, no more; each add-on's role is for its pods alone", async () => {
  const deployment = await run();
  const policies = deployment.resources
    .filter(({ type }) => type.endsWith(":RolePolicyAttachment"))
    .map(({ inputs }) => `${inputs.role} ${inputs.policyArn}`);
  const aws = "arn:aws:iam::aws:policy";
  expect(policies.sort()).toEqual([
    `fabric-cluster ${aws}/AmazonEKSClusterPolicy`,
    `fabric-cni ${aws}/AmazonEKS_CNI_Policy`,
    `fabric-ebs-csi ${aws}/service-role/AmazonEBSCSIDriverPolicy`,
    `fabric-system ${aws}/AmazonEC2ContainerRegistryPullOnly`,
    `fabric-system ${aws}/AmazonEKSWorkerNodePolicy`,
  ]);
  const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
  expect(find(deployment, association, "fabric-ebs-csi").inputs).toMatchObject({
    namespace: "kube-system",
    serviceAccount: "ebs-csi-controller-sa",
    roleArn: "arn:aws:iam::123456789012:role/fabric-ebs-csi",
  });
});

test("exactly one security group is Karpenter's to find", async () => {
  const deployment = await run();
  const tags = deployment.resources.filter(({ inputs }) =>
    JSON.stringify(inputs).includes("karpenter.sh/discovery"),
  );
  expect(tags.map(({ inputs }) => inputs)).toEqual([
    { resourceId: "sg-cluster", key: "karpenter.sh/discovery", value: "fabric" },
  ]);
});

describe("order", () => {
  let edges: Edges;
  beforeAll(async () => {
    const program = () => {
      const cluster = new AwsCluster("fabric", {
        ...least,
        privateAccessCidrs: ["10.8.0.0/16"],
      });
      const { arn, kubeconfig, name } = cluster;
      const provider = new Provider("in-cluster", { kubeconfig, clusterIdentifier: arn });
      new ConfigMap("workload", {}, { provider });
      new eks.AccessEntry("pool", { clusterName: name, principalArn: "arn" });
      new iam.Policy("by-arn", { policy: arn });
    };
    edges = await deployEdges(program, { outputsOf: awsOutputs });
  });

  const early = [
    "Addon fabric-eks-pod-identity-agent",
    "Addon fabric-kube-proxy",
    "Addon fabric-vpc-cni",
  ];
  const late = ["Addon fabric-aws-ebs-csi-driver", "Addon fabric-coredns"];
  const access = [
    "AccessEntry fabric-access-deployer",
    "AccessPolicyAssociation fabric-access-deployer",
  ];
  const reach = ["SecurityGroupIngressRule fabric-api-from-10-8-0-0-16", "Tag fabric-discovery"];

  // What is created first is deleted last, so each row is an order of both.
  test.each<[string, string[]]>([
    [
      "Cluster fabric",
      [
        "Key fabric-key",
        "KeyPolicy fabric-key",
        "LogGroup fabric-logs",
        "Role fabric-cluster",
        "RolePolicy fabric-cluster-encryption",
        "RolePolicyAttachment fabric-cluster-AmazonEKSClusterPolicy",
      ],
    ],
    [
      "Addon fabric-vpc-cni",
      [
        "Cluster fabric",
        "PodIdentityAssociation fabric-cni",
        "RolePolicyAttachment fabric-cni-AmazonEKS_CNI_Policy",
      ],
    ],
    [
      "NodeGroup fabric-system",
      [
        ...early,
        ...access,
        ...reach,
        "LaunchTemplate fabric-system",
        "RolePolicyAttachment fabric-system-AmazonEC2ContainerRegistryPullOnly",
        "RolePolicyAttachment fabric-system-AmazonEKSWorkerNodePolicy",
      ],
    ],
    ["Addon fabric-coredns", ["NodeGroup fabric-system", ...early]],
    [
      "Addon fabric-aws-ebs-csi-driver",
      [
        "NodeGroup fabric-system",
        "PodIdentityAssociation fabric-ebs-csi",
        "RolePolicyAttachment fabric-ebs-csi-AmazonEBSCSIDriverPolicy",
      ],
    ],
    ["kubernetes in-cluster", ["NodeGroup fabric-system", ...access, ...early, ...late, ...reach]],
    ["ConfigMap workload", ["NodeGroup fabric-system", ...access, ...early, ...late, ...reach]],
    ["AccessEntry pool", ["Cluster fabric", ...early, ...reach]],
    ["Policy by-arn", ["Cluster fabric"]],
  ])("%s comes after, and goes before, what it needs", (resource, needed) => {
    const before = edges.before(resource);
    expect(needed.filter((other) => !before.has(other))).toEqual([]);
  });

  test.each([
    [
      "pools start beside the system pool",
      "AccessEntry pool",
      ["NodeGroup fabric-system", ...late],
    ],
    [
      "policies need the ARN alone",
      "Policy by-arn",
      [...early, ...reach, "NodeGroup fabric-system"],
    ],
    ["early add-ons need no nodes", "Addon fabric-vpc-cni", ["NodeGroup fabric-system"]],
    [
      "the cluster waits for no other role",
      "Cluster fabric",
      ["Role fabric-system", "Role fabric-cni"],
    ],
  ])("nothing waits in vain: %s", (_, resource, needless) => {
    const before = edges.before(resource);
    expect(needless.filter((other) => before.has(other))).toEqual([]);
  });

  test("nothing but the cluster depends on the log group, which therefore goes after it", () => {
    expect([...edges.before("LogGroup fabric-logs")].sort()).toEqual([
      "Key fabric-key",
      "KeyPolicy fabric-key",
    ]);
  });

  test("a hook looks at each update of the cluster, at the preview too", () => {
    expect(edges.hooks("Cluster fabric")).toEqual(["AwsCluster:fabric:one-minor-upgrade"]);
    expect(edges.registered).toEqual([["AwsCluster:fabric:one-minor-upgrade", true]]);
  });
});

test("is a reference to itself, and tells what else users need", async () => {
  const deployment = await run({ irsa: true }, (cluster) => {
    cluster satisfies AwsClusterRef;
  });
  const { kubeconfig, ...outputs } = deployment.outputs.get("fabric") ?? {};
  expect(isSecret(kubeconfig)).toBe(true);
  expect(outputs).toEqual({
    arn: "arn:aws:eks:eu-central-1:123456789012:cluster/fabric",
    certificateAuthorityData: "Q0E=",
    clusterSecurityGroupId: "sg-cluster",
    endpoint: "https://api.example",
    kubernetesVersion: "1.36",
    name: "fabric",
    oidcIssuer: "https://oidc.example/id",
    oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example/id",
    serviceCidr: "172.20.0.0/16",
    systemNodeRoleName: "fabric-system",
  });
});

test("the kubeconfig holds no credential, stays secret, and names no profile", async () => {
  const role = "arn:aws:iam::123456789012:role/ci";
  const deployment = await run({ kubeconfigRoleArn: role }, ({ arn, kubeconfig }) => {
    new Provider("in-cluster", { kubeconfig, clusterIdentifier: arn });
  });
  const { inputs } = find(deployment, PROVIDER, "in-cluster");
  expect(JSON.stringify(redact(inputs))).not.toContain("api.example");
  const content = parse(reveal(inputs.kubeconfig));
  expect(content.clusters[0].cluster).toEqual({
    server: "https://api.example",
    "certificate-authority-data": "Q0E=",
  });
  const { command, args, env } = content.users[0].user.exec;
  const region = ["--region", "eu-central-1"];
  expect([command, ...args]).toEqual([
    ...["aws", "eks", "get-token", "--cluster-name", "fabric", ...region, "--output", "json"],
    ...["--role-arn", role],
  ]);
  expect(env).toBeUndefined();
});

test("an update of an add-on leaves what pools are told known: nothing of theirs seems to change", async () => {
  const program = () => {
    const addOn = new eks.Addon("changing", { clusterName: "x", addonName: "vpc-cni" });
    new eks.AccessEntry("pool", { clusterName: after("fabric", [addOn]), principalArn: "arn" });
  };
  const preview = await deploy(program, { preview: true });
  const entry = find(preview, "aws:eks/accessEntry:AccessEntry", "pool");
  expect(entry.inputs.clusterName).toBe("fabric");
  expect(entry.dependsOn).toEqual(["changing"]);
});

test("a component that is handed the cluster's reference does not wait for its system pool", async () => {
  const waits = async (handOn: (cluster: AwsCluster) => AwsClusterRef) => {
    const deployment = await run({}, (cluster) => {
      new pulumi.ComponentResource("test:index:Pool", "pool", { cluster: handOn(cluster) });
    });
    return find(deployment, "test:index:Pool", "pool").dependsOn.includes("fabric-coredns");
  };
  expect(await waits(awsClusterRef)).toBe(false);
  expect(await waits((cluster) => cluster)).toBe(true);
});

test("a cluster that is handed a whole network waits for what it uses alone", async () => {
  class Network extends pulumi.ComponentResource {
    public readonly privateSubnetIds = pulumi.output(["subnet-a", "subnet-b"]);
    public readonly publicSubnetIds = pulumi.output<string[]>([]);
    public readonly vpcCidr = pulumi.output("10.0.0.0/16");
    public readonly vpcId = pulumi.output("vpc-1");
    constructor(name: string) {
      super("test:index:Network", name);
      new ec2.NatGateway(`${name}-nat`, {}, { parent: this });
    }
  }
  const deployment = await deploy(
    () => new AwsCluster("fabric", { ...least, network: new Network("net") }),
    { outputsOf: awsOutputs },
  );
  expect(find(deployment, "kvm-fabric:index:AwsCluster", "fabric").dependsOn).toEqual([]);
});

test("names every fault before it makes anything", async () => {
  const deployment = await deploy(() => {
    const args = { ...least, accessEntries: [], kubernetesVersion: "latest", logRetentionDays: 2 };
    expect(() => new AwsCluster("fabric", args)).toThrow(/^AwsCluster "fabric" has 3 faults:\n/);
  });
  expect(tree(deployment)).toEqual(["kvm-fabric:index:AwsCluster fabric < stack"]);
});
