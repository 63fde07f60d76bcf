import * as fs from "node:fs";
import * as path from "node:path";
import { urnName } from "../../../lab/engine/grpc/urn";
import { cloudObjects } from "../../../lab/simulated-clusters/world";
import { pulumiOutput, type StackEngine } from "../../../lab/stack/engine";
import { repository } from "../../support/source-files";
import { differences } from "./failures";

/** What a stack is made of in its clouds and clusters, as tests/stacks holds it: `type name`. */
export function wholeOf(stack: "prod" | "gcp" | "azure"): string[] {
  return fs
    .readFileSync(path.join(repository, `tests/stacks/${stack}.golden.txt`), "utf8")
    .split("\n")
    .flatMap((line) => /^((?:aws|azure-native|gcp|kubernetes):\S+ \S+)/.exec(line)?.[1] ?? []);
}

/** Says whether a line of {@link wholeOf} is of a cloud. */
export const ofCloud = (line: string) => !line.startsWith("kubernetes:");

/** Everything that the state and the cloud hold, against what the stack is made of. */
export async function expectWhole(
  engine: StackEngine,
  state: string,
  whole: readonly string[],
): Promise<void> {
  const { deployment } = JSON.parse(await pulumiOutput(engine, ["stack", "export"]));
  const inState = deployment.resources
    .map(({ type, urn }: { type: string; urn: string }) => `${type} ${urnName(urn)}`)
    .filter((line: string) => /^(aws|azure-native|gcp|kubernetes):/.test(line));
  expect(differences(whole, inState)).toEqual({ missing: [], tooMany: [] });
  const inCloud = cloudObjects(state).map(({ type, urn }) => `${type} ${urnName(urn)}`);
  expect(differences(whole.filter(ofCloud), inCloud)).toEqual({ missing: [], tooMany: [] });
  expect(deployment.pending_operations ?? []).toEqual([]);
}
