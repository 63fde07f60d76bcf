import { criticalPath, chainLines } from "../../bench/critical-path/model";
import type { StateResource } from "../../bench/critical-path/state";
import { awsStackOutputs } from "../support/cloud-outputs";
import { type Registration, reveal } from "../support/deploy";
import { stackRuns } from "../support/stack-runs";

function asState({ resources }: { resources: Registration[] }): StateResource[] {
  return resources.map(({ after, custom, inputs, name, type, urn }) => ({
    urn,
    type,
    name,
    custom,
    id: `${name}-id`,
    inputs: reveal(inputs),
    outputs: awsStackOutputs(type, name, reveal(inputs)),
    after,
  }));
}

const run = stackRuns("Pulumi.prod.yaml", { outputsOf: awsStackOutputs });
const prod = async (): Promise<StateResource[]> => asState(await run());

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
