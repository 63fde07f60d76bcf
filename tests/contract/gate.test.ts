import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repository } from "../support/source-files";

// The gate itself on a repository of stand-in steps: what it says and leaves behind, however they end.
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-gate-"));
  fs.cpSync(path.join(repository, ".ci"), path.join(folder, ".ci"), { recursive: true });
  fs.mkdirSync(path.join(folder, "temporary"));
  fs.mkdirSync(path.join(folder, "bin"));
  fs.writeFileSync(path.join(folder, "bin/npm"), npm, { mode: 0o755 });
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const passing = `
  const file = process.argv.find((arg) => arg.startsWith("--outputFile=")).split("=")[1];
  require("fs").writeFileSync(file, JSON.stringify({
    numPassedTests: 7, numFailedTests: 0, numRuntimeErrorTestSuites: 0,
  }));`;

// A daemon: a session of its own, and deaf to the first request to end.
const leaving = `
  const program = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000)";
  const child = require("child_process")
    .spawn(process.execPath, ["--eval", program], { detached: true, stdio: "ignore" });
  require("fs").writeFileSync("daemon", String(child.pid));
  child.unref();`;

const hanging = `setInterval(() => undefined, 1000);`;

function steps(check: string, tests: string): void {
  fs.writeFileSync(path.join(folder, "check.js"), check);
  fs.writeFileSync(path.join(folder, "tests.js"), tests);
}

// npm itself takes most of a second to start.
const npm = `#!/bin/sh
case "$*" in
  "run -s check -- --no-tests") exec node check.js ;;
  "test -s -- "*) shift 3; exec node tests.js "$@" ;;
  *) exit 1 ;;
esac
`;

const gate = () => path.join(folder, ".ci/run");
const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  PATH: `${path.join(folder, "bin")}:${path.dirname(process.execPath)}:${process.env.PATH ?? ""}`,
  TMPDIR: path.join(folder, "temporary"),
  ...more,
});

function run(more: Record<string, string> = {}): { code: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(gate(), { env: environment(more), encoding: "utf8" });
  return { code: status, lines: stdout.trimEnd().split("\n") };
}

function isAlive(pid: number): boolean {
  try {
    // A process that ended and was not asked for its exit code is over all the same.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${String(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}

function daemon(): number {
  return Number(fs.readFileSync(path.join(folder, "daemon"), "utf8"));
}

const leftovers = () => fs.readdirSync(path.join(folder, "temporary"));

test("all is well", () => {
  steps("", passing);
  const { code, lines } = run();
  expect(lines.at(-1)).toBe("tests: 7 passed, 0 failed");
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^== \d\d:\d\d:\d\dZ \(\d+ s\) npm run -s check -- --no-tests$/);
  expect(leftovers()).toEqual([]);
});

test.each([
  ["a check fails", "process.exit(3)", passing, "tests: 7 passed, 0 failed"],
  ["the runner fails with no test failed", "", `${passing} process.exit(1)`, "7 passed, 0 failed"],
  ["the runner dies before it writes results", "", "process.exit(1)", "0 passed, 1 failed"],
  ["the runner says nothing at all", "", "", "0 passed, 1 failed"],
])("%s: the gate fails, and counts last", (_, check, tests, line) => {
  steps(check, tests);
  const { code, lines } = run();
  expect(lines.at(-1)).toBe(`tests: ${line.replace("tests: ", "")}`);
  expect(code).toBe(1);
  expect(leftovers()).toEqual([]);
});

test("a step that hangs ends with the budget", () => {
  steps(hanging, passing);
  const { code, lines } = run({ KVM_FABRIC_GATE_SECONDS: "1" });
  expect(lines).toContain("the budget of 1 s is used up");
  expect(lines.at(-1)).toBe("tests: 0 passed, 1 failed");
  expect(code).toBe(1);
});

test("what a step leaves running is ended", () => {
  steps("", `${leaving} ${passing}`);
  const { code, lines } = run();
  expect(lines.at(-1)).toBe("tests: 7 passed, 0 failed");
  expect(code).toBe(0);
  expect(isAlive(daemon())).toBe(false);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)(
  "%s ends the step under way and what it left, and the count is last",
  async (signal, code) => {
    steps(`${leaving} ${hanging}`, passing);
    const child = spawn(gate(), { env: environment(), stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    while (!fs.existsSync(path.join(folder, "daemon"))) await sleep(20);
    await sleep(100);
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(output.trimEnd().split("\n").at(-1)).toBe("tests: 0 passed, 1 failed");
    expect(isAlive(daemon())).toBe(false);
    expect(leftovers()).toEqual([]);
  },
);
