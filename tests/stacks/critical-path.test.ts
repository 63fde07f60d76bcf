import { criticalPath, chainLines } from "../../bench/critical-path/model";
import type { StateResource } from "../../bench/critical-path/state";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { readConfig } from "../../stacks/config";
import { deployTarget } from "../../stacks/targets";
import { awsOutputs } from "../components/cluster/aws/outputs";
import { deploy, type Registration, reveal } from "../support/deploy";
import { generatedOutputs } from "../support/generated";
import { remember } from "../support/remember";
import { repository } from "../support/source-files";

const outputsOf = (type: string, name: string, inputs: any): Record<string, any> => ({
  ...(type === "aws:cloudwatch/logGroup:LogGroup" && {
    arn: `arn:aws:logs:us-east-1:123456789012:log-group:${name}`,
  }),
  ...awsOutputs(type, name, inputs),
  ...generatedOutputs(type),
});

function asState({ resources }: { resources: Registration[] }): StateResource[] {
  return resources.map(({ after, custom, inputs, name, type, urn }) => ({
    urn,
    type,
    name,
    custom,
    id: `${name}-id`,
    inputs: reveal(inputs),
    outputs: outputsOf(type, name, reveal(inputs)),
    after,
  }));
}

const prod = remember(async (): Promise<StateResource[]> => {
  const { config } = parse(fs.readFileSync(path.join(repository, "Pulumi.prod.yaml"), "utf8"));
  const deployment = await deploy(() => deployTarget(readConfig()), {
    config: { "kvm-fabric:fabric": JSON.stringify(config["kvm-fabric:fabric"]) },
    stack: "prod",
    outputsOf,
  });
  return asState(deployment);
});

// Modelled from published latencies: the same on every machine.
test("prod on AWS comes up at most 5 % later than the longest chain that nothing can avoid", async () => {
  const resources = await prod();
  const { modelled, scheduledSeconds, unavoidableBothWays } = criticalPath(resources);
  // Whatever is needless between them shows in the difference of the chains.
  const chains = [modelled, unavoidableBothWays].map((chain) => chainLines(chain, resources));
  const share = scheduledSeconds / unavoidableBothWays.seconds;
  if (share > 1.05) throw new Error(chains.map((lines) => lines.join("\n")).join("\n\n"));
  expect(scheduledSeconds).toBeGreaterThanOrEqual(unavoidableBothWays.seconds);
});

test("the longest chain is the one that people know of EKS: network, control plane, nodes, pods", async () => {
  const resources = await prod();
  const { unavoidable } = criticalPath(resources);
  const kinds = chainLines(unavoidable, resources).map((line) => line.split(/\s+/).at(-2));
  expect(kinds.slice(0, 3)).toEqual(["Vpc", "Subnet", "Cluster"]);
  expect(kinds).toEqual(expect.arrayContaining(["NodeGroup", "Addon", "DaemonSet"]));
  // What the simulated cloud knows of this stack is worth a chain: a table that lost its rows would be short.
  expect(unavoidable.seconds).toBeGreaterThan(800);
});
