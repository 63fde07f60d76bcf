import * as ec2 from "@pulumi/aws/ec2";
import { Provider } from "@pulumi/kubernetes/provider";
import type { AwsClusterArgs } from "../../../../components/cluster/aws/args";
import { AwsCluster } from "../../../../components/cluster/aws/aws-cluster";
import { deploy, type DeployOptions, find, tree, UNKNOWN } from "../../../support/deploy";
import { remember } from "../../../support/remember";
import { least, TODAY } from "../../../unit/components/cluster/aws/least";
import { deployEdges } from "./edges";
import { awsOutputs } from "./outputs";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const servicesPool = { releaseVersion: "1.36.2-20260812" };

beforeAll(() => {
  jest.useFakeTimers({ advanceTimers: true, now: TODAY });
});
afterAll(() => {
  jest.useRealTimers();
});

const run = remember((args: Partial<AwsClusterArgs> = {}, options: DeployOptions = {}) =>
  deploy(() => new AwsCluster("fabric", { ...least, ...args }), {
    outputsOf: awsOutputs,
    ...options,
  }),
);

test("is made of what the system pool is made of, each below the cluster", async () => {
  const without = tree(await run());
  const lines = tree(await run({ servicesPool }));
  const own = lines.filter((line) => !without.includes(line));
  expect(own).toEqual([
    "aws:ec2/launchTemplate:LaunchTemplate fabric-services < fabric",
    "aws:eks/nodeGroup:NodeGroup fabric-services < fabric",
    "aws:iam/role:Role fabric-services < fabric",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-services-AmazonEC2ContainerRegistryPullOnly < fabric",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment fabric-services-AmazonEKSWorkerNodePolicy < fabric",
  ]);
  expect(without.filter((line) => !lines.includes(line))).toEqual([]);
  const ofSystem = without.filter((line) => line.includes(" fabric-system"));
  expect(own).toEqual(ofSystem.map((line) => line.replace("fabric-system", "fabric-services")));
});

test("is the same where nothing is known yet", async () => {
  const program = () => {
    const subnet = new ec2.Subnet("subnet", { vpcId: "vpc-1" });
    const network = { ...least.network, privateSubnetIds: [subnet.id, subnet.id] };
    new AwsCluster("fabric", { ...least, network, servicesPool });
  };
  const unknown = await deploy(program, { outputsOf: awsOutputs, preview: true });
  expect(tree(unknown)).toEqual(tree(await deploy(program, { outputsOf: awsOutputs })));
  expect(find(unknown, NODE_GROUP, "fabric-services").inputs.nodeGroupName).toBe(UNKNOWN);
});

test("has three nodes without a taint, and all the rest as the system pool", async () => {
  const done = await run({ servicesPool });
  const [services, system] = ["fabric-services", "fabric-system"].map(
    (name) => find(done, NODE_GROUP, name).inputs,
  );
  expect(services).not.toHaveProperty("taints");
  expect(services).not.toHaveProperty("labels");
  expect(system?.taints).toEqual([
    { key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" },
  ]);
  expect(services).toMatchObject({
    instanceTypes: ["m6i.large"],
    nodeGroupName: expect.stringMatching(/^fabric-services-[0-9a-f]{8}$/),
    nodeRoleArn: "arn:aws:iam::123456789012:role/fabric-services",
    scalingConfig: { minSize: 3, maxSize: 6, desiredSize: 3 },
    subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  });
  const same = ["amiType", "capacityType", "releaseVersion", "updateConfig", "version"];
  for (const field of [...same, "nodeRepairConfig"]) {
    expect(services?.[field]).toEqual(system?.[field]);
  }
  const [own, other] = ["fabric-services", "fabric-system"].map(
    (name) => find(done, TEMPLATE, name).inputs,
  );
  expect(own?.name).toBe("fabric-services");
  expect(own?.metadataOptions).toEqual({
    httpEndpoint: "enabled",
    httpTokens: "required",
    httpPutResponseHopLimit: 1,
  });
  expect(own?.blockDeviceMappings).toEqual(other?.blockDeviceMappings);
});

test("nodes come after what they join by; what runs in the cluster comes after them, and goes before", async () => {
  const edges = await deployEdges(
    () => {
      const { arn, kubeconfig } = new AwsCluster("fabric", { ...least, servicesPool });
      new Provider("in-cluster", { kubeconfig, clusterIdentifier: arn });
    },
    { outputsOf: awsOutputs },
  );
  const before = edges.before("NodeGroup fabric-services");
  const needed = [
    "AccessPolicyAssociation fabric-access-deployer",
    "Addon fabric-eks-pod-identity-agent",
    "Addon fabric-kube-proxy",
    "Addon fabric-vpc-cni",
    "Cluster fabric",
    "RolePolicyAttachment fabric-services-AmazonEC2ContainerRegistryPullOnly",
    "RolePolicyAttachment fabric-services-AmazonEKSWorkerNodePolicy",
  ];
  expect(needed.filter((line) => !before.has(line))).toEqual([]);
  expect(before.has("NodeGroup fabric-system")).toBe(false);
  expect(edges.before("Addon fabric-coredns").has("NodeGroup fabric-services")).toBe(false);
  expect(edges.before("kubernetes in-cluster").has("NodeGroup fabric-services")).toBe(true);
});
