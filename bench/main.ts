import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../lab/commands/child";
import { startLab } from "../lab/commands/lab/start";
import { removeLab } from "../lab/commands/lab/stop";
import {
  prepareStack,
  pulumiOutput,
  readSettings,
  settingsFlag,
  type StackEngine,
} from "../lab/stack/engine";
import { measure, median, type Sample } from "./measure";
import { recordingOf } from "./recording";

/** Rounds of each measurement; the programs take turns, so that a busy machine slows all of them alike. */
const ROUNDS = 3;
const POOLS = [1, 10, 50];

type Settings = Record<string, any>;

/** Measures our program against an empty one and against the same resources without components. */
async function main(): Promise<void> {
  // A lab of its own: the user's may have the dev stack in it.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-bench-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void removeLab(folder).finally(() => process.exit(130)));
  }
  try {
    const { env, record } = await startLab({ state: folder });
    const engine = (stack: string, program?: string): StackEngine => ({
      ...{ pulumi: record.pulumi, env, stack, folder: path.join(folder, "stacks", stack) },
      ...(program !== undefined && { program }),
    });
    const settings = readSettings(engine("dev"));
    await againstFlat(engine, settings, folder);
    await growth(engine, settings);
  } finally {
    await removeLab(folder);
  }
}

type MakeEngine = (stack: string, program?: string) => StackEngine;

async function againstFlat(engine: MakeEngine, settings: Settings, folder: string): Promise<void> {
  const fabric = engine("bench-fabric");
  const empty = engine("bench-empty", path.join(repository, "bench/programs/empty"));
  const flat = engine("bench-flat", path.join(repository, "bench/programs/flat"));
  await prepareStack(fabric, settings);
  await prepareStack(empty, {});
  await pulumiOutput(fabric, ["up", "--yes", "--skip-preview", ...settingsFlag(fabric)]);
  const recording = path.join(folder, "recording.json");
  const exported = await pulumiOutput(fabric, ["stack", "export", "--show-secrets"]);
  fs.writeFileSync(recording, JSON.stringify(recordingOf(exported)), { mode: 0o600 });
  await pulumiOutput(fabric, ["destroy", "--yes", "--skip-preview", ...settingsFlag(fabric)]);
  await prepareStack(flat, { config: { "bench-flat:recording": recording } });

  const engines = { empty, flat, fabric };
  const names = ["empty", "flat", "fabric"] as const;
  const samples = { preview: rows(names), up: rows(names) };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      const one = engines[name];
      samples.preview[name].push(await run(one, "preview"));
      samples.up[name].push(await run(one, "up", "--yes", "--skip-preview"));
      await pulumiOutput(one, ["destroy", "--yes", "--skip-preview", ...settingsFlag(one)]);
    }
  }
  for (const operation of ["preview", "up"] as const) report(operation, samples[operation]);
}

function rows<Name extends string>(names: readonly Name[]): Record<Name, Sample[]> {
  return Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample[]>;
}

function report(operation: string, samples: Record<"empty" | "flat" | "fabric", Sample[]>): void {
  const [empty, flat, fabric] = [samples.empty, samples.flat, samples.fabric].map(median);
  const line = (name: string, sample: Sample) =>
    `| ${operation} | ${name} | ${sample.seconds.toFixed(2)} s | ${(sample.seconds / empty!.seconds).toFixed(2)} | ` +
    `${(sample.seconds / flat!.seconds).toFixed(2)} | ${sample.memoryMib.toFixed(0)} MiB |`;
  if (operation === "preview") {
    console.log(
      "| operation | program | time (median) | to empty | to flat | memory |\n|---|---|---|---|---|---|",
    );
  }
  console.log([line("empty", empty!), line("flat", flat!), line("fabric", fabric!)].join("\n"));
}

/** How a preview grows with the number of worker pools. */
async function growth(engine: MakeEngine, settings: Settings): Promise<void> {
  console.log("\n| pools | preview | to 1 pool | memory |\n|---|---|---|---|");
  let first: Sample | undefined;
  for (const pools of POOLS) {
    const stack = engine(`bench-pools-${String(pools)}`);
    await prepareStack(stack, withPools(settings, pools));
    const samples: Sample[] = [];
    for (let round = 0; round < ROUNDS; round += 1) samples.push(await run(stack, "preview"));
    const sample = median(samples);
    first ??= sample;
    const ratio = (sample.seconds / first.seconds).toFixed(2);
    console.log(
      `| ${String(pools)} | ${sample.seconds.toFixed(2)} s | ${ratio} | ${sample.memoryMib.toFixed(0)} MiB |`,
    );
  }
}

/** The settings with so many worker pools, each a copy of the first. */
function withPools(settings: Settings, pools: number): Settings {
  const fabric = settings.config["kvm-fabric:fabric"];
  const [worker] = Object.values(fabric.workers);
  const workers = Object.fromEntries(
    Array.from({ length: pools }, (_, index) => [
      `pool-${String(index)}`,
      { ...(worker as object), pool: `pool-${String(index)}` },
    ]),
  );
  return {
    ...settings,
    config: { ...settings.config, "kvm-fabric:fabric": { ...fabric, workers } },
  };
}

function run(engine: StackEngine, operation: string, ...flags: string[]): Promise<Sample> {
  const args = [
    operation,
    ...flags,
    "--stack",
    engine.stack,
    "--non-interactive",
    ...settingsFlag(engine),
  ];
  return measure(engine.pulumi, args, { cwd: engine.program ?? repository, env: engine.env });
}

void main();
