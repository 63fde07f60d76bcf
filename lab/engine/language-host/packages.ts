import { type Dirent, readdirSync, realpathSync } from "node:fs";
import path from "node:path";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { isProperties } from "../grpc/wire";
import { readManifest } from "./install";

// Folders that hold no program code and may be large.
const SKIPPED: ReadonlySet<string> = new Set([".git", ".pulumi", "dist"]);

/**
 * The provider plugins that a program needs: those of every Pulumi SDK installed in a node_modules folder
 * below the program's directory, imported or not, as `package.json` there states under `pulumi`.
 * @param attached PULUMI_DEBUG_PROVIDERS (`name:port,...`): providers that already run and that the CLI would
 *   otherwise try to download for `package get-schema` and `install`.
 */
export function requiredPackages(
  programDirectory: string,
  attached = "",
): plugin.PackageDependency[] {
  const running = new Set(attached.split(",").map((entry) => entry.split(":")[0]));
  const found = new Map<string, plugin.PackageDependency>();
  const seen = new Set<string>();
  for (const manifest of manifests(programDirectory, seen)) {
    const dependency = packageDependency(readManifest(manifest));
    if (dependency && !running.has(dependency.getName()))
      found.set(`${dependency.getName()} ${dependency.getVersion()}`, dependency);
  }
  return [...found.values()];
}

/** Reads what a package.json says of the plugin behind it; undefined when it is no Pulumi SDK. */
export function packageDependency(
  manifest: Record<string, unknown>,
): plugin.PackageDependency | undefined {
  const { pulumi, name, version } = manifest;
  if (!isProperties(pulumi) || pulumi.resource !== true) return undefined;
  const pluginName = text(pulumi.name) ?? text(name)?.match(/^@pulumi\/(.+)$/)?.[1];
  const pluginVersion = text(pulumi.version) ?? text(version);
  if (pluginName === undefined || pluginVersion === undefined) return undefined;
  const dependency = new plugin.PackageDependency();
  dependency.setKind("resource");
  dependency.setName(pluginName);
  dependency.setVersion(pluginVersion.startsWith("v") ? pluginVersion : `v${pluginVersion}`);
  dependency.setServer(text(pulumi.server) ?? "");
  if (isProperties(pulumi.parameterization)) {
    dependency.setParameterization(parameterization(pulumi.parameterization));
  }
  return dependency;
}

function parameterization(stated: Record<string, unknown>): plugin.PackageParameterization {
  const result = new plugin.PackageParameterization();
  result.setName(text(stated.name) ?? "");
  result.setVersion(text(stated.version) ?? "");
  result.setValue(text(stated.value) ?? "");
  return result;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

// Every package.json below a node_modules folder. A link is followed once, so that circles end.
function* manifests(directory: string, seen: Set<string>): Generator<string> {
  const real = realpathSync(directory);
  if (seen.has(real)) return;
  seen.add(real);
  for (const entry of folders(directory)) {
    const folder = path.join(directory, entry.name);
    if (entry.name === "node_modules") yield* installed(folder, seen);
    else if (!SKIPPED.has(entry.name) && !isPolicyPack(folder)) yield* manifests(folder, seen);
  }
}

// Packages lie one deep, or two below a scope; their own files hold no further SDKs, their node_modules may.
function* installed(nodeModules: string, seen: Set<string>): Generator<string> {
  for (const entry of folders(nodeModules)) {
    const folder = path.join(nodeModules, entry.name);
    if (entry.name.startsWith("@")) yield* installed(folder, seen);
    else if (!entry.name.startsWith(".")) {
      yield path.join(folder, "package.json");
      const nested = folders(folder).find(({ name }) => name === "node_modules");
      if (nested && !entry.isSymbolicLink()) yield* installed(path.join(folder, nested.name), seen);
    }
  }
}

function isPolicyPack(folder: string): boolean {
  return entries(folder).some(({ name }) => name === "PulumiPolicy.yaml");
}

function folders(directory: string): Dirent[] {
  return entries(directory).filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
}

function entries(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
