import * as fs from "node:fs";
import * as path from "node:path";
import { awsOutputs } from "../components/cluster/aws/outputs";
import { azureCall as call, azureOutputs, gcpOutputs } from "../support/cloud-outputs";
import { type Deployment, type DeployOptions, find, tree } from "../support/deploy";
import { exampleFolder, runExample } from "../support/examples";
import { generatedOutputs } from "../support/generated";
import { remember } from "../support/remember";
import { golden, stopTheClock, strayNames, topResources } from "../support/stack-settings";

stopTheClock();

const outputsOf: DeployOptions["outputsOf"] = (type, name, inputs) => ({
  ...(type.startsWith("aws:") && { arn: `arn:aws:x:us-east-1:123456789012:${name}` }),
  ...(type.startsWith("aws:") && awsOutputs(type, name, inputs)),
  ...(type.startsWith("gcp:") && gcpOutputs(type, name, inputs)),
  ...(type.startsWith("azure-native:") && azureOutputs(type, name, inputs)),
  ...generatedOutputs(type),
});
const run = remember((example: string, preview?: boolean) =>
  runExample(example, { call, outputsOf, preview }),
);

/** The program, and what of it is no component: providers, and a foreign program's own. */
const examples: [string, string[]][] = [
  ["adopt", ["cluster"]],
  ["aws", ["cluster", "disks"]],
  ["azure", ["cluster"]],
  ["gcp", ["cluster"]],
  ["one-component", ["cluster", "microvms"]],
];

describe.each(examples)("%s", (example, tops) => {
  test("is a program of at most 60 lines that imports the package as anybody would", () => {
    const text = fs.readFileSync(path.join(exampleFolder(example), "index.ts"), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    const imported = [...text.matchAll(/ from "([^"]+)";/g)].map(([, module]) => module);
    expect(imported).toContain("kvm-fabric/kubernetes");
    expect(imported.filter((module) => module?.startsWith("."))).toEqual([]);
  });

  test("is exactly its golden tree, and no less in a preview, where nothing is known", async () => {
    const known = tree(await run(example));
    expect(known).toEqual(golden(path.join(__dirname, "trees", `${example}.txt`), known));
    expect(tree(await run(example, true))).toEqual(known);
  });

  test("has no orphan, and every name begins with its parent's", async () => {
    const deployment = await run(example);
    expect(topResources(deployment)).toEqual(tops);
    expect(strayNames(deployment)).toEqual([]);
  });
});

const components = (deployment: Deployment) =>
  deployment.resources.filter(({ custom }) => !custom).map(({ type }) => type.split(":")[2]);

test.each(["aws", "azure", "gcp"])("%s is the whole fabric", async (example) => {
  const cloud = `${example[0]?.toUpperCase() ?? ""}${example.slice(1)}`;
  const inside = ["Namespaces", "Consul", "NodeProvisioner", "WorkerDaemonSet"];
  const below = ["Network", "Cluster", "KvmNodePool"].map((part) => `${cloud}${part}`);
  expect(components(await run(example)).sort()).toEqual([...below, ...inside].sort());
});

test("adopt makes nothing of the cluster or the network that exist", async () => {
  const deployment = await run("adopt");
  expect(components(deployment).sort()).toEqual([
    "AwsKvmNodePool",
    "Namespaces",
    "NodeProvisioner",
  ]);
  const made = deployment.resources.map(({ type }) => type);
  expect(made.filter((type) => /ec2\/(vpc|subnet)|eks\/cluster:/.test(type))).toEqual([]);
  const group = find(deployment, "aws:autoscaling/group:Group", "adopt-kvm").inputs;
  expect(group.vpcZoneIdentifiers).toEqual([
    "subnet-0123456789abcdef0",
    "subnet-0123456789abcdef1",
  ]);
});

test("one-component brings one component into a namespace that is the program's own", async () => {
  const deployment = await run("one-component");
  expect(components(deployment)).toEqual(["NodeProvisioner"]);
  const agents = find(deployment, "kubernetes:apps/v1:DaemonSet", "microvms-provisioner-agents");
  expect(agents.inputs.metadata.namespace).toBe("microvms");
});

test("on AKS the pool waits for those of the cluster: AKS works on one at a time", async () => {
  const pool = "azure-native:containerservice:AgentPool";
  const { dependsOn } = find(await run("azure"), pool, "fabric-azure-kvm");
  expect(dependsOn).toContain("fabric-azure-services");
});
