import * as path from "node:path";
import { simulatedClustersOf } from "../../../lab/commands/stack-target";
import { noRootFilesystem } from "../../../lab/engine/simulated-cloud/command/root-filesystem";
import type { KubeClient } from "../../../lab/kube/client";
import { cloudObjects } from "../../../lab/simulated-clusters/world";
import { removeMachines } from "../../../lab/stack/stack-machines";
import { bringDefinitions, CLOUD_NATIVE_PG, TRAEFIK } from "../../support/definitions";
import { inventory } from "../../support/inventory";
import { labStack, type LabStack } from "../../support/lab-stack";
import { withOwnLab } from "../../support/own-lab";
import { eventually, eventuallyEquals } from "../../support/wait";
import { isWhole } from "../../support/whole";
import { machinesFor, playDatabase, settingsOf, stacksOf, workloads } from "./example-stack";

const lab = withOwnLab();

/** A stack of an example, and what comes up with it. Its clouds, or its machines, are simulated. */
interface Story {
  example: string;
  stack: string;
  /** Kinds that are among what the cloud then holds. */
  kinds?: string[];
  /** All that runs pods in the example's namespaces. Defaults to what the update itself waits for. */
  pods?: string[];
  /** Brought up as its README says, and protected from deletion, as its file has it, until that was tried. */
  guarded?: boolean;
  /** Made of the same parts as another here, so that its second up would say nothing new. */
  once?: boolean;
  /** Another shows as much of what makes up its example, or its target: the gate leaves it out. */
  isVariant?: boolean;
}

const agents = (nodes: number) =>
  ["provisioner", "worker"].map(
    (name) => `DaemonSet aetherium-agents/aetherium-${name} ${nodes} of ${nodes}`,
  );
const gateway = (replicas: number) =>
  `Deployment aetherium/aetherium-api-gateway ${replicas} of ${replicas}`;
const CONSUL = "StatefulSet aetherium/aetherium-consul 3 of 3";
const REDIS = "StatefulSet aetherium/aetherium-redis 1 of 1";

const stories: Story[] = [
  {
    ...{ example: "aetherium", stack: "staging", isVariant: true },
    pods: [...agents(3), gateway(2), CONSUL, REDIS],
  },
  {
    ...{ example: "aetherium", stack: "prod", guarded: true },
    pods: [...agents(3), gateway(3), CONSUL, REDIS],
  },
  {
    ...{ example: "aetherium", stack: "external", once: true, isVariant: true },
    pods: [...agents(3), gateway(3), REDIS],
  },
  {
    ...{ example: "aetherium", stack: "bare-metal", isVariant: true },
    pods: [...agents(2), gateway(3), CONSUL, REDIS],
  },
  {
    ...{ example: "aetherium", stack: "aws", once: true, isVariant: true },
    kinds: ["aws:eks/cluster:Cluster", "aws:rds/instance:Instance"],
  },
  {
    ...{ example: "aetherium", stack: "gcp", once: true, isVariant: true },
    kinds: ["gcp:container/cluster:Cluster", "gcp:sql/databaseInstance:DatabaseInstance"],
  },
  {
    ...{ example: "aetherium", stack: "azure" },
    kinds: ["azure-native:containerservice:ManagedCluster", "azure-native:dbforpostgresql:Server"],
  },
  {
    ...{ example: "cohesix", stack: "aws" },
    kinds: ["aws:eks/cluster:Cluster", "aws:lambda/function:Function"],
  },
  {
    ...{ example: "cohesix", stack: "gcp", isVariant: true },
    kinds: ["gcp:cloudfunctionsv2/function:Function", "gcp:container/cluster:Cluster"],
  },
];

/** Why machines of one's own cannot be made here: then the stack that needs them is skipped. */
const noMachines = noRootFilesystem();
const isPossible = ({ stack }: Story) => stack !== "bare-metal" || noMachines === undefined;
const isTold = (story: Story) => isPossible(story) && (isWhole || story.isVariant !== true);
const skipped = stories
  .filter((story) => !isTold(story))
  .map((story) => ({ ...story, reason: isPossible(story) ? "not in the gate" : noMachines }));

test.each(["aetherium", "cohesix"])(
  "every stack of %s is tried, dev by another test",
  (example) => {
    const tried = stories.filter((story) => story.example === example).map(({ stack }) => stack);
    expect([...tried, "dev"].sort()).toEqual(stacksOf(example).sort());
  },
);

beforeAll(async () => {
  await bringDefinitions(lab.client, [CLOUD_NATIVE_PG, TRAEFIK]);
  // As the example's README has it.
  const labels = { "aetherium.io/kvm-enabled": "true" };
  for (const name of ["plain-0000", "plain-0001", "plain-0002"]) {
    await lab.client.patch({ apiVersion: "v1", kind: "Node", name }, { metadata: { labels } });
  }
});

// One story a stack, told in order.
describe.each(stories.filter(isTold))("$example, stack $stack", (story) => {
  const { example, guarded, kinds = [], once, pods } = story;
  const config = settingsOf(example, story.stack);
  const target = config[`${example}:target`];
  let machines = "";
  let stack: LabStack;
  let before: string[];

  /** All that there is outside of the clusters that the stack makes. */
  const things = async () => {
    const made = cloudObjects(lab.state).map(({ type }) => type);
    return [...made.sort(), ...(await inventory(lab.client))];
  };

  const inCluster = async <T>(work: (client: KubeClient) => Promise<T>): Promise<T> => {
    if (target === "kubernetes") return work(lab.client);
    const [cluster] = await simulatedClustersOf(stack, lab.state);
    if (cluster === undefined) throw new Error(`no cluster of ${stack.stack}`);
    return work(cluster.client).finally(() => {
      cluster.client.close();
    });
  };

  beforeAll(async () => {
    before = await things();
    machines = lab.unique("metal");
    const fitted =
      target === "bare-metal" ? await machinesFor(lab.state, machines, config) : config;
    const open = guarded ? {} : { [`${example}:deletionProtection`]: false };
    stack = await labStack(lab, path.join("examples", example), { ...fitted, ...open });
  });

  if (guarded) {
    test("its namespaces come first, for the Secret of somebody else's database", async () => {
      const target = "**kvm-fabric:index:Namespaces**";
      await stack.must("up", "--yes", "--skip-preview", "--target", target);
      const metadata = { namespace: example, name: "postgres-credentials" };
      await lab.client.create({ apiVersion: "v1", kind: "Secret", metadata });
    });
  }

  test("comes up whole with one up", async () => {
    const up = stack.must("up", "--yes", "--skip-preview");
    const database = `${example}:postgresImage` in config;
    await Promise.all([up, database && playDatabase(lab.client, example, `${example}-postgres`)]);
    expect(cloudObjects(lab.state).map(({ type }) => type)).toEqual(expect.arrayContaining(kinds));
    if (pods === undefined) return;
    await inCluster(async (client) => {
      let found: string[] = [];
      const isWhole = async () => {
        found = await workloads(client, example);
        return JSON.stringify(found) === JSON.stringify(pods);
      };
      await eventually("all pods", isWhole).catch(() => undefined);
      expect(found).toEqual(pods);
    });
  });

  if (!once) {
    test("a second up changes nothing", async () => {
      await stack.must("up", "--yes", "--skip-preview", "--expect-no-changes");
    });
  }

  if (guarded) {
    test("a destroy changes nothing while data is protected, and says what is", async () => {
      // Without its preview it would take all else before it comes to what is protected.
      const { code, output } = await stack.run("destroy", "--yes");
      expect(code).not.toBe(0);
      expect(output).toMatch(/cannot be deleted\s+because it is protected/);
      expect(await inCluster((client) => workloads(client, example))).toEqual(pods);
      const open = `${example}:deletionProtection=false`;
      await stack.must("up", "--yes", "--skip-preview", "--config", open);
    });
  }

  test("where nothing is protected, a destroy leaves nothing", async () => {
    await stack.must("destroy", "--yes", "--skip-preview");
    await stack.remove();
    removeMachines(lab.state, machines);
    // Volumes go a moment after their claims, as with any provisioner.
    await eventuallyEquals(things, before);
  });
});

if (skipped.length > 0) {
  test.skip.each(skipped)("$example, stack $stack (skipped: $reason)", () => undefined);
}
