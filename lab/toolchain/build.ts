import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { LabError } from "../lab-error";
import { isFullDisk } from "./full-disk";
import { goEnvironment, requireGo, runCommand, type Go } from "./go-command";
import { isExecutable } from "./own-tools";
import { removeFolder, ToolCache } from "./tool-cache";
import type { FamilyBuild, ToolName, ToolSource } from "./versions";

const LOG_LINES = 20;
const WATCH_MILLISECONDS = 500;

/** A Go module that one family's tools are built from. */
export interface GoModule {
  /** Folder of its go.mod. */
  folder: string;
  build: FamilyBuild;
  /** Hash of go.mod and go.sum and, in a module with code of its own, of that. */
  contentHash: string;
  /** The oldest Go that may build it: its go.mod's `go` line. */
  minimumGo: string;
}

/** One tool to build. */
export interface BuildTarget {
  name: ToolName;
  source: ToolSource;
}

/** What a build works with. */
export interface BuildContext {
  cache: string;
  env: NodeJS.ProcessEnv;
  go: Go | undefined;
  /** Called with the tools that are not finished yet, whenever that changes. */
  onRemaining: (names: readonly ToolName[]) => void;
}

/** Reads a family's module. */
export async function readGoModule(folder: string, build: FamilyBuild): Promise<GoModule> {
  const hash = createHash("sha256");
  const files = await fs.readdir(folder, { recursive: true });
  for (const name of files.filter((file) => /(?:go\.(?:mod|sum)|\.go)$/.test(file)).sort()) {
    hash.update(`${name}\0`).update(await fs.readFile(path.join(folder, name)));
  }
  const goMod = await fs.readFile(path.join(folder, "go.mod"), "utf8");
  const minimumGo = /^go (\S+)$/m.exec(goMod)?.[1];
  if (minimumGo === undefined) throw new Error(`${folder}/go.mod has no go line`);
  return { folder, build, contentHash: hash.digest("hex"), minimumGo };
}

/** The part of a built tool's key that does not depend on the Go installation. Pure. */
export function sourceKey(source: ToolSource, module: GoModule, arch: string): string {
  const flags = [...buildFlags(module.build), ...(module.build.cgo === true ? ["cgo"] : [])];
  const parts = [module.contentHash, source.package, ...flags, arch];
  return `${createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 24)}-`;
}

/** The key of a tool built with that Go. Pure. */
export function buildKey(source: ToolSource, module: GoModule, go: Go): string {
  return `${sourceKey(source, module, go.arch)}${go.version.replaceAll(/[^\w.-]+/g, "_")}`;
}

/**
 * Builds tools of one family with one go command, which compiles what they share once and links them side by
 * side, and makes an entry of each; returns their paths. Only for the holder of the family's lock.
 */
export async function buildTools(
  targets: readonly BuildTarget[],
  module: GoModule,
  context: BuildContext,
): Promise<Map<ToolName, string>> {
  const go = requireGo(context.go, module.minimumGo);
  const [first] = targets;
  const made = new Map<ToolName, string>();
  if (first === undefined) return made;
  const work = await new ToolCache(context.cache, first.name).begin();
  try {
    const bin = path.join(work, "bin");
    await Promise.all([fs.mkdir(bin), fs.mkdir(path.join(work, "tmp"))]);
    const watch = setInterval(
      () => void reportRemaining(targets, bin, context),
      WATCH_MILLISECONDS,
    );
    try {
      await runGoBuild(targets, module, { bin, work, go, context });
    } finally {
      clearInterval(watch);
    }
    for (const target of targets) {
      const key = buildKey(target.source, module, go);
      made.set(target.name, await publish(target, bin, key, context.cache));
    }
    return made;
  } finally {
    await removeFolder(work);
  }
}

async function runGoBuild(
  targets: readonly BuildTarget[],
  module: GoModule,
  job: { bin: string; work: string; go: Go; context: BuildContext },
): Promise<void> {
  const packages = targets.map(({ source }) => source.package);
  const args = ["build", ...buildFlags(module.build), "-o", `${job.bin}${path.sep}`, ...packages];
  // go's own temporary files too: a killed build then leaves nothing that the next one does not remove.
  const env = {
    ...goEnvironment(job.context.env),
    ...(module.build.cgo === true ? { CGO_ENABLED: "1" } : {}),
    GOTMPDIR: path.join(job.work, "tmp"),
  };
  const result = await runCommand("go", args, { env, cwd: module.folder });
  const names = targets.map(({ name }) => name).join(", ");
  if (result.exitCode !== 0) {
    if (isFullDisk(result.log)) throw new Error(result.log);
    const lines = result.log.trimEnd().split("\n").slice(-LOG_LINES);
    throw new LabError(
      `${names} could not be built:\n${lines.map((line) => `  ${line}`).join("\n")}`,
      {
        hint: `run it again, or see for yourself: cd ${module.folder} && go build ${packages.join(" ")}`,
      },
    );
  }
  for (const { name, source } of targets) {
    if (await isExecutable(path.join(job.bin, source.builtName))) continue;
    throw new LabError(`go build ended well but made no ${name} (${source.package})`);
  }
}

async function publish(
  target: BuildTarget,
  bin: string,
  key: string,
  cacheFolder: string,
): Promise<string> {
  const cache = new ToolCache(cacheFolder, target.name);
  const folder = await cache.begin();
  await fs.rename(path.join(bin, target.source.builtName), path.join(folder, target.name));
  return cache.publish(folder, key, `go build ${target.source.package}`);
}

async function reportRemaining(
  targets: readonly BuildTarget[],
  bin: string,
  context: BuildContext,
): Promise<void> {
  const finished = new Set(await fs.readdir(bin).catch(() => []));
  const remaining = targets.filter(({ source }) => !finished.has(source.builtName));
  if (remaining.length > 0) context.onRemaining(remaining.map(({ name }) => name));
}

/** The same flags always: any other would compile everything anew. */
function buildFlags(build: FamilyBuild): string[] {
  const variables = build.variables.map((variable) => `-X ${variable}`);
  const linker = ["-s", "-w", ...variables].join(" ");
  return ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", linker];
}
