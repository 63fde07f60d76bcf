import { nodeTool, runChild } from "./child";

interface Step {
  name: string;
  tool: string;
  args: string[];
  /** Heap that it may take, in MiB. Defaults to what Node.js gives. */
  heapMib?: number;
}

// Types of three clouds' SDKs are some 40 MB of declarations: the lint's program takes 4.6 GiB.
const LINT_HEAP_MIB = 8192;

// Together these fill two cores: the tests take about as long as all else.
const lanes: Step[][] = [
  [
    { name: "lint", tool: "eslint", args: ["--max-warnings", "0", "."], heapMib: LINT_HEAP_MIB },
    { name: "types", tool: "tsc", args: ["--noEmit"] },
    { name: "format", tool: "prettier", args: ["--check", "--log-level", "warn", "."] },
  ],
  [
    {
      name: "tests (unit, components, stacks, contract)",
      tool: "jest",
      args: ["--selectProjects", "unit", "components", "stacks", "contract", "--maxWorkers", "2"],
    },
  ],
];

/**
 * `npm run check`: format, lint, types and every test that needs no lab. Runs all of it, shows what
 * failed in full, and ends with one line a step.
 */
export async function run(args: string[]): Promise<number> {
  if (args.length > 0) {
    process.stderr.write("usage: npm run check   (it takes no arguments)\n");
    return 2;
  }
  const results = (await Promise.all(lanes.map(runLane))).flat();
  for (const { step, code, seconds } of results) {
    const verdict = code === 0 ? "ok    " : "FAILED";
    process.stdout.write(`${verdict} ${step.name} (${seconds.toFixed(0)} s)\n`);
  }
  return results.every(({ code }) => code === 0) ? 0 : 1;
}

async function runLane(steps: Step[]): Promise<{ step: Step; code: number; seconds: number }[]> {
  const results = [];
  for (const step of steps) {
    const start = performance.now();
    const env = step.heapMib === undefined ? process.env : withHeap(step.heapMib);
    const { code, output } = await runChild(nodeTool(step.tool), step.args, { env, quiet: true });
    if (code !== 0) process.stdout.write(`--- ${step.name}\n${output}\n`);
    results.push({ step, code, seconds: (performance.now() - start) / 1000 });
  }
  return results;
}

function withHeap(mib: number): NodeJS.ProcessEnv {
  const options = [process.env.NODE_OPTIONS, `--max-old-space-size=${String(mib)}`];
  return { ...process.env, NODE_OPTIONS: options.filter(Boolean).join(" ") };
}
