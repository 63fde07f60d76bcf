import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomically } from "../atomic-file";
import { fieldAt, isRecord, listAt, textAt } from "../kube/objects";
import {
  prepareStack,
  pulumi,
  pulumiOutput,
  settingsFlag,
  type StackEngine,
  type StackSettings,
} from "./engine";

/** The one structured key of a stack's settings. */
const FABRIC = "kvm-fabric:fabric";

/** Resources that `pulumi destroy` refuses, or leaves behind, by URN. Pure: of an exported state. */
export function protectedUrns(exported: string): string[] {
  return resourcesOf(JSON.parse(exported))
    .filter((resource) => resource.protect === true || resource.retainOnDelete === true)
    .map((resource) => textAt(resource, "urn") ?? "");
}

/**
 * Of those, the ones that came up whole. An up would wait for the others, a set without nodes for its pods say, for as
 * long as for a first one. Pure: of an exported state.
 */
export function wholeUrns(exported: string, urns: readonly string[]): string[] {
  const broken = resourcesOf(JSON.parse(exported))
    .filter((resource) => listAt(resource, "initErrors").length > 0)
    .map((resource) => textAt(resource, "urn"));
  return urns.filter((urn) => !broken.includes(urn));
}

/** The settings with protection from deletion off. Pure. */
export function withoutProtection(settings: StackSettings): StackSettings {
  const fabric = settings.config?.[FABRIC];
  if (!isRecord(fabric)) return settings;
  const open = { ...fabric, deletionProtection: false };
  return { ...settings, config: { ...settings.config, [FABRIC]: open } };
}

/**
 * Takes the protection from deletion off a stack of the simulated world, which is disposable: by the program itself, as
 * the owner of a real one would, with `deletionProtection: false` and an up of the protected resources alone; where that
 * fails, by taking the marks off the state. Tells the user. Does nothing to a stack without protected resources.
 */
export async function unprotectStack(engine: StackEngine, settings: StackSettings): Promise<void> {
  const exported = await pulumiOutput(engine, ["stack", "export"]);
  const urns = protectedUrns(exported);
  if (urns.length === 0) return;
  note(`stack ${engine.stack} protects ${urns.length} resources from deletion:`);
  for (const urn of urns) note(`  ${urn.split("::").slice(2).join(" ")}`);
  note("in the lab they are simulated, and disposable: taking the protection off");
  await prepareStack(engine, withoutProtection(settings));
  await openByProgram(engine, wholeUrns(exported, urns));
  await clearMarks(engine);
}

async function openByProgram(engine: StackEngine, urns: readonly string[]): Promise<void> {
  // Without a target it would be an up of the whole stack.
  if (urns.length === 0) return;
  const targets = urns.flatMap((urn) => ["--target", urn]);
  // Of a stack that is half made, or half destroyed, some of what the targets need is missing: the rest goes on.
  const args = ["up", "--yes", "--skip-preview", "--continue-on-error", ...targets];
  const { code, output } = await pulumi(engine, [...args, ...settingsFlag(engine)], {
    quiet: true,
  });
  if (code !== 0) note(`not all of it by the program (pulumi up: ${lastLine(output)})`);
}

// What the program still protects, or could not be asked about.
async function clearMarks(engine: StackEngine): Promise<void> {
  const exported = await pulumiOutput(engine, ["stack", "export"]);
  if (protectedUrns(exported).length === 0) return;
  const file = path.join(engine.folder, "unprotected-state.json");
  writeAtomically(file, unmarked(exported));
  await pulumiOutput(engine, ["stack", "import", "--file", file]);
  fs.rmSync(file);
}

/** An exported state without marks of protection. Pure. */
export function unmarked(exported: string): string {
  const state: unknown = JSON.parse(exported);
  const deployment = fieldAt(state, "deployment");
  const resources = resourcesOf(state).map((resource) => ({
    ...resource,
    protect: undefined,
    retainOnDelete: undefined,
  }));
  return JSON.stringify({
    ...(isRecord(state) && state),
    deployment: { ...(isRecord(deployment) && deployment), resources },
  });
}

function resourcesOf(state: unknown): Record<string, unknown>[] {
  return listAt(state, "deployment", "resources").filter(isRecord);
}

function lastLine(output: string): string {
  const lines = output.trim().split("\n");
  return lines.find((line) => line.includes("error:"))?.trim() ?? lines.at(-1) ?? "";
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
