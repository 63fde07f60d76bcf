import * as path from "node:path";
import { withLock } from "../lock";
import { formatElapsed, startProgress, type Progress } from "../progress";
import { buildTools } from "./build";
import { downloadTool } from "./download";
import { requireGo } from "./go-command";
import { ToolCache } from "./tool-cache";
import { findCached, moduleOf, type ToolRun } from "./tool-run";
import type { ToolFamily, ToolName } from "./versions";

const BYTES_PER_MIB = 2 ** 20;

/** One run's work on what is missing. */
interface Making {
  run: ToolRun;
  missing: readonly ToolName[];
  progress: Progress;
  /** Whether the user was told how long building takes. */
  announced: boolean;
}

/** Downloads or builds every missing tool, family by family, with progress. */
export async function makeTools(missing: readonly ToolName[], run: ToolRun): Promise<void> {
  const progress = startProgress(`preparing ${missing.length} tools`, run.progress);
  const making: Making = { run, missing, progress, announced: false };
  try {
    const order = new Set(missing.map((name) => run.catalogue.tools[name].family));
    for (const family of order) await makeFamily(family, making);
    progress.done(`${missing.length} tools ready`);
  } catch (error) {
    progress.fail();
    throw error;
  }
}

/** Makes a family's missing tools under its lock; another process may have made them while this one waited. */
async function makeFamily(family: ToolFamily, making: Making): Promise<void> {
  const { run, progress } = making;
  const names = making.missing.filter((name) => run.catalogue.tools[name].family === family);
  const note = (message: string) => {
    progress.note(message);
  };
  const isMissing = (name: ToolName) => !run.found.has(name);
  await withLock(
    path.join(run.cache, "tools", `${family}.lock`),
    async () => {
      for (const name of names) {
        await new ToolCache(run.cache, name).sweep();
        await findCached(name, run);
      }
      for (const name of names.filter(isMissing)) await download(name, making);
      const left = names.filter(isMissing);
      if (left.length > 0) await build(family, left, making);
    },
    { what: `the tools of ${family}`, note },
  );
}

async function download(name: ToolName, making: Making): Promise<void> {
  const { run, progress } = making;
  const source = run.catalogue.tools[name].download;
  if (source === undefined || run.network.unreachable) return;
  const place = placeOf(1, making);
  progress.update(`downloading ${name} (${place})`);
  const file = await downloadTool(name, source, {
    ...run,
    note: (message) => {
      progress.note(message);
    },
    onReceived: throttled((bytes, totalBytes) => {
      const total = totalBytes === undefined ? "" : ` of ${mebibytes(totalBytes)}`;
      progress.update(`downloading ${name} (${place}), ${mebibytes(bytes)}${total} MiB`);
    }),
  });
  if (file !== undefined) run.found.set(name, file);
}

async function build(
  family: ToolFamily,
  names: readonly ToolName[],
  making: Making,
): Promise<void> {
  const { run, progress } = making;
  await announce(making);
  const show = (remaining: readonly ToolName[]) => {
    const finished = names.length - remaining.length;
    const list = remaining.join(", ").replace(/, ([^,]+)$/, " and $1");
    progress.update(`building ${list} (${placeOf(finished + 1, making)})`);
  };
  show(names);
  const targets = names.map((name) => ({ name, source: run.catalogue.tools[name] }));
  const files = await buildTools(targets, await moduleOf(family, run), {
    cache: run.cache,
    env: run.env,
    go: run.go,
    onRemaining: show,
  });
  for (const [name, file] of files) run.found.set(name, file);
}

/** Says what is to come before the first build; a Go that is too old for the last family shows now, not then. */
async function announce(making: Making): Promise<void> {
  const { run, missing, progress } = making;
  if (making.announced) return;
  making.announced = true;
  const left = missing.filter((name) => !run.found.has(name));
  const leftFamilies = [...new Set(left.map((name) => run.catalogue.tools[name].family))];
  for (const family of leftFamilies) requireGo(run.go, (await moduleOf(family, run)).minimumGo);
  const seconds = leftFamilies.reduce(
    (sum, name) => sum + run.catalogue.families[name].coldSeconds,
    0,
  );
  progress.note(
    `building ${left.length} tools from source: up to ${formatElapsed(seconds)} min on two cores, less where ` +
      `Go has compiled them before; kept in ${path.join(run.cache, "tools")}`,
  );
}

/** "4 of 10": which of the missing tools is at work, by position after those already there. */
function placeOf(position: number, { run, missing }: Making): string {
  const ready = missing.filter((name) => run.found.has(name)).length;
  return `${Math.min(ready + position, missing.length)} of ${missing.length}`;
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / BYTES_PER_MIB));
}

/** At most one call in five seconds: in a log every change is a line. */
function throttled<Args extends unknown[]>(call: (...args: Args) => void): (...args: Args) => void {
  let last = Date.now();
  return (...args) => {
    if (Date.now() - last < 5000) return;
    last = Date.now();
    call(...args);
  };
}
