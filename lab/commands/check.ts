import { nodeTool, runChild } from "./child";

interface Step {
  name: string;
  tool: string;
  args: string[];
  /** Options of the Node.js that runs it and what it starts. Defaults to none. */
  nodeOptions?: readonly string[];
}

// A program's run leaves many small objects that live for a while: a collector that looks less often takes a third less
// of the tests' processor time, and no more memory.
const TEST_NODE_OPTIONS = [
  "--initial-old-space-size=1024",
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
  "--single-threaded-gc",
];

// What was found well formatted, by its content, is not looked at again: node_modules/.cache has the record.
const FORMAT_ARGS = ["--check", "--log-level=warn", "--cache", "--cache-strategy=content", "."];

const reading: Step[] = [
  // Rules that know types, and what the compiler says, of one program: .oxlintrc.json.
  { name: "lint and types", tool: "oxlint", args: [] },
  { name: "format", tool: "prettier", args: FORMAT_ARGS },
];

const testing: Step[] = [
  {
    name: "tests (unit, components, stacks, contract)",
    tool: "jest",
    args: ["--selectProjects", "unit", "components", "stacks", "contract", "--maxWorkers", "2"],
    nodeOptions: TEST_NODE_OPTIONS,
  },
];

/** For the gate, whose next step runs every test. */
const NO_TESTS = "--no-tests";

/**
 * `npm run check`: format, lint, types and every test that needs no lab. Runs all of it, shows what
 * failed in full, and ends with one line a step. `--no-tests` leaves the tests out.
 */
export async function run(args: string[]): Promise<number> {
  if (args.some((arg) => arg !== NO_TESTS)) {
    process.stderr.write(`usage: npm run check -- [${NO_TESTS}]\n`);
    return 2;
  }
  // The tests take both cores nearly all of the time; what else there is runs beside them.
  const lanes = args.includes(NO_TESTS) ? [reading] : [reading, testing];
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
    const args = [...(step.nodeOptions ?? []), nodeTool(step.tool), ...step.args];
    const { code, output } = await runChild(process.execPath, args, { quiet: true });
    if (code !== 0) process.stdout.write(`--- ${step.name}\n${output}\n`);
    results.push({ step, code, seconds: (performance.now() - start) / 1000 });
  }
  return results;
}
