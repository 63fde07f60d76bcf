import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../../../../lab/commands/child";
import { nodeArguments } from "../../../../lab/node-command";
import { identify, isAlive } from "../../../../lab/processes";
import { until } from "../../../support/wait";

let state: string;
let main: ChildProcess | undefined;

beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), "signals-"));
});

afterEach(() => {
  main?.kill("SIGKILL");
  fs.rmSync(state, { recursive: true, force: true });
});

/** Runs `lab kubectl` with a program in kubectl's place that notes signals; answers when that runs. */
async function runStandIn(onSignal: string) {
  const program = path.join(state, "kubectl");
  const notes = path.join(state, "notes");
  const script = `#!${process.execPath}
    const fs = require("node:fs");
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.on(signal, () => { fs.appendFileSync(${JSON.stringify(notes)}, signal + "\\n"); ${onSignal} });
    }
    setInterval(() => undefined, 1000);
    fs.writeFileSync(${JSON.stringify(notes)}, process.pid + "\\n");`;
  fs.writeFileSync(program, script, { mode: 0o755 });
  const record = { pulumi: program, kubectl: program, providers: "" };
  fs.writeFileSync(path.join(state, "lab.json"), JSON.stringify(record));
  const child = spawn(process.execPath, nodeArguments("lab/main.ts", "lab", "kubectl"), {
    cwd: repository,
    env: { ...process.env, KVM_FABRIC_LAB: state },
    stdio: ["ignore", "pipe", "pipe"],
  });
  main = child;
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const lines = () => fs.readFileSync(notes, "utf8").trimEnd().split("\n");
  await until(() => fs.existsSync(notes) && lines()[0] !== "");
  const [pid = ""] = lines();
  return { child, ended, standIn: identify(Number(pid))!, signals: () => lines().slice(1) };
}

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGINT", 130],
] as const)("%s reaches the program, and the command ends after it", async (signal, code) => {
  const run = await runStandIn("setTimeout(() => process.exit(0), 300);");
  run.child.kill(signal);
  expect(await run.ended).toBe(code);
  expect(run.signals()).toEqual([signal]);
  expect(isAlive(run.standIn)).toBe(false);
});

test("whoever insists gets out, and a program that does not listen is ended", async () => {
  const run = await runStandIn("");
  for (const times of [1, 2]) {
    run.child.kill("SIGTERM");
    await until(() => run.signals().length === times);
  }
  run.child.kill("SIGTERM");
  expect(await run.ended).toBe(143);
  await until(() => !isAlive(run.standIn));
});

test("a command that only waits ends at once, and so does what it started", async () => {
  const script = `
    const { spawn } = require("node:child_process");
    require("./lab/commands/signals").handleSignals();
    const child = spawn("sleep", ["60"]);
    const daemon = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    console.log(child.pid + " " + daemon.pid);`;
  const child = spawn(process.execPath, nodeArguments("-e", script), {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
  });
  main = child;
  const ended = new Promise((resolve) => child.on("close", resolve));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once("data", (chunk: Buffer) => {
      resolve(chunk.toString());
    }),
  );
  const [compiler, daemon] = line.split(" ").map((pid) => identify(Number(pid))!);
  child.kill("SIGTERM");
  expect(await ended).toBe(143);
  await until(() => !isAlive(compiler!));
  expect(isAlive(daemon!)).toBe(true);
  process.kill(daemon!.pid);
});
