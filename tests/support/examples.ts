import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { deploy, type Deployment, type DeployOptions } from "./deploy";
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

/** Runs an example's program from its own file under the recorder, with the configuration of its dev stack. */
export function runExample(example: string, options: DeployOptions): Promise<Deployment> {
  const folder = exampleFolder(example);
  const { name: project } = parse(fs.readFileSync(path.join(folder, "Pulumi.yaml"), "utf8"));
  const config = devConfig(folder);
  return deploy(() => loadProgram(folder), { config, project, ...options });
}

/**
 * Loads a program anew: a module runs only once, so each run has its own. The packages that it imports are those of
 * all other runs, which takes a tenth of the time.
 */
export function loadProgram(folder: string): unknown {
  const packages = new Map<string, unknown>();
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const text = fs.readFileSync(path.join(folder, file), "utf8");
    for (const [, name = ""] of text.matchAll(/ from "([^."][^"]*)";/g)) {
      packages.set(name, jest.requireActual(name));
    }
  }
  let program: unknown;
  jest.isolateModules(() => {
    for (const [name, loaded] of packages) jest.doMock(name, () => loaded);
    program = jest.requireActual(path.join(folder, "index"));
  });
  for (const name of packages.keys()) jest.dontMock(name);
  return program;
}
