import * as path from "node:path";
import { gcpOrder } from "../lab/stacks/orders";
import { gcpOutputs } from "../support/cloud-outputs";
import { type Deployment, find, tree } from "../support/deploy";
import { describeDestroyOrder } from "../support/destroy-order";
import { stackRuns } from "../support/stack-runs";
import {
  elsewhere,
  faultsOf,
  golden,
  stopTheClock,
  strayNames,
  topResources,
} from "../support/stack-settings";

const FILE = "tests/stacks/settings/Pulumi.gcp.yaml";
const POOL = "gcp:container/nodePool:NodePool";
const CLUSTER = "gcp:container/cluster:Cluster";

stopTheClock();

const run = stackRuns(FILE, { outputsOf: gcpOutputs });

let whole: Deployment;
beforeAll(async () => {
  whole = await run();
});

describeDestroyOrder(gcpOrder, run);

test("the stack is exactly the golden tree, and no less is shown by a preview", async () => {
  const known = tree(whole);
  expect(known).toEqual(golden(path.join(__dirname, "gcp.golden.txt"), known));
  expect(tree(await run(undefined, true))).toEqual(known);
});

test("nothing is an orphan, and every name begins with its parent's", () => {
  expect(topResources(whole)).toEqual(["cluster", "gcp"]);
  expect(strayNames(whole)).toEqual([]);
});

test("goes to the project, the region and the cluster of its configuration, and nowhere else", () => {
  const cloud = find(whole, "pulumi:providers:gcp", "gcp");
  expect(cloud.inputs).toMatchObject({ project: "fabric-123456", region: "europe-west1" });
  const inside = find(whole, "pulumi:providers:kubernetes", "cluster");
  expect(inside.inputs.clusterIdentifier).toBe("fabric-123456/europe-west1/fabric-prod");
  expect(elsewhere(whole, "gcp:", cloud)).toEqual([]);
  expect(elsewhere(whole, "kubernetes:", inside)).toEqual([]);
});

test("what an environment stands for is in the cluster, until the stack says otherwise", async () => {
  const system = (deployment: Deployment, environment: string) =>
    find(deployment, POOL, `fabric-${environment}-system`).inputs.autoscaling.totalMinNodeCount;
  expect(find(whole, CLUSTER, "fabric-prod").inputs.deletionProtection).toBe(true);
  expect(system(whole, "prod")).toBe(3);
  const dev = await run((fabric) => (fabric.environment = "dev"));
  expect(find(dev, CLUSTER, "fabric-dev").inputs.deletionProtection).toBe(false);
  expect(system(dev, "dev")).toBe(2);
  const own = await run((fabric) => (fabric.gcp.cluster.systemPool = { minNodes: 5, maxNodes: 9 }));
  expect(system(own, "prod")).toBe(5);
});

test("the pool of services has a node for each Consul server, and starts with them", async () => {
  const services = ({ resources }: Deployment) => {
    const pool = resources.find(({ type, name }) => type === POOL && name.endsWith("-services"));
    const { autoscaling, initialNodeCount } = pool?.inputs ?? {};
    return [autoscaling.totalMinNodeCount, autoscaling.totalMaxNodeCount, initialNodeCount];
  };
  expect(services(whole)).toEqual([5, 6, 2]);
  expect(services(await run((fabric) => (fabric.consul.servers = 7)))).toEqual([7, 7, 3]);
  expect(services(await run((fabric) => (fabric.environment = "dev")))).toEqual([3, 6, 1]);
  const own = await run((fabric) => (fabric.gcp.cluster.servicesPool = { minNodes: 4 }));
  expect(services(own)).toEqual([4, 6, 2]);
});

test("labels are those that Google Cloud takes, the stack's own among them", () => {
  expect(find(whole, CLUSTER, "fabric-prod").inputs.resourceLabels).toEqual({
    "kvm-fabric-environment": "prod",
    "managed-by": "pulumi",
    "part-of": "kvm-fabric",
    team: "platform",
  });
});

test("a network that exists is taken instead of one of the stack's own", async () => {
  const existing = await run(onExistingNetwork);
  expect(existing.resources.filter(({ type }) => type.includes("GcpNetwork"))).toEqual([]);
  expect(find(existing, CLUSTER, "fabric-prod").inputs.subnetwork).toBe("subnetwork-1");
});

function onExistingNetwork(fabric: any): void {
  delete fabric.gcp.network;
  fabric.gcp.existingNetwork = {
    networkId: "network-1",
    podRangeName: "p",
    region: "europe-west1",
    serviceRangeName: "s",
    subnetworkId: "subnetwork-1",
  };
}

test("of many pools, the fifth waits for the first: GKE takes five operations at a time", async () => {
  const many = await run(({ gcp }) => {
    const { nested } = gcp.pools;
    gcp.pools = { a: nested, b: nested, c: nested, d: nested, e: nested };
  });
  const before = (pool: string) =>
    many.resources
      .find(({ type, name }) => type.endsWith(":GcpKvmNodePool") && name.endsWith(`-kvm-${pool}`))
      ?.dependsOn.filter((name) => name.includes("-kvm-"));
  expect(before("d")).toEqual([]);
  expect(before("e")).toContain("fabric-prod-kvm-a");
});

const gcp = "kvm-fabric:fabric.gcp";
test.each<[string, (fabric: any) => void, string[]]>([
  ["no settings", (fabric) => delete fabric.gcp, [`${gcp}: missing, allowed an object`]],
  [
    "settings of another target beside them",
    (fabric) => (fabric.kubernetes = { context: "c" }),
    ["kvm-fabric:fabric.kubernetes: settings of another target than gcp"],
  ],
  [
    "the settings beside another target",
    (fabric) => {
      fabric.target = "kubernetes";
      fabric.kubernetes = { context: "c" };
    },
    [`${gcp}: settings of another target than kubernetes; try target "gcp", or no gcp`],
  ],
  ["a number as project", ({ gcp }) => (gcp.project = "123456"), [`${gcp}.project: not the id`]],
  ["a zone as region", ({ gcp }) => (gcp.region = "europe-west1-b"), [`${gcp}.region: not a reg`]],
  [
    "zones of another region",
    ({ gcp }) => (gcp.pools.nested.zones = ["us-central1-a"]),
    [
      `${gcp}.pools.nested.zones[0]: a zone of another region than the stack's, got "us-central1-a"`,
    ],
  ],
  ["no network", ({ gcp }) => delete gcp.network, [`${gcp}.network: missing`]],
  [
    "two networks",
    (fabric) => {
      const { network } = fabric.gcp;
      onExistingNetwork(fabric);
      fabric.gcp.network = network;
    },
    [`${gcp}.network: given beside existingNetwork; try one of network and existingNetwork`],
  ],
  [
    "a network of another region",
    (fabric) => {
      onExistingNetwork(fabric);
      fabric.gcp.existingNetwork.region = "us-central1";
    },
    [`${gcp}.existingNetwork.region: another region than the stack's, got "us-central1"`],
  ],
  [
    "a gateway a zone",
    ({ gcp }) => (gcp.network.natMode = "per-zone"),
    [`${gcp}.network.natMode: Cloud NAT is no machine in a zone`],
  ],
  [
    "what the composition gives by itself",
    ({ gcp }) => (gcp.cluster.deletionProtection = false),
    [`${gcp}.cluster.deletionProtection: unknown key`],
  ],
  [
    "nodes that stay where a channel moves the cluster: one fault a pool",
    ({ gcp }) => delete gcp.cluster.kubernetesVersion,
    [`${gcp}.pools.nested.autoUpgrade: nodes that`, `${gcp}.pools.spot.autoUpgrade: nodes that`],
  ],
  [
    "a pool whose key begins no name",
    ({ gcp }) => (gcp.pools = { Nested: gcp.pools.nested }),
    [`${gcp}.pools.Nested: `],
  ],
  [
    "a label that Google Cloud does not take: one fault, where it stands",
    ({ gcp }) => (gcp.labels.Team = "platform"),
    [`${gcp}.labels.Team: not a label of Google Cloud`],
  ],
  [
    "a wrong name of the stack: one fault",
    (fabric) => (fabric.name = "Fabric"),
    ["kvm-fabric:fabric.name: cannot begin names in the cloud"],
  ],
])("%s is refused", (_, change, expected) => {
  expect(faultsOf(FILE, change)).toEqual(
    expected.map((text) => expect.stringContaining(text) as unknown),
  );
});

test("a channel and nodes that it may move are taken", () => {
  const change = ({ gcp }: any) => {
    delete gcp.cluster;
    gcp.pools.nested.autoUpgrade = true;
    gcp.pools.spot.autoUpgrade = true;
  };
  expect(faultsOf(FILE, change)).toEqual([]);
});
