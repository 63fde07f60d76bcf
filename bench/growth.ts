import { prepareStack } from "../lab/stack/engine";
import { least, type MeasuredRun } from "./measure";
import { measured, ROUNDS, type Settings, type Stand } from "./stand";

const NUMBERS = [1, 10, 50];
const FABRIC = "kvm-fabric:fabric";

/** How a preview of dev grows with the number of groups of workers, each a copy of the first. */
export function workerGrowth(stand: Stand): Promise<void> {
  return growth(stand, "dev", "workers", (fabric, number) => {
    const [worker] = Object.values<object>(fabric.workers);
    const groups = names(number).map((name) => [name, { ...worker, pool: name }]);
    return { ...fabric, workers: Object.fromEntries(groups) };
  });
}

/** How a preview of prod grows with the number of pools of KVM machines, each a copy of the first. */
export function poolGrowth(stand: Stand): Promise<void> {
  return growth(stand, "prod", "pools", (fabric, number) => {
    const [pool] = Object.values<object>(fabric.aws.pools);
    const pools = Object.fromEntries(names(number).map((name) => [name, pool]));
    return { ...fabric, aws: { ...fabric.aws, pools } };
  });
}

const names = (number: number): string[] =>
  Array.from({ length: number }, (_, index) => `pool-${String(index)}`);

async function growth(
  stand: Stand,
  stack: string,
  what: string,
  grown: (fabric: any, number: number) => unknown,
): Promise<void> {
  const settings = stand.settings(stack);
  const engines = NUMBERS.map((number) => stand.engine(`bench-${what}-${String(number)}`));
  const runs: MeasuredRun[][] = NUMBERS.map(() => []);
  for (const [index, engine] of engines.entries()) {
    await prepareStack(
      engine,
      withFabric(settings, grown(settings.config[FABRIC], NUMBERS[index] ?? 0)),
    );
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, engine] of engines.entries()) {
      runs[index]?.push(await measured(engine, "preview"));
    }
  }
  report(what, runs);
}

function withFabric(settings: Settings, fabric: unknown): Settings {
  return { ...settings, config: { ...settings.config, [FABRIC]: fabric } };
}

/** Beside the times what each further resource costs: alike from row to row where growth is linear. */
function report(what: string, runs: MeasuredRun[][]): void {
  console.log(
    `\n| ${what} | resources | preview | to 1 | a further resource | processor | memory |`,
  );
  console.log("|---|---|---|---|---|---|---|");
  const points = runs.map((some) => ({
    ...least(some),
    resources: created(some[0]?.output ?? ""),
  }));
  for (const [index, { cpuSeconds, memoryMib, resources, seconds }] of points.entries()) {
    const before = points[index - 1];
    const each = (more: number): string =>
      before ? `${((1000 * more) / (resources - before.resources)).toFixed(1)} ms` : "";
    const cells = [
      String(NUMBERS[index]),
      String(resources),
      `${seconds.toFixed(2)} s`,
      (seconds / (points[0]?.seconds ?? 0)).toFixed(2),
      each(seconds - (before?.seconds ?? 0)),
      each(cpuSeconds - (before?.cpuSeconds ?? 0)),
      `${memoryMib.toFixed(0)} MiB`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** The number of resources that a preview says it would create. */
function created(output: string): number {
  return Number(/\+ (\d+) to create/.exec(output)?.[1] ?? 0);
}
