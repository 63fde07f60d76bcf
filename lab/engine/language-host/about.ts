import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { isProperties } from "../grpc/wire";
import { installCommand, readManifest, upward } from "./install";
import { runtimeOptions } from "./runtime-options";

/** What `pulumi about` says of the runtime: the Node that runs programs, TypeScript and the package manager. */
export function about(info: language.ProgramInfo | undefined): language.AboutResponse {
  const response = new language.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  const metadata = response.getMetadataMap();
  const directory = info?.getProgramDirectory() ?? process.cwd();
  const [manager] = installCommand(directory, runtimeOptions(info));
  metadata.set("packagemanager", manager);
  const managerVersion = versionOf(manager);
  if (managerVersion !== undefined) metadata.set("packagemanagerVersion", managerVersion);
  const typescript = typescriptVersion(directory);
  if (typescript !== undefined) metadata.set("typescriptVersion", typescript);
  return response;
}

/**
 * The npm packages a program depends on, as the nearest package-lock.json has them; without one, as installed.
 * @param transitive All that are installed, not only those its package.json names.
 */
export function programDependencies(
  directory: string,
  transitive: boolean,
): language.DependencyInfo[] {
  const manifest = readManifest(path.join(directory, "package.json"));
  const direct = new Set([
    ...names(manifest.dependencies),
    ...names(manifest.devDependencies),
    ...names(manifest.peerDependencies),
  ]);
  return [...locked(directory)]
    .filter(([name]) => transitive || direct.has(name))
    .map(([name, version]) => {
      const dependency = new language.DependencyInfo();
      dependency.setName(name);
      dependency.setVersion(version);
      return dependency;
    });
}

// Name to version of what lies directly in the lock's node_modules (lock file versions 2 and 3).
function locked(directory: string): Map<string, string> {
  const versions = new Map<string, string>();
  for (const folder of upward(directory)) {
    const { packages } = readManifest(path.join(folder, "package-lock.json"));
    if (!isProperties(packages)) continue;
    for (const [location, entry] of Object.entries(packages)) {
      const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(location)?.[1];
      if (name === undefined || !isProperties(entry) || typeof entry.version !== "string") continue;
      versions.set(name, entry.version);
    }
    break;
  }
  return versions;
}

function names(dependencies: unknown): string[] {
  return isProperties(dependencies) ? Object.keys(dependencies) : [];
}

// Read, not asked: the CLI calls this on every operation, and starting npm takes longer than a small preview.
function versionOf(command: string): string | undefined {
  const places = (process.env.PATH ?? "").split(path.delimiter);
  const file = places.map((place) => path.join(place, command)).find((name) => existsSync(name));
  if (file === undefined) return undefined;
  const manifests = upward(realpathSync(file)).map((folder) => path.join(folder, "package.json"));
  const own = manifests.map(readManifest).find(({ name }) => name === command);
  return typeof own?.version === "string" ? own.version : undefined;
}

function typescriptVersion(directory: string): string | undefined {
  try {
    const file = createRequire(path.join(directory, "noop.js")).resolve("typescript/package.json");
    const { version } = readManifest(file);
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
