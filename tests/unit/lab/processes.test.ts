import { spawn } from "node:child_process";
import * as fs from "node:fs";
import {
  endProcesses,
  identify,
  isAlive,
  processStartTime,
  programOf,
  residentMib,
  startedAt,
} from "../../../lab/processes";
import { until } from "../../support/wait";

test("this process is alive, has a program and takes memory", () => {
  const self = identify(process.pid)!;
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, startTime: "1" })).toBe(false);
  expect(programOf(process.pid)).toContain("node");
  expect(residentMib(process.pid)).toBeGreaterThan(10);
});

test("one that does not exist is not alive, without an error", () => {
  const none = 2 ** 22 + 1;
  expect(identify(none)).toBeUndefined();
  expect(residentMib(none)).toBe(0);
  expect(programOf(none)).toBe("");
});

test("a name with spaces and parentheses does not shift the start time", async () => {
  const script = 'process.title = "a ) (b 9"; setInterval(() => {}, 1000); console.log("up")';
  const child = spawn(process.execPath, ["-e", script]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const before = processStartTime(process.pid);
  expect(Number(processStartTime(child.pid!))).toBeGreaterThanOrEqual(Number(before));
  child.kill("SIGKILL");
});

test("a process that ended but was not waited for counts as ended", async () => {
  const shell = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 600"]);
  const pid = await new Promise<number>((resolve) => {
    shell.stdout.once("data", (text: Buffer) => {
      resolve(Number(text.toString()));
    });
  });
  await until(() => processStartTime(pid) === undefined);
  expect(fs.readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
  shell.kill("SIGKILL");
});

test("processes are asked to end, and made to where they do not", async () => {
  const stubborn =
    'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)';
  const obedient =
    'process.on("SIGTERM", () => process.exit(7)); console.log("up"); setInterval(() => {}, 1000)';
  const children = [stubborn, obedient].map((script) => spawn(process.execPath, ["-e", script]));
  const codes = children.map(
    (child) =>
      new Promise((resolve) =>
        child.on("close", (code, signal) => {
          resolve(code ?? signal);
        }),
      ),
  );
  await Promise.all(
    children.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))),
  );
  const [first, second] = children.map(({ pid }) => identify(pid!)!);
  await endProcesses([first!], 0.3);
  await endProcesses([second!], 60);
  expect(await Promise.all(codes)).toEqual(["SIGKILL", 7]);
});

test("a system without /proc tells processes apart by ps", async () => {
  const child = spawn("sleep", ["60"]);
  const identity = identify(child.pid!, "ps")!;
  expect(identity.startTime).toMatch(/\d\d:\d\d:\d\d \d{4}$/);
  expect(identify(child.pid!, "ps")).toEqual(identity);
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGKILL");
  await ended;
  expect(identify(child.pid!, "ps")).toBeUndefined();
  expect(identify(2 ** 22 + 1, "ps")).toBeUndefined();
});

test("when a process began is known by the clock", () => {
  const began = Date.now() / 1000 - process.uptime();
  expect(Math.abs(startedAt(process.pid)!.getTime() / 1000 - began)).toBeLessThan(5);
  expect(startedAt(2 ** 22 + 1)).toBeUndefined();
});
