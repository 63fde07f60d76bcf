import * as fs from "node:fs";
import * as path from "node:path";
import { prepareStack } from "../lab/stack/engine";
import { median, type Sample } from "./measure";
import { recordingOf } from "./recording";
import { destroy, measured, ROUNDS, type Stand } from "./stand";

const PROGRAMS = ["empty", "flat", "fabric"] as const;
type Samples = Record<(typeof PROGRAMS)[number], Sample[]>;

/**
 * Preview and up of a stack, against an empty program and against its own resources without components. Of the flat
 * program's resources all but names is taken from `exported`, the state of an earlier up.
 */
export async function againstFlat(stand: Stand, stack: string, exported: string): Promise<void> {
  const recording = path.join(stand.folder, `recording.${stack}.json`);
  fs.writeFileSync(recording, JSON.stringify(recordingOf(exported)), { mode: 0o600 });
  const engines = {
    empty: stand.engine(`bench-${stack}-empty`, "empty"),
    flat: stand.engine(`bench-${stack}-flat`, "flat"),
    fabric: stand.engine(`bench-${stack}`),
  };
  await prepareStack(engines.empty, {});
  await prepareStack(engines.flat, { config: { "bench-flat:recording": recording } });
  await prepareStack(engines.fabric, stand.settings(stack));

  const samples: Record<"preview" | "up", Samples> = { preview: rows(), up: rows() };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of PROGRAMS) {
      const engine = engines[name];
      samples.preview[name].push(await measured(engine, "preview"));
      samples.up[name].push(await measured(engine, "up", "--yes", "--skip-preview"));
      await destroy(engine);
    }
  }
  console.log(`\n${stack}: median of ${String(ROUNDS)} runs each, in turn\n`);
  console.log("| operation | program | time | to empty | to flat | memory | to flat |");
  console.log("|---|---|---|---|---|---|---|");
  for (const operation of ["preview", "up"] as const) report(operation, samples[operation]);
}

function rows(): Samples {
  return { empty: [], flat: [], fabric: [] };
}

function report(operation: string, samples: Samples): void {
  const medians = PROGRAMS.map((name) => ({ name, ...median(samples[name]) }));
  const [empty, flat] = medians;
  for (const { name, seconds, memoryMib } of medians) {
    const time = [seconds / (empty?.seconds ?? 0), seconds / (flat?.seconds ?? 0)];
    const memory = memoryMib / (flat?.memoryMib ?? 0);
    console.log(
      `| ${operation} | ${name} | ${seconds.toFixed(2)} s | ${time.map((ratio) => ratio.toFixed(2)).join(" | ")} | ` +
        `${memoryMib.toFixed(0)} MiB | ${memory.toFixed(2)} |`,
    );
  }
}
