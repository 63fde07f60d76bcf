import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import { explainFullDisk } from "./full-disk";
import { describeGo } from "./go-command";
import { makeTools } from "./make-tools";
import { findOwnTool } from "./own-tools";
import { findCached, startRun, type EnsureToolsOptions, type ToolRun } from "./tool-run";
import {
  type LabToolName,
  nodeToolNames,
  testToolNames,
  toolNames,
  type ToolName,
} from "./versions";

/** The tool that commands on the user's own cluster need, on whatever system; the others are the lab's. */
const PORTABLE = "pulumi";

/** Absolute paths of the tools that every lab needs, by name. */
export type ToolPaths = Readonly<Record<LabToolName, string>>;

/**
 * Absolute paths of the lab's tools: the user's own on the PATH where the version fits, else from the cache, else
 * an official download, else built from its Go module. What has to be made is made once, however many ask at a
 * time, with progress on standard error; a second call takes milliseconds.
 *
 * Names default to those of every lab. Throws {@link LabError} when Go is missing or too old, the disk is full, a build
 * fails, or the system is not Linux on x86_64 or arm64. Pulumi alone may be asked for on any system: elsewhere
 * the user's own is the only one.
 */
export async function ensureTools(
  names?: undefined,
  options?: EnsureToolsOptions,
): Promise<ToolPaths>;
/** The same for some of the tools. */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  options?: EnsureToolsOptions,
): Promise<Readonly<Record<Name, string>>>;
/** See the overloads. */
export async function ensureTools(
  names: readonly ToolName[] = toolNames,
  options: EnsureToolsOptions = {},
): Promise<Partial<Record<ToolName, string>>> {
  const wanted = [...toolNames, ...nodeToolNames, ...testToolNames].filter((name) =>
    names.includes(name),
  );
  const run = startRun(
    options,
    wanted.every((name) => name === PORTABLE),
  );
  await findOwnTools(wanted, run);
  const isMissing = (name: ToolName) => !run.found.has(name);
  const notOwn = wanted.filter(isMissing);
  if (run.platform !== "linux" && notOwn.length > 0) throw noOwnPulumi(run);
  if (notOwn.length > 0) {
    run.go = await describeGo(run.env);
    await Promise.all(notOwn.map((name) => findCached(name, run)));
  }
  const missing = wanted.filter(isMissing);
  try {
    if (missing.length > 0) await makeTools(missing, run);
  } catch (error) {
    throw await explainFullDisk(error, run.cache, run.go);
  }
  return Object.fromEntries(run.found);
}

function noOwnPulumi({ catalogue }: ToolRun): LabError {
  const { minimum = "", below = "" } = catalogue.tools[PORTABLE].own ?? {};
  return new LabError(`there is no pulumi ${minimum} or newer, and below ${below}, on the PATH`, {
    hint: "install Pulumi: https://www.pulumi.com/docs/install/",
  });
}

async function findOwnTools(wanted: readonly ToolName[], run: ToolRun): Promise<void> {
  const search = { env: run.env, labFolders: [run.cache, labPaths(run.env).state] };
  await Promise.all(
    wanted.map(async (name) => {
      const { own } = run.catalogue.tools[name];
      const file = own && (await findOwnTool(name, own, search));
      if (file !== undefined) run.found.set(name, file);
    }),
  );
}
