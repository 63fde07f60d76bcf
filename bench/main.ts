import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { startLab } from "../lab/commands/lab/start";
import { removeLab } from "../lab/commands/lab/stop";
import { prepareStack } from "../lab/stack/engine";
import { againstFlat } from "./against-flat";
import { reportCriticalPath } from "./critical-path";
import { poolGrowth, workerGrowth } from "./growth";
import { installerBench } from "./node-provisioner";
import { recordedState, type Stand, standIn } from "./stand";
import { traceUploaderBench } from "./trace-uploader";
import { workerReadyBench } from "./worker-ready";

/** What there is to run, in this order; `npm run bench -- NAME...` runs those named. Defaults to all. */
const BENCHMARKS = [
  "installer",
  "trace-uploader",
  "dev",
  "workers",
  "critical-path",
  "prod",
  "pools",
  "worker-ready",
] as const;
type Benchmark = (typeof BENCHMARKS)[number];

/** Those that need no lab. */
const WITHOUT_LAB: readonly Benchmark[] = ["installer", "trace-uploader"];

/** Measures our programs against an empty one and against the same resources without components. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !BENCHMARKS.some((known) => known === name));
  if (unknown.length > 0) {
    throw new Error(
      `no benchmark is called ${unknown.join(", ")}; there are ${BENCHMARKS.join(", ")}`,
    );
  }
  const isChosen = (name: Benchmark) => names.length === 0 || names.includes(name);
  if (isChosen("installer")) await installerBench();
  if (isChosen("trace-uploader")) await traceUploaderBench();
  if (BENCHMARKS.some((name) => isChosen(name) && !WITHOUT_LAB.includes(name))) {
    await inLab(isChosen);
  }
}

async function inLab(isChosen: (name: Benchmark) => boolean): Promise<void> {
  // A lab of its own: the user's may have the dev stack in it.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-bench-"));
  const remove = async () => {
    await removeLab(folder);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void remove().finally(() => process.exit(130)));
  }
  try {
    const running = await startLab({ state: folder });
    await runAll(standIn(running), isChosen);
    if (isChosen("worker-ready")) await workerReadyBench(running);
  } finally {
    await remove();
  }
}

async function runAll(stand: Stand, isChosen: (name: Benchmark) => boolean): Promise<void> {
  if (isChosen("dev")) await againstFlat(stand, "dev", await stateOf(stand, "dev"));
  if (isChosen("workers")) await workerGrowth(stand);
  if (isChosen("critical-path") || isChosen("prod")) {
    const exported = await stateOf(stand, "prod");
    if (isChosen("critical-path")) reportCriticalPath("prod", exported);
    if (isChosen("prod")) await againstFlat(stand, "prod", exported);
  }
  if (isChosen("pools")) await poolGrowth(stand);
}

async function stateOf(stand: Stand, stack: string): Promise<string> {
  const engine = stand.engine(`bench-${stack}`);
  await prepareStack(engine, stand.settings(stack));
  return recordedState(engine);
}

void main(process.argv.slice(2));
