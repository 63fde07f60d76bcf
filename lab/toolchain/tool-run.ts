import * as path from "node:path";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import type { ProgressOptions } from "../progress";
import { buildKey, readGoModule, sourceKey, type GoModule } from "./build";
import { downloadKey, downloadsAllowed } from "./download";
import type { Go } from "./go-command";
import { ToolCache } from "./tool-cache";
import { families, tools, type ToolCatalogue, type ToolFamily, type ToolName } from "./versions";

/** How tools are looked for and made. */
export interface EnsureToolsOptions {
  /** Environment, with PATH and the KVM_FABRIC_ settings. Defaults to process.env. */
  env?: NodeJS.ProcessEnv;
  /** Which tools there are. Defaults to the lab's. */
  catalogue?: ToolCatalogue;
  /** Folder with one Go module a family. Defaults to lab/toolchain/go. */
  goFolder?: string;
  /** The system, as Node.js names it. Defaults to this one. */
  platform?: string;
  /** How progress is shown. Defaults to standard error. */
  progress?: ProgressOptions;
}

/** Everything one call of ensureTools works with. */
export interface ToolRun {
  env: NodeJS.ProcessEnv;
  cache: string;
  catalogue: ToolCatalogue;
  goFolder: string;
  progress: ProgressOptions;
  /** The Go on the PATH, once it was asked for. */
  go: Go | undefined;
  /** The system, as Node.js names it: where it is not Linux, only the user's own tools count. */
  platform: string;
  /** amd64 or arm64; empty where nothing can be made. */
  goArch: string;
  /** Modules read so far. */
  modules: Map<ToolFamily, GoModule>;
  network: { unreachable: boolean };
  /** Tools found or made so far, with their absolute paths. */
  found: Map<ToolName, string>;
}

/**
 * Begins a run; throws {@link LabError} where the lab cannot run, unless all that is wanted are `portable` tools,
 * which do without it.
 */
export function startRun(options: EnsureToolsOptions, portable: boolean): ToolRun {
  const env = options.env ?? process.env;
  const platform = options.platform ?? process.platform;
  return {
    env,
    cache: labPaths(env).cache,
    catalogue: options.catalogue ?? { tools, families },
    goFolder: options.goFolder ?? path.join(__dirname, "go"),
    progress: options.progress ?? {},
    go: undefined,
    platform,
    goArch: portable && platform !== "linux" ? "" : requirePlatform(platform, process.arch),
    modules: new Map(),
    network: { unreachable: !downloadsAllowed(env) },
    found: new Map(),
  };
}

/** amd64 or arm64, as Go calls it, or a {@link LabError} where the lab cannot run. Pure. */
export function requirePlatform(platform: string, arch: string): string {
  if (platform === "linux" && arch === "x64") return "amd64";
  if (platform === "linux" && arch === "arm64") return "arm64";
  throw new LabError(`the lab runs on Linux x86_64 and arm64, this is ${platform} ${arch}`, {
    hint: "use a cluster you have: npm run up -- --context NAME, a context of your kubeconfig",
  });
}

/** The Go module of a family. */
export async function moduleOf(family: ToolFamily, run: ToolRun): Promise<GoModule> {
  const known = run.modules.get(family);
  if (known !== undefined) return known;
  const build = run.catalogue.families[family];
  const module = await readGoModule(path.join(run.goFolder, family), build);
  run.modules.set(family, module);
  return module;
}

/** Notes the entry made earlier, if there is one; without Go, one that any Go made of the same sources. */
export async function findCached(name: ToolName, run: ToolRun): Promise<void> {
  const source = run.catalogue.tools[name];
  const cache = new ToolCache(run.cache, name);
  const module = await moduleOf(source.family, run);
  const downloaded =
    source.download && (await cache.find(downloadKey(source.download, run.goArch)));
  const file =
    downloaded ??
    (run.go === undefined
      ? await cache.findByPrefix(sourceKey(source, module, run.goArch))
      : await cache.find(buildKey(source, module, run.go)));
  if (file !== undefined) run.found.set(name, file);
}
