import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { isProperties } from "../grpc/wire";
import { runProcess } from "./child";
import { PackageManager, type RuntimeOptions, runtimeOptions } from "./runtime-options";

/**
 * Installs what a program or plugin depends on, with the package manager it asks for or whose lock file it
 * has. A plugin that finds all of its dependencies already (in a workspace they lie further up) is left
 * alone. Fails when the package manager does, or cannot be started.
 */
export async function installDependencies(
  request: language.InstallDependenciesRequest,
  write: (message: language.InstallDependenciesResponse) => void,
  cancelled: AbortSignal,
): Promise<void> {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getDirectory();
  const options = runtimeOptions(info);
  if (request.getIsPlugin() && hasDependencies(directory)) return;
  const [command, ...args] = installCommand(directory, options);
  const output = {
    stdout: (chunk: Buffer) => {
      write(new language.InstallDependenciesResponse().setStdout(chunk));
    },
    stderr: (chunk: Buffer) => {
      write(new language.InstallDependenciesResponse().setStderr(chunk));
    },
  };
  output.stdout(Buffer.from(`Installing dependencies with ${command} in ${directory}\n`));
  const started = runProcess(command, args, {
    cwd: directory,
    env: process.env,
    output,
    cancelled,
  });
  const end = await started.catch((error: unknown) => {
    throw new Error(`${command} could not be started; is it on PATH?`, { cause: error });
  });
  if (end.code !== 0) {
    throw new Error(
      `${command} ${args.join(" ")} failed: ${end.signal ?? `exit code ${String(end.code)}`}`,
    );
  }
  if (!nodeModules(directory).some((folder) => existsSync(folder))) {
    throw new Error(`${command} ran, but there is no node_modules in ${directory} or above it`);
  }
}

/** The command that installs a folder's dependencies. */
export function installCommand(
  directory: string,
  options: RuntimeOptions,
): [command: string, ...args: string[]] {
  const production = options.production ? ["--production"] : [];
  const manager =
    options.packageManager === PackageManager.Auto
      ? managerByLock(directory)
      : options.packageManager;
  switch (manager) {
    case PackageManager.Npm:
      return ["npm", "install", "--loglevel=error", ...production];
    case PackageManager.Yarn:
      return ["yarn", "install", ...production];
    case PackageManager.Pnpm:
      return ["pnpm", "install", "--use-stderr", ...(options.production ? ["--prod"] : [])];
    case PackageManager.Bun:
      return ["bun", "install"];
  }
}

/** The package manager whose lock file lies in the folder or nearest above it; npm when there is none. */
export function managerByLock(directory: string): Exclude<PackageManager, "auto"> {
  for (const folder of upward(directory)) {
    const has = (file: string) => existsSync(path.join(folder, file));
    if (has("package-lock.json")) return PackageManager.Npm;
    if (has("yarn.lock")) return PackageManager.Yarn;
    if (has("pnpm-lock.yaml")) return PackageManager.Pnpm;
    if (has("bun.lock") || has("bun.lockb")) return PackageManager.Bun;
  }
  return PackageManager.Npm;
}

/** Says whether every dependency and required peer of the folder's package is installed, here or further up. */
export function hasDependencies(directory: string): boolean {
  const manifest = readManifest(path.join(directory, "package.json"));
  const optional = table(manifest.peerDependenciesMeta);
  const needed = [
    ...Object.keys(table(manifest.dependencies)),
    ...Object.keys(table(manifest.peerDependencies)).filter((name) => {
      const meta = optional[name];
      return !(isProperties(meta) && meta.optional === true);
    }),
  ];
  return needed.every((name) =>
    nodeModules(directory).some((folder) => existsSync(path.join(folder, name, "package.json"))),
  );
}

/** Reads a JSON file whose top is an object; one that is missing or broken reads as empty. */
export function readManifest(file: string): Record<string, unknown> {
  try {
    return table(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}

function table(value: unknown): Record<string, unknown> {
  return isProperties(value) ? value : {};
}

function nodeModules(directory: string): string[] {
  return upward(directory).map((folder) => path.join(folder, "node_modules"));
}

/** A folder and all above it, nearest first. */
export function upward(directory: string): string[] {
  const folders = [];
  for (let folder = path.resolve(directory); ; folder = path.dirname(folder)) {
    folders.push(folder);
    if (folder === path.dirname(folder)) return folders;
  }
}
