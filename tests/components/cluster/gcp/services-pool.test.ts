import { Provider } from "@pulumi/kubernetes/provider";
import { Network } from "@pulumi/gcp/compute/network";
import type { GcpClusterArgs } from "../../../../components/cluster/gcp/args";
import { GcpCluster } from "../../../../components/cluster/gcp/gcp-cluster";
import { planGcpCluster } from "../../../../components/cluster/gcp/plan";
import { renderFault } from "../../../../components/shared/faults";
import { GcpNetwork } from "../../../../components/network/gcp";
import { deploy, type DeployOptions, find, tree } from "../../../support/deploy";
import { remember } from "../../../support/remember";
import { deployEdges } from "../aws/edges";

const POOL = "gcp:container/nodePool:NodePool";
const network = {
  networkId: "projects/p/global/networks/fabric",
  podRangeName: "pods",
  region: "europe-west1",
  serviceRangeName: "services",
  subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
};

const outputsOf: DeployOptions["outputsOf"] = (type, _name, inputs) => {
  switch (type) {
    case "gcp:serviceaccount/account:Account":
      return { email: `${inputs.accountId}@p.iam.gserviceaccount.com`, project: "p" };
    case "gcp:container/cluster:Cluster":
      return {
        endpoint: "10.0.0.2",
        masterAuth: { clusterCaCertificate: "Q0E=" },
        masterVersion: "1.36.3-gke.1640000",
        project: "p",
      };
    default:
      return {};
  }
};

const run = remember((args: Partial<GcpClusterArgs> = {}, options: DeployOptions = {}) =>
  deploy(() => new GcpCluster("fabric", { network, ...args }), { outputsOf, ...options }),
);

test("adds one pool and nothing else, known or not", async () => {
  const without = tree(await run());
  const lines = tree(await run({ servicesPool: {} }));
  expect(lines.filter((line) => !without.includes(line))).toEqual([
    "gcp:container/nodePool:NodePool fabric-services < fabric",
  ]);
  expect(without.filter((line) => !lines.includes(line))).toEqual([]);
  const program = () => {
    const { id } = new Network("net");
    new GcpCluster("fabric", { network: { ...network, networkId: id }, servicesPool: {} });
  };
  const known = tree(await deploy(program, { outputsOf }));
  expect(tree(await deploy(program, { outputsOf, preview: true }))).toEqual(known);
});

test("is the system pool without its taint", async () => {
  const done = await run({ servicesPool: {} });
  const [services, system] = ["fabric-services", "fabric-system"].map((name) =>
    find(done, POOL, name),
  );
  expect(services?.inputs.name).toMatch(/^services-[0-9a-f]{8}$/);
  expect(services?.inputs.nodeConfig.taints).toEqual([]);
  expect(system?.inputs.nodeConfig.taints).toHaveLength(1);
  expect(services?.inputs).toEqual({
    ...system?.inputs,
    name: services?.inputs.name,
    nodeConfig: { ...system?.inputs.nodeConfig, taints: [] },
  });
  expect(services?.ignoreChanges).toEqual(system?.ignoreChanges);
});

// GKE's autoscaler brings no pool up to its least: it waits for a pod that needs a node.
test.each([
  { minNodes: 3, nodeZones: undefined, perZone: 1 },
  { minNodes: 5, nodeZones: undefined, perZone: 2 },
  { minNodes: 2, nodeZones: undefined, perZone: 1 },
  { minNodes: 3, nodeZones: ["europe-west1-b"], perZone: 3 },
  { minNodes: 5, nodeZones: ["europe-west1-b", "europe-west1-c"], perZone: 3 },
])("starts with its least nodes: $minNodes over $nodeZones", async ({ minNodes, ...zones }) => {
  const { nodeZones, perZone } = zones;
  const pool = { minNodes };
  const done = await run({ servicesPool: pool, systemPool: pool, ...(nodeZones && { nodeZones }) });
  for (const name of ["fabric-services", "fabric-system"]) {
    expect(find(done, POOL, name).inputs.initialNodeCount).toBe(perZone);
  }
});

test("nodes come after grants, NAT and the system pool, and go before them; so does what runs on them", async () => {
  const edges = await deployEdges(
    () => {
      const own = new GcpNetwork("net", { region: "europe-west1" });
      const { kubeconfig } = new GcpCluster("fabric", { network: own, servicesPool: {} });
      new Provider("in-cluster", { kubeconfig });
    },
    { outputsOf },
  );
  const needed = ["RouterNat net-nat", "Router net-nat", "IAMMember fabric-nodes-images"];
  for (const [line, own] of [
    ["NodePool fabric-system", needed],
    ["NodePool fabric-services", [...needed, "NodePool fabric-system"]],
    ["kubernetes in-cluster", [...needed, "NodePool fabric-services"]],
  ] as const) {
    const before = edges.before(line);
    expect(own.filter((other) => !before.has(other))).toEqual([]);
  }
});

test("its faults are named by its own path", () => {
  const args = { network, servicesPool: { diskGib: 10, minNodes: 4, maxNodes: 3 } };
  const result = planGcpCluster("fabric", args);
  expect(result.ok ? [] : result.faults.map(renderFault)).toEqual([
    "servicesPool.minNodes: more than maxNodes, got 4, allowed at most 3",
    "servicesPool.diskGib: out of range, got 10, allowed whole numbers 20 to 65536",
  ]);
});
