import * as fs from "node:fs";
import * as path from "node:path";
import { prepareStack } from "../lab/stack/engine";
import { least, type Sample } from "./measure";
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
  console.log(`\n${stack}: the least of ${String(ROUNDS)} runs each, in turn\n`);
  console.log("| operation | program | time | to flat | processor | to flat | memory | to flat |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const operation of ["preview", "up"] as const) report(operation, samples[operation]);
}

function rows(): Samples {
  return { empty: [], flat: [], fabric: [] };
}

function report(operation: string, samples: Samples): void {
  const flat = least(samples.flat);
  for (const name of PROGRAMS) {
    const { seconds, cpuSeconds, memoryMib } = least(samples[name]);
    const cells = [
      [`${seconds.toFixed(2)} s`, seconds / flat.seconds],
      [`${cpuSeconds.toFixed(2)} s`, cpuSeconds / flat.cpuSeconds],
      [`${memoryMib.toFixed(0)} MiB`, memoryMib / flat.memoryMib],
    ] as const;
    const texts = cells.flatMap(([text, ratio]) => [text, ratio.toFixed(2)]);
    console.log(`| ${[operation, name, ...texts].join(" | ")} |`);
  }
}
