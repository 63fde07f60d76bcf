import { Instance } from "@pulumi/aws/ec2/instance";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import { AwsCluster } from "../../../../components/cluster/aws/aws-cluster";
import { awsClusterRef } from "../../../../components/cluster/aws/refs";
import { Karpenter } from "../../../../components/karpenter/karpenter";
import { AwsKvmNodePool } from "../../../../components/kvm-node-pool/aws";
import { KvmAccess } from "../../../../components/kvm-node-pool/catalogue/machine";
import { AwsNetwork } from "../../../../components/network/aws";
import type { AwsNetworkArgs } from "../../../../components/network/aws-args";
import { NatMode } from "../../../../components/network/nat-mode";
import { deploy, find } from "../../../support/deploy";
import { least, TODAY } from "../../../unit/components/cluster/aws/least";
import { deployEdges } from "./edges";
import { awsOutputs } from "./outputs";

beforeAll(() => {
  jest.useFakeTimers({ advanceTimers: true, now: TODAY });
});
afterAll(() => {
  jest.useRealTimers();
});

const zones = ["eu-central-1a", "eu-central-1b"];

/** Everything that runs nodes of a cluster in a network of its own. */
function cloud(args: Partial<AwsNetworkArgs>): void {
  const network = new AwsNetwork("net", { zones, ...args });
  const cluster = new AwsCluster("fabric", {
    ...least,
    network,
    servicesPool: { releaseVersion: "1.36.2-20260812" },
  });
  const { arn, kubeconfig } = cluster;
  const inside = new Provider("in-cluster", { kubeconfig, clusterIdentifier: arn });
  new AwsKvmNodePool("metal", {
    cluster: awsClusterRef(cluster),
    imageId: "ami-0123456789abcdef0",
    instanceTypes: ["m7i.metal-24xl"],
    subnetIds: network.privateSubnetIds,
    minNodes: 1,
    maxNodes: 2,
  });
  new Karpenter(
    "karpenter",
    {
      cluster: awsClusterRef(cluster),
      pools: [
        {
          name: "nested",
          kvm: KvmAccess.Nested,
          instanceFamilies: ["m8i"],
          image: "al2023@v20260801",
        },
      ],
    },
    { providers: [inside] },
  );
  new ConfigMap("workload", {}, { provider: inside });
}

// What is created first is deleted last: each edge holds in both directions of life.
const NAT = [
  "InternetGateway net-internet",
  "NatGateway net-nat-eu-central-1a",
  "NatGateway net-nat-eu-central-1b",
  "Eip net-nat-eu-central-1a",
  "Route net-private-eu-central-1a-nat",
  "Route net-private-eu-central-1b-nat",
  "Route net-public-internet",
  "RouteTableAssociation net-private-eu-central-1a",
  "VpcEndpoint net-gateway-s3",
];
const ENDPOINTS = [
  "RouteTableAssociation net-private-eu-central-1a",
  "Route net-public-internet",
  "SecurityGroupIngressRule net-endpoints",
  "VpcEndpoint net-endpoint-ecr-dkr",
  "VpcEndpoint net-endpoint-sts",
  "VpcEndpoint net-gateway-s3",
];
const NODES = [
  "NodeGroup fabric-system",
  "NodeGroup fabric-services",
  "Group metal",
  "Release karpenter-chart",
  "NodePool karpenter-nested",
  "ConfigMap workload",
];

describe.each([
  ["NAT", { natMode: NatMode.PerZone }, NAT],
  ["endpoints alone", { natMode: NatMode.None }, ENDPOINTS],
])("with %s", (_, args, wayOut) => {
  test("nodes, and what runs on them, come after the way out and go before it", async () => {
    const edges = await deployEdges(
      () => {
        cloud(args);
      },
      { outputsOf: awsOutputs },
    );
    const lacking = NODES.flatMap((line) => {
      const before = edges.before(line);
      return wayOut.filter((way) => !before.has(way)).map((way) => `${line} lacks ${way}`);
    });
    expect(lacking).toEqual([]);
  });

  test("the control plane waits for its subnets alone, and its component for nothing of the network", async () => {
    const edges = await deployEdges(
      () => {
        cloud(args);
      },
      { outputsOf: awsOutputs },
    );
    const ofNetwork = (line: string) =>
      [...edges.before(line)].filter((needed) => needed.includes(" net")).sort();
    const subnets = [
      "Subnet net-private-eu-central-1a",
      "Subnet net-private-eu-central-1b",
      "Vpc net",
    ];
    expect(ofNetwork("Cluster fabric")).toEqual(subnets);
    // The engine makes nothing below a component before the component's own inputs are known.
    expect(ofNetwork("AwsCluster fabric")).toEqual([]);
    expect(ofNetwork("Addon fabric-vpc-cni")).toEqual(subnets);
  });
});

test("a network of one's own may give the control plane subnets of its own", async () => {
  const network = { ...least.network, controlPlaneSubnetIds: ["subnet-x", "subnet-y"] };
  const done = await deploy(() => new AwsCluster("fabric", { ...least, network }), {
    outputsOf: awsOutputs,
  });
  const { subnetIds } = find(done, "aws:eks/cluster:Cluster", "fabric").inputs.vpcConfig;
  expect(subnetIds).toEqual(["subnet-x", "subnet-y"]);
  expect(find(done, "aws:eks/nodeGroup:NodeGroup", "fabric-system").inputs.subnetIds).toEqual(
    least.network.privateSubnetIds,
  );
});

test("what is not known of a network until its routes stand holds back nodes, not the control plane", async () => {
  const edges = await deployEdges(
    () => {
      const late = new Instance("late", {});
      const network = {
        ...least.network,
        controlPlaneSubnetIds: ["subnet-a", "subnet-b"],
        privateSubnetIds: late.id.apply(() => ["subnet-a", "subnet-b"]),
      };
      new AwsCluster("fabric", { ...least, network });
    },
    { outputsOf: awsOutputs },
  );
  expect(edges.before("Cluster fabric").has("Instance late")).toBe(false);
  expect(edges.before("AwsCluster fabric").has("Instance late")).toBe(false);
  expect(edges.before("NodeGroup fabric-system").has("Instance late")).toBe(true);
});
