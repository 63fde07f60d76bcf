import * as fs from "node:fs";
import * as path from "node:path";
import { nodeContract, type NodeContract } from "../../../components/shared/node-contract";
import { NodeKind, nodeManifest } from "../../../lab/cluster/node-manifests";
import { repository } from "../../../lab/commands/child";
import { fieldAt, listAt, textAt, type KubeObject } from "../../../lab/kube/objects";
import { bringDefinitions, CLOUD_NATIVE_PG } from "../../support/definitions";
import { inventory } from "../../support/inventory";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";
import { eventually, eventuallyEquals } from "../../support/wait";
import { playDatabase, settingsOf, stacksOf } from "./example-stack";

const lab = withLab();

interface Example {
  name: string;
  domain: string;
  /** Taints of the example's nodes beside those of the node contract. */
  taints: { key: string; value: string; effect: string }[];
  output: string;
  /** Consul servers. */
  servers: number;
  /** Name of a database that CloudNativePG's operator would run. */
  database?: string;
}

const examples: Example[] = [
  {
    ...{ name: "aetherium", domain: "aetherium.io", taints: [], output: "serviceName", servers: 3 },
    database: "aetherium-postgres",
  },
  {
    ...{ name: "cohesix", domain: "cohesix.example.com", output: "daemonSetName", servers: 0 },
    taints: [{ key: "virtualization", value: "true", effect: "NoSchedule" }],
  },
];

/** Says whether a program is for a cluster that exists, the lab's: its configuration names the context. */
function isForTheLab(example: string): boolean {
  return stacksOf(example).includes("dev") && `${example}:context` in settingsOf(example, "dev");
}

test("every example for a cluster that exists is tried here", () => {
  const folders = fs.readdirSync(path.join(repository, "examples")).filter(isForTheLab);
  expect(examples.map(({ name }) => name)).toEqual(folders.sort());
});

const NODES = 2;

// One story of one stack each, told in order.
describe.each(examples)("$name on its own KVM nodes", (example) => {
  const contract = nodeContract(example.domain);
  const nodes = Array.from({ length: NODES }, () => lab.unique(example.name));
  let stack: LabStack;
  let before: string[];

  const node = (name: string) => lab.client.get({ apiVersion: "v1", kind: "Node", name });

  beforeAll(async () => {
    if (example.database !== undefined) await bringDefinitions(lab.client, [CLOUD_NATIVE_PG]);
    before = await belongings(example.name);
    const folder = path.join("examples", example.name);
    stack = await labStack(lab, folder, settingsOf(example.name, "dev"));
    for (const [index, name] of nodes.entries()) {
      await lab.client.create(kvmNode(name, index, contract, example.taints));
    }
  });

  afterAll(async () => {
    for (const name of nodes) await lab.client.remove({ apiVersion: "v1", kind: "Node", name });
  });

  test("comes up with one up", async () => {
    const { database, name } = example;
    const up = stack.must("up", "--yes", "--skip-preview");
    await Promise.all([up, database && playDatabase(lab.client, name, database)]);
    const { stdout } = await stack.run("stack", "output", example.output);
    expect(stdout.trim()).toBe(`${example.name}-worker`);
  });

  test("every node is proven, and runs a worker that is ready", async () => {
    await eventually("proven nodes with a ready worker each", async () => {
      const found = await Promise.all(nodes.map(node));
      const workers = await workerPods(example.name);
      const ready = workers.filter(isReady).map((pod) => textAt(pod, "spec", "nodeName"));
      return (
        found.every((object) => isProven(object, contract)) &&
        nodes.every((name) => ready.includes(name))
      );
    });
    // And nowhere else: one a node of this domain, none on the lab's own.
    const workers = await workerPods(example.name);
    const placed = workers.map((pod) => textAt(pod, "spec", "nodeName") ?? "");
    expect(placed.sort()).toEqual([...nodes].sort());
  });

  test("the nodes stay closed to what does not tolerate them", async () => {
    const taints = listAt(await node(nodes[0] ?? ""), "spec", "taints");
    expect(taints.map((taint) => textAt(taint, "key")).sort()).toEqual(
      [contract.workerTaint, ...example.taints.map(({ key }) => key)].sort(),
    );
  });

  test(`${example.servers} Consul servers are ready`, async () => {
    const sets = await lab.client.list("apps/v1", "StatefulSet", {
      query: { labelSelector: `app.kubernetes.io/instance=${example.name}-consul` },
    });
    const ready = sets.map((set) => fieldAt(set, "status", "readyReplicas"));
    expect(ready).toEqual(example.servers === 0 ? [] : [example.servers]);
  });

  test("a second up and a refresh change nothing", async () => {
    await stack.must("up", "--yes", "--expect-no-changes");
    await stack.must("refresh", "--yes", "--expect-no-changes");
  });

  test("a destroy leaves nothing but the nodes", async () => {
    await stack.must("destroy", "--yes", "--skip-preview");
    await stack.remove();
    const made = [...before, ...nodes.map((name) => `Node /${name}`)].sort();
    // Volumes go a moment after their claims, as with any provisioner.
    await eventuallyEquals(() => belongings(example.name), made);
  });
});

/**
 * Everything in the cluster that an example could have made: in a namespace of its name, or of its name.
 * Other tests' objects come and go at the same time.
 */
function belongings(name: string): Promise<string[]> {
  return inventory(lab.client, ({ metadata, kind, spec }) => {
    const claim = kind === "PersistentVolume" ? textAt(spec, "claimRef", "namespace") : undefined;
    return [metadata.namespace, metadata.name, claim].some((text) => text?.startsWith(name));
  });
}

/** A KVM node of another domain than the lab's own, and none of those that the lab scales. */
function kvmNode(
  name: string,
  index: number,
  contract: NodeContract,
  taints: Example["taints"],
): KubeObject {
  // Far from the numbers of the lab's own, since a node's address follows from its number.
  const whole = nodeManifest(NodeKind.Kvm, 7000 + index, contract);
  const labels = Object.entries(whole.metadata.labels ?? {}).filter(
    ([key]) => !key.startsWith("lab."),
  );
  return {
    ...whole,
    metadata: {
      ...whole.metadata,
      name,
      labels: { ...Object.fromEntries(labels), "kubernetes.io/hostname": name },
    },
    spec: {
      providerID: `lab://${name}`,
      taints: [...listAt(whole, "spec", "taints"), ...taints],
    },
  };
}

function isProven(object: KubeObject, contract: NodeContract): boolean {
  const taints = listAt(object, "spec", "taints").map((taint) => textAt(taint, "key"));
  const assets = object.metadata.labels?.[contract.assetsLabel];
  return assets !== undefined && !taints.includes(contract.startupTaint);
}

function workerPods(name: string): Promise<KubeObject[]> {
  return lab.client.list("v1", "Pod", {
    namespace: `${name}-agents`,
    query: { labelSelector: "app.kubernetes.io/name=worker" },
  });
}

function isReady(pod: KubeObject): boolean {
  return listAt(pod, "status", "conditions").some(
    (condition) => textAt(condition, "type") === "Ready" && textAt(condition, "status") === "True",
  );
}
