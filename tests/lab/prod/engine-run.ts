import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { StepEventMetadata } from "@pulumi/pulumi/automation/events";
import { prepareStack, pulumi, settingsFlag, type StackEngine } from "../../../lab/stack/engine";
import { readEvents } from "../../../preview/events";
import { urnName, urnType } from "../../../preview/urn";

/** What the engine did, or tried to. */
export interface EngineRun {
  code: number;
  output: string;
  /** Steps that change something, in their order: `operation Kind name: properties`. */
  steps: string[];
  /** Resources of the program that it left as they were. */
  unchanged: number;
  seconds: number;
}

const QUIET = new Set(["same", "read", "refresh"]);

/** Runs `pulumi <command>` on a stack with these settings, and reads what it did off the engine's own events. */
export async function engineRun(
  engine: StackEngine,
  command: "up" | "preview" | "refresh" | "destroy",
  config?: Record<string, unknown>,
): Promise<EngineRun> {
  if (config !== undefined) await prepareStack(engine, { config });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-events-"));
  const log = path.join(folder, "events.jsonl");
  const flags = command === "preview" ? [] : ["--yes", "--skip-preview"];
  const args = [command, ...flags, "--event-log", log, ...settingsFlag(engine)];
  // The flag for the event log exists under this variable alone.
  const env = { ...engine.env, PULUMI_DEBUG_COMMANDS: "true" };
  const start = performance.now();
  const { code, output } = await pulumi({ ...engine, env }, args, { quiet: true });
  const seconds = (performance.now() - start) / 1000;
  const all = stepsOf(log);
  fs.rmSync(folder, { recursive: true });
  return {
    code,
    output,
    steps: all.filter(({ op }) => !QUIET.has(op)).map(lineOf),
    unchanged: all.filter(({ op }) => op === "same").length,
    seconds,
  };
}

/** As {@link engineRun}, and fails with the output where the engine did. */
export async function mustRun(...args: Parameters<typeof engineRun>): Promise<EngineRun> {
  const run = await engineRun(...args);
  if (run.code !== 0) throw new Error(`pulumi ${args[1]} ended with ${run.code}:\n${run.output}`);
  return run;
}

function stepsOf(log: string): StepEventMetadata[] {
  const read = readEvents(fs.existsSync(log) ? fs.readFileSync(log, "utf8") : "");
  if (!read.ok) return [];
  return read.events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
}

/** A step as a line; those that are part of a replacement name what forces it. */
function lineOf(step: StepEventMetadata): string {
  const kind = urnType(step.urn).split(":").at(-1) ?? "";
  const what = `${step.op} ${kind} ${urnName(step.urn)}`;
  if (step.op === "create" || step.op === "delete") return what;
  const changed = Object.keys(step.detailedDiff ?? {});
  const properties = (changed.length > 0 ? changed : (step.diffs ?? [])).sort().join(", ");
  // A component's arguments are no state: the engine says that they changed, and not which.
  if (properties === "") return what;
  const forced = step.keys?.length ? ` (forced by ${[...step.keys].sort().join(", ")})` : "";
  return `${what}: ${properties}${forced}`;
}
