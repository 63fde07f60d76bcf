import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { awsStackOutputs, azureCall, azureOutputs, gcpOutputs } from "../../support/cloud-outputs";
import { type Deployment, type DeployOptions, tree } from "../../support/deploy";
import { exampleFolder, runExample } from "../../support/examples";
import { remember } from "../../support/remember";
import { outputsOf as storeOutputs, storeCall } from "../../components/data-store/managed/stores";
import { aetherium } from "./aetherium-table";
import { cohesix } from "./cohesix-table";
import { expected, found, type Row, type SystemTable, unaccounted } from "./table";

/** What clouds and clusters compute, each in its own stack. */
function outputsOf(type: string, name: string, inputs: any): Record<string, any> {
  const outputs = {
    ...azureOutputs(type, name, inputs),
    ...gcpOutputs(type, name, inputs),
    ...awsStackOutputs(type, name, inputs),
    ...storeOutputs(type, name, inputs),
  };
  const balancer = { loadBalancer: { ingress: [{ ip: "10.0.0.9" }] } };
  if (type === "command:remote:Command") return { stdout: "authority\ncertificate\nkey\n" };
  return type === "kubernetes:core/v1:Service" ? { ...outputs, status: balancer } : outputs;
}

const call: DeployOptions["call"] = (args) =>
  /listDatabaseKeys$|getClientConfig$/.test(args.token) ? storeCall(args) : azureCall(args);

/** The stacks of an example, by their files. */
function stacksOf(example: string): string[] {
  const files = fs.readdirSync(exampleFolder(example));
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

const run = remember((example: string, given?: string, preview?: boolean): Promise<Deployment> => {
  const stack = given ?? "dev";
  const file = path.join(exampleFolder(example), `Pulumi.${stack}.yaml`);
  const entries = Object.entries<unknown>(parse(fs.readFileSync(file, "utf8")).config);
  const config = Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  return runExample(example, { config, outputsOf, stack, preview, call });
});

const title = ({ fact, lines: [first, last] }: Row) =>
  `line ${first === last ? "" : `${String(first)} to `}${String(last)}: ${fact}`;

const named = (rows: Row[]) => rows.map((row) => [title(row), row] as const);

describe.each([
  ["aetherium", aetherium],
  ["cohesix", cohesix],
] as const)("%s", (_, table: SystemTable) => {
  const { example, rows } = table;

  test("says something about every line of its document", () => {
    expect(unaccounted(table)).toEqual([]);
  });

  test.each(named(rows.filter(({ differs }) => differs === undefined)))("%s", async (_, row) => {
    expect(found(await run(example, row.stack), row)).toEqual(row.says);
  });

  test.each(named(rows.filter(({ differs }) => differs !== undefined)))(
    "otherwise, for a reason: %s",
    async (_, row) => {
      const deployment = await run(example, row.stack);
      expect(found(deployment, row)).toEqual(expected(row));
      expect(expected(row)).not.toEqual(row.says);
      // What differs is of something that is there.
      expect(deployment.resources.map((r) => `${r.type} ${r.name}`)).toContain(
        `${row.at.type} ${row.at.name}`,
      );
      expect(row.differs?.because).toMatch(/\w+ \w+ \w+/);
    },
  );

  test.each(stacksOf(example))(
    "its stack %s shows the same tree before anything is known",
    async (stack) => {
      const [known, unknown] = [await run(example, stack), await run(example, stack, true)];
      expect(known.resources.length).toBeGreaterThan(50);
      expect(tree(unknown)).toEqual(tree(known));
    },
  );
});

test("aetherium's stack on Azure changes its network once at a time", async () => {
  const { resources } = await run("aetherium", "azure");
  const [redis] = resources.filter(({ type }) => type === "kvm-fabric:index:AzureRedis");
  // What depends on a component depends on all that is in it.
  expect(redis?.dependsOn).toContain("aetherium-postgres-subnet");
  expect(resources.map(({ name }) => name)).toContain("aetherium-redis-subnet");
});
