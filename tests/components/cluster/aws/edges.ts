import * as pulumi from "@pulumi/pulumi";
import { deploy, type DeployOptions } from "../../../support/deploy";

/** What a program's resources wait for, and which hooks they have; a resource is written as `Kind name`. */
export interface Edges {
  /** All that exists before a resource does, and that is deleted after it. */
  before: (resource: string) => Set<string>;
  /** Names of the hooks that run before an update of a resource. */
  hooks: (resource: string) => string[];
  /** The hooks that were registered: name, and whether previews run it. */
  registered: [name: string, onDryRun: boolean][];
}

/** Runs a program and records its edges with kinds, where `deploy` alone keeps names. */
export async function deployEdges(program: () => unknown, options: DeployOptions): Promise<Edges> {
  const direct = new Map<string, string[]>();
  const hooks = new Map<string, string[]>();
  const registered: [string, boolean][] = [];
  await deploy(() => {
    const monitor: any = pulumi.runtime.getMonitor();
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request: any, callback: any) => {
      register(request, (error: any, response: any) => {
        if (!error) {
          const line = lineOf(response.getUrn());
          const needed = [...request.getDependenciesList(), request.getProvider()];
          direct.set(line, needed.filter((urn) => urn !== "").map(lineOf));
          hooks.set(line, request.getHooks()?.getBeforeUpdateList() ?? []);
        }
        callback(error, response);
      });
    };
    // Pulumi's mocks lack it, though they say that they take hooks.
    monitor.registerResourceHook = (request: any, callback: any) => {
      registered.push([request.getName(), request.getOnDryRun()]);
      callback(null, {});
    };
    return program();
  }, options);
  return {
    before: (line) => closure(direct, line),
    hooks: (line) => hooks.get(line) ?? [],
    registered,
  };
}

function closure(direct: Map<string, string[]>, start: string): Set<string> {
  if (!direct.has(start)) throw new Error(`no ${start} among:\n${[...direct.keys()].join("\n")}`);
  const seen = new Set<string>();
  const open = [start];
  for (let line = open.pop(); line !== undefined; line = open.pop()) {
    const next = (direct.get(line) ?? []).filter((needed) => !seen.has(needed));
    for (const needed of next) seen.add(needed);
    open.push(...next);
  }
  return seen;
}

/** `urn:pulumi:STACK::PROJECT::PARENTS$a:b/c:Kind::NAME`, and for a provider `::ID` behind it. */
function lineOf(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return `${type.split(/[:$]/).at(-1) ?? ""} ${name}`;
}
