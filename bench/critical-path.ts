import type { Operation } from "./critical-path/durations";
import { chainLines, criticalPath, DEFAULT_PARALLEL } from "./critical-path/model";
import { resourcesOf } from "./critical-path/state";

/**
 * Prints how long a stack's up and destroy would take on the real cloud, by published latencies, against the longest chain
 * that nothing can avoid. Nothing is measured: the figures are the same on every machine.
 */
export function reportCriticalPath(stack: string, exported: string): void {
  const resources = resourcesOf(exported);
  for (const operation of ["create", "delete"] as const) report(stack, resources, operation);
}

function report(
  stack: string,
  resources: ReturnType<typeof resourcesOf>,
  operation: Operation,
): void {
  const path = criticalPath(resources, operation);
  const { modelled, scheduledSeconds, unavoidable, unavoidableBothWays } = path;
  const engine =
    operation === "create"
      ? `${String(DEFAULT_PARALLEL)} operations at once`
      : "rank by rank, as the engine deletes";
  const to = (seconds: number) => `${(modelled.seconds / seconds).toFixed(3)} of it`;
  const rows: [string, string][] = [
    ["modelled, no limit", `${String(modelled.seconds)} s`],
    [`modelled, ${engine}`, `${String(scheduledSeconds)} s`],
    ["unavoidable", `${String(unavoidable.seconds)} s: ${to(unavoidable.seconds)}`],
    [
      "unavoidable, with what destroy asks of the order",
      `${String(unavoidableBothWays.seconds)} s: ${to(unavoidableBothWays.seconds)}`,
    ],
  ];
  console.log(`\n${stack}, ${operation}, by published latencies\n`);
  for (const [name, text] of rows) console.log(`  ${name}: ${text}`);
  console.log("\n  modelled:");
  console.log(chainLines(modelled, resources, operation).join("\n"));
  console.log("\n  unavoidable, with what destroy asks of the order:");
  console.log(chainLines(unavoidableBothWays, resources, operation).join("\n"));
}
