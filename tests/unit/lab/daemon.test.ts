import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  daemonLog,
  findDaemon,
  listDaemons,
  startDaemon,
  stopDaemon,
  type Daemon,
} from "../../../lab/daemon";
import { LabError } from "../../../lab/lab-error";
import { identify, isAlive, labProcesses } from "../../../lab/processes";

let state: string;

beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-daemon-"));
});

afterEach(async () => {
  for (const { daemon } of listDaemons(state)) await stopDaemon(state, daemon.name, 1);
  expect(labProcesses(state)).toEqual([]);
  fs.rmSync(state, { recursive: true, force: true });
});

const node = (script: string): [string, ...string[]] => [process.execPath, "-e", script];

const serving = node('console.log("4711"); console.error("serving"); setInterval(() => {}, 1000)');

test("its port is read from its first line, and it outlives the call as a process of its own", async () => {
  const daemon = await startDaemon(state, "one", serving);
  expect(daemon.port).toBe(4711);
  expect(findDaemon(state, "one")).toEqual(daemon);
  expect(listDaemons(state)).toEqual([{ daemon, alive: true }]);
  expect(labProcesses(state)).toEqual([{ pid: daemon.pid, startTime: daemon.startTime }]);
  const group = fs.readFileSync(`/proc/${daemon.pid}/stat`, "utf8").split(") ")[1]!.split(" ")[2];
  expect(Number(group)).toBe(daemon.pid);
});

test("the same daemon is found again; another version, environment or command replaces it", async () => {
  const first = await startDaemon(state, "one", serving, { version: "1" });
  expect(await startDaemon(state, "one", serving, { version: "1" })).toEqual(first);
  const second = await startDaemon(state, "one", serving, { version: "2" });
  const third = await startDaemon(state, "one", serving, { version: "2", env: { A: "b" } });
  expect(new Set([first.pid, second.pid, third.pid]).size).toBe(3);
  expect([first, second, third].map(isAlive)).toEqual([false, false, true]);
});

test("a program that takes its port from us gets a free one and is asked until it is ready", async () => {
  const script = `require("http").createServer((q, r) => r.end("ok")).listen(process.env.MY_PORT)`;
  const asked: number[] = [];
  const options = {
    portEnv: (port: number) => ({ MY_PORT: String(port) }),
    ready: (port: number) => {
      asked.push(port);
      return fetch(`http://127.0.0.1:${port}`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
  };
  const daemon = await startDaemon(state, "one", node(script), options);
  expect(new Set(asked)).toEqual(new Set([daemon.port]));
  expect(await startDaemon(state, "one", node(script), options)).toEqual(daemon);
});

test("one that ends before it is ready is an error with the end of its log, and no record stays", async () => {
  const script = 'for (let i = 0; i < 40; i++) console.error("line " + i); process.exit(3)';
  const failed = startDaemon(state, "broken", node(script));
  await expect(failed).rejects.toThrow(LabError);
  await expect(failed).rejects.toThrow(/broken ended before it was ready\n[^]*line 39$/);
  await expect(failed).rejects.not.toThrow(/line 1\n/);
  await expect(failed).rejects.toMatchObject({
    hint: expect.stringContaining(daemonLog(state, "broken")),
  });
  expect(listDaemons(state)).toEqual([]);
});

test("one that is not ready in time is ended", async () => {
  const failed = startDaemon(state, "slow", node("setInterval(() => {}, 1000)"), {
    timeoutSeconds: 0.3,
  });
  await expect(failed).rejects.toThrow("slow was not ready within 0.3 s");
  expect(labProcesses(state)).toEqual([]);
});

test("a program that does not exist is an error that names the daemon", async () => {
  await expect(startDaemon(state, "none", ["/no/such/program"])).rejects.toThrow(
    "none could not be started",
  );
});

test("one that ignores the request to end is ended all the same", async () => {
  const script = 'process.on("SIGTERM", () => {}); console.log("1"); setInterval(() => {}, 1000)';
  const daemon = await startDaemon(state, "stubborn", node(script));
  await stopDaemon(state, "stubborn", 0.2);
  expect(isAlive(daemon)).toBe(false);
});

test("a record whose id belongs to another process by now harms nobody", async () => {
  const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  try {
    const { pid, startTime } = identify(bystander.pid!)!;
    const stale: Daemon = { name: "one", pid, startTime: `${startTime}0`, command: [], key: "" };
    fs.mkdirSync(path.join(state, "daemons"));
    fs.writeFileSync(path.join(state, "daemons", "one.json"), JSON.stringify(stale));
    expect(findDaemon(state, "one")).toBeUndefined();
    const daemon = await startDaemon(state, "one", serving);
    expect(daemon.pid).not.toBe(pid);
    await stopDaemon(state, "one");
    expect(isAlive({ pid, startTime })).toBe(true);
  } finally {
    bystander.kill("SIGKILL");
  }
});

test("a record that was cut off counts as none", async () => {
  fs.mkdirSync(path.join(state, "daemons"));
  fs.writeFileSync(path.join(state, "daemons", "one.json"), '{"name":"one","pi');
  expect(listDaemons(state)).toEqual([]);
  expect((await startDaemon(state, "one", serving)).port).toBe(4711);
});

test("a process that a killed command left without a record is found by its mark", async () => {
  const daemon = await startDaemon(state, "one", serving);
  fs.rmSync(path.join(state, "daemons", "one.json"));
  const orphans = labProcesses(state);
  expect(orphans).toEqual([{ pid: daemon.pid, startTime: daemon.startTime }]);
  process.kill(daemon.pid, "SIGKILL");
  while (isAlive(daemon)) await new Promise((resolve) => setTimeout(resolve, 10));
});
