import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { readConfig } from "../../stacks/config";
import { deployTarget } from "../../stacks/targets";
import { deploy, tree } from "../support/deploy";
import { awsOutputs } from "../components/cluster/aws/outputs";
import { generatedOutputs } from "../support/generated";
import { repository } from "../support/source-files";

const GOLDEN = path.join(__dirname, "prod.golden.txt");

const outputsOf = (type: string, name: string, inputs: any) => ({
  ...(type === "aws:cloudwatch/logGroup:LogGroup" && {
    arn: `arn:aws:logs:us-east-1:123456789012:log-group:${name}`,
  }),
  ...awsOutputs(type, name, inputs),
  ...generatedOutputs(type),
});

function prodStack(change: (fabric: any) => void = () => undefined): Record<string, string> {
  const { config } = parse(fs.readFileSync(path.join(repository, "Pulumi.prod.yaml"), "utf8"));
  change(config["kvm-fabric:fabric"]);
  return { "kvm-fabric:fabric": JSON.stringify(config["kvm-fabric:fabric"]) };
}

const run = (config = prodStack(), preview = false) =>
  deploy(() => deployTarget(readConfig()), { config, preview, stack: "prod", outputsOf });

test("the prod stack is exactly the golden tree, and no less is shown by a preview", async () => {
  const known = tree(await run());
  if (process.env.KVM_FABRIC_UPDATE_GOLDEN === "1") {
    fs.writeFileSync(GOLDEN, `${known.join("\n")}\n`);
  }
  expect(known).toEqual(fs.readFileSync(GOLDEN, "utf8").trimEnd().split("\n"));
  expect(tree(await run(prodStack(), true))).toEqual(known);
});

test("nothing is an orphan, and every name begins with its parent's", async () => {
  const { resources } = await run();
  const tops = resources.filter(({ parent }) => parent === "");
  expect(
    tops
      .filter(({ custom }) => custom)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["aws", "cluster"]);
  const strays = resources.filter(({ name, parent }) => {
    return parent !== "" && name !== parent && !name.startsWith(`${parent}-`);
  });
  expect(strays.map(({ name, parent }) => `${name} < ${parent}`)).toEqual([]);
});
