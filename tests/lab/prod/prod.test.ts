import { cloudObjects } from "../../../lab/simulated-clusters/world";
import { listSimulatedClusters } from "../../../lab/simulated-clusters/record";
import { labProcesses } from "../../../lab/processes";
import { inventory } from "../../support/inventory";
import { withOwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";
import {
  awsOrder,
  BY_ROUNDS,
  deletions,
  type Deletion,
  DESTROY_ORDER,
  placesOf,
} from "./destroy-order";
import { mustRun } from "./engine-run";
import { command, engineOf, inCluster, requests, settingsOf } from "./stand";

const lab = withOwnLab();

// One story of one stack, told in order: what is changed stays changed.
const { config, fabric } = settingsOf("Pulumi.prod.yaml");
const engine = () => engineOf(lab, "prod");
let before: string[];
let deleted: Deletion[] = [];

/** What an up of the changed settings does; the engine makes what is independent in any order. */
async function change(apply: () => void): Promise<string[]> {
  apply();
  return (await mustRun(engine(), "up", config)).steps.sort();
}

async function nodes(selector: string): Promise<any[]> {
  return inCluster(lab, (client) =>
    client.list("v1", "Node", { query: { labelSelector: selector } }),
  );
}

const METAL = "kvm-fabric.dev/pool=fabric-prod-kvm-metal";

beforeAll(async () => {
  before = await inventory(lab.client);
});

test("npm run up -- --stack prod brings all of it up, from nothing", async () => {
  const up = await command(lab, "up", "--stack", "prod");
  expect(up).toMatchObject({ code: 0 });
  expect(up.output).toContain("The prod stack runs on the simulated cluster fabric-prod:");
  expect(up.output).toContain("fabric-agents/fabric-worker: 3 of 3 ready");
  expect(up.output).toContain("fabric-services/fabric-consul: 5 of 5 ready");
  expect(up.output).toContain("npm run down -- --stack prod");
});

test("a second up changes nothing, and neither does a refresh", async () => {
  const again = await mustRun(engine(), "up", config);
  expect(again.steps).toEqual([]);
  const refresh = await mustRun(engine(), "refresh", config);
  expect(refresh.output).not.toMatch(/[~+-] \d+ (updated|deleted|created)/);
  expect(refresh.steps).toEqual([]);
});

test("status knows the stack's cluster", async () => {
  const { code, stdout } = await command(lab, "status", "--stack", "prod", "--json");
  expect(code).toBe(0);
  const status = JSON.parse(stdout);
  const proven = status.nodes.filter((node: any) => node.proven);
  expect(proven).toHaveLength(3);
});

test("the machines of the metal pool joined with what the node contract says, and run the worker", async () => {
  const metal = await eventually("proven nodes", async () => {
    const all = await nodes(METAL);
    return all.every(({ metadata }) => metadata.labels["kvm-fabric.dev/assets"]) && all;
  });
  expect(metal).toHaveLength(3);
  const zones = metal.map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]);
  expect(zones.sort()).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
  for (const { metadata, spec } of metal) {
    expect(metadata.labels).toMatchObject({
      "kvm-fabric.dev/kvm-enabled": "true",
      "kvm-fabric.dev/assets": expect.stringMatching(/^assets-[0-9a-f]{20}$/),
      "node.kubernetes.io/instance-type": "m7i.metal-24xl",
    });
    // The startup taint went with the proof.
    const taints = spec.taints.map(({ key, value, effect }: any) => `${key}=${value}:${effect}`);
    expect(taints).toEqual(["kvm-fabric.dev/worker=true:NoSchedule"]);
  }
  const set: any = await inCluster(lab, (client) =>
    client.get({
      ...{ apiVersion: "apps/v1", kind: "DaemonSet" },
      ...{ namespace: "fabric-agents", name: "fabric-worker" },
    }),
  );
  expect(set.status).toMatchObject({ numberReady: 3, desiredNumberScheduled: 3 });
});

test("scaling the metal pool changes its group alone, and machines join", async () => {
  const steps = await change(() => (fabric.aws.pools.metal.minNodes = 4));
  expect(steps).toEqual([
    "update AwsKvmNodePool fabric-prod-kvm-metal",
    "update Group fabric-prod-kvm-metal: minSize",
  ]);
  expect(await nodes(METAL)).toHaveLength(4);
});

test("another pool is made, and nothing else is touched", async () => {
  fabric.aws.pools.second = { ...fabric.aws.pools.metal, minNodes: 1 };
  const preview = await mustRun(engine(), "preview", config);
  const steps = await change(() => undefined);
  expect(steps).toEqual([
    "create AccessEntry fabric-prod-kvm-second-nodes",
    "create AwsKvmNodePool fabric-prod-kvm-second",
    "create Group fabric-prod-kvm-second",
    "create InstanceProfile fabric-prod-kvm-second-nodes",
    "create LaunchTemplate fabric-prod-kvm-second",
    "create Role fabric-prod-kvm-second-nodes",
    "create RolePolicyAttachment fabric-prod-kvm-second-nodes-AmazonEC2ContainerRegistryPullOnly",
    "create RolePolicyAttachment fabric-prod-kvm-second-nodes-AmazonEKSWorkerNodePolicy",
  ]);
  // A preview never lies.
  expect(preview.steps.sort()).toEqual(steps);
  expect(await nodes("kvm-fabric.dev/pool=fabric-prod-kvm-second")).toHaveLength(1);
});

test("a new image makes a version of the template, which the group takes", async () => {
  const steps = await change(() => (fabric.aws.pools.metal.imageId = "ami-0fedcba9876543210"));
  expect(steps).toEqual([
    "update AwsKvmNodePool fabric-prod-kvm-metal",
    "update Group fabric-prod-kvm-metal: launchTemplate.version",
    "update LaunchTemplate fabric-prod-kvm-metal: imageId",
  ]);
});

test("another pool of Karpenter's is three objects", async () => {
  const steps = await change(() => {
    const [nested] = fabric.aws.karpenter.pools;
    fabric.aws.karpenter.pools.push({ ...nested, name: "large" });
  });
  expect(steps).toEqual([
    "create EC2NodeClass fabric-prod-karpenter-large-class",
    "create NodeOverlay fabric-prod-karpenter-large-overlay",
    "create NodePool fabric-prod-karpenter-large",
    "update Karpenter fabric-prod-karpenter",
  ]);
});

test("demand makes machines of Karpenter's, which are proven and run the worker", async () => {
  await inCluster(lab, (client) => client.create(guest));
  const made = await eventually("a proven node of Karpenter's", async () => {
    const all = await nodes("karpenter.sh/nodepool");
    return all.some(({ metadata }) => metadata.labels["kvm-fabric.dev/assets"]) && all;
  });
  expect(made[0].metadata.labels).toMatchObject({
    "kvm-fabric.dev/kvm-enabled": "true",
    "karpenter.k8s.aws/instance-family": expect.stringMatching(/^[mcr]8i$/),
  });
  // Nobody's program: Karpenter's machines are no drift.
  expect((await mustRun(engine(), "up", config)).steps).toEqual([]);
});

test("npm run down -- --stack prod leaves no cloud object, no cluster, no object of the lab's own", async () => {
  const down = await command(lab, "down", "--stack", "prod");
  expect(down).toMatchObject({ code: 0 });
  deleted = deletions(down.stdout);
  expect(cloudObjects(lab.state)).toEqual([]);
  expect(listSimulatedClusters(lab.state)).toEqual([]);
  expect(labProcesses(lab.state)).toEqual([]);
  const { code, output } = await command(lab, "lab", "start");
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(await inventory(lab.client)).toEqual(before);
});

test.each([...DESTROY_ORDER, ...BY_ROUNDS])("%s: gone before %s", (earlier, later) => {
  const [first, second] = [
    placesOf(awsOrder, earlier, deleted),
    placesOf(awsOrder, later, deleted),
  ];
  expect([first.length, second.length]).not.toContain(0);
  expect(Math.max(...first)).toBeLessThan(Math.min(...second));
});

test("no call was refused, in all of it", () => {
  const refused = requests(lab).filter(({ outcome }) => outcome !== "done");
  expect(refused).toEqual([]);
});

const guest = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "guest", namespace: "default" },
  spec: {
    nodeSelector: {
      "kvm-fabric.dev/kvm-enabled": "true",
      "karpenter.sh/nodepool": "fabric-prod-karpenter-nested",
    },
    tolerations: [{ key: "kvm-fabric.dev/worker", operator: "Exists" }],
    containers: [{ name: "c", image: "x", resources: { limits: { "kvm-fabric.dev/kvm": "1" } } }],
  },
};
