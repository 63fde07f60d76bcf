import * as fs from "node:fs";
import * as path from "node:path";
import { readConfig } from "../../stacks/config";
import { deployTarget } from "../../stacks/targets";
import { deploy, type Deployment } from "../support/deploy";
import { devConfig, runExample } from "../support/examples";
import { repository } from "../support/source-files";
import { generatedOutputs as outputsOf } from "../support/generated";
import { remember } from "../support/remember";

const EXAMPLES = path.join(repository, "examples");
/** The programs for a cluster that exists: those whose configuration names its context. */
const examples = fs
  .readdirSync(EXAMPLES)
  .filter((example) => fs.existsSync(path.join(EXAMPLES, example, "Pulumi.dev.yaml")))
  .filter((example) => `${example}:context` in devConfig(path.join(EXAMPLES, example)));

/** Runs an example's program from its own file, once for all tests. */
const run = remember((example: string) => runExample(example, { outputsOf }));

const isComponent = ({ custom }: { custom: boolean }) => !custom;
const CLUSTER_SCOPED = /:(ClusterRole|ClusterRoleBinding|Namespace|PriorityClass)$|:Validating/;

/** Kind and name of every object that belongs to no namespace. */
function clusterScoped({ resources }: Deployment): string[] {
  return resources
    .filter(({ type }) => CLUSTER_SCOPED.test(type))
    .map(({ type, inputs }) => `${type} ${inputs.metadata.name}`);
}

describe.each(examples)("%s", (example) => {
  test("is of files of at most 60 lines that import the package as anybody would", () => {
    const folder = path.join(EXAMPLES, example);
    const files = fs.readdirSync(folder).filter((file) => file.endsWith(".ts"));
    const texts = files.map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
    for (const text of texts) expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    const modules = texts.flatMap((text) =>
      [...text.matchAll(/ from "([^"]+)";/g)].map(([, module = ""]) => module),
    );
    expect(modules).toContain("kvm-fabric/kubernetes");
    const own = files.map((file) => `./${file.replace(/\.ts$/, "")}`);
    const inside = modules.filter((module) => module.startsWith("."));
    expect(inside.filter((module) => !own.includes(module))).toEqual([]);
  });

  test("has no orphan, and every name begins with its component's", async () => {
    const deployment = await run(example);
    const tops = deployment.resources.filter(({ parent }) => parent === "");
    expect(tops.filter(({ custom }) => custom).map(({ name }) => name)).toEqual(["cluster"]);
    const components = tops.filter(isComponent).map(({ name }) => name);
    const children = deployment.resources.filter(({ parent }) => parent !== "");
    expect(children.length).toBeGreaterThan(10);
    for (const { name, parent } of children) {
      expect(components).toContain(parent);
      expect(`${name}-`.startsWith(`${parent}-`)).toBe(true);
    }
  });

  test("goes to the context of its configuration, and nowhere else", async () => {
    const { resources } = await run(example);
    const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
    const context = devConfig(path.join(EXAMPLES, example))[`${example}:context`];
    expect(provider?.inputs).toMatchObject({ context, clusterIdentifier: context });
    const elsewhere = resources.filter(
      (resource) =>
        resource.type.startsWith("kubernetes:") &&
        !resource.provider.startsWith(`${provider?.urn}::`),
    );
    expect(elsewhere.map(({ name }) => name)).toEqual([]);
  });
});

test("no two programs make the same object of the whole cluster", async () => {
  const config = devConfig(repository);
  const fabric = await deploy(() => deployTarget(readConfig()), { config, outputsOf });
  const programs = [fabric, ...(await Promise.all(examples.map((example) => run(example))))];
  const objects = programs.map(clusterScoped);
  expect(objects.map(({ length }) => length > 5)).toEqual(programs.map(() => true));
  const all = objects.flat();
  expect(all.filter((object, index) => all.indexOf(object) < index)).toEqual([]);
});
