import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import type * as recorder from "./deploy";
import type { Deployment, DeployOptions } from "./deploy";
import { repository } from "./source-files";

/** The folder of an example. */
export function exampleFolder(example: string): string {
  return path.join(repository, "examples", example);
}

/** The configuration of a program's dev stack, as the engine passes it on. */
export function devConfig(folder: string): Record<string, string> {
  const file = path.join(folder, "Pulumi.dev.yaml");
  const entries = Object.entries<unknown>(parse(fs.readFileSync(file, "utf8")).config);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** Runs an example's program from its own file under the recorder. A module runs only once, so each run has its own. */
export async function runExample(example: string, options: DeployOptions): Promise<Deployment> {
  const folder = exampleFolder(example);
  const { name: project } = parse(fs.readFileSync(path.join(folder, "Pulumi.yaml"), "utf8"));
  const config = devConfig(folder);
  let deployment: Promise<Deployment> | undefined;
  await jest.isolateModulesAsync(async () => {
    const { deploy } = jest.requireActual<typeof recorder>("./deploy");
    const program = () => jest.requireActual<object>(path.join(folder, "index"));
    deployment = deploy(program, { config, project, ...options });
    await deployment;
  });
  if (deployment === undefined) throw new Error(`${example} did not run`);
  return deployment;
}
