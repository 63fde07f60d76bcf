import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { LabError } from "../../../lab/lab-error";
import { processStart, withLock } from "../../../lab/lock";

const lockScript = path.resolve(__dirname, "../../../lab/bootstrap/lock.js");
let folder: string;
let file: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "lock-"));
  file = path.join(folder, "deeper", "x.lock");
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function leaveLock(holder: unknown): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, typeof holder === "string" ? holder : JSON.stringify(holder));
}

function leftovers(): string[] {
  return fs.readdirSync(path.dirname(file));
}

test("the body runs under the lock, and nothing is left after it", async () => {
  const result = await withLock(file, () => fs.existsSync(file));
  expect(result).toBe(true);
  expect(leftovers()).toEqual([]);
});

test("a body that throws releases the lock", async () => {
  await expect(withLock(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(leftovers()).toEqual([]);
});

test.each([
  ["of a process that ended", { pid: 2 ** 22 + 1, start: "boot/1", nonce: "ab12" }],
  ["of a process whose id was given to another", { pid: process.pid, start: "b/1", nonce: "cd34" }],
  ["cut short by a full disk", ""],
  ["that nothing of the lab wrote", "hello"],
])("a lock %s is taken over at once", async (_, holder) => {
  leaveLock(holder);
  const notes: string[] = [];
  await withLock(file, () => undefined, { timeoutSeconds: 2, note: (text) => notes.push(text) });
  expect(notes).toEqual([]);
  expect(leftovers()).toEqual([]);
});

test("two bodies in one process run one after the other, and the waiting is told", async () => {
  const events: string[] = [];
  const notes: string[] = [];
  const body = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    events.push(`${name} ends`);
  };
  const options = { what: "the cluster", note: (text: string) => notes.push(text) };
  await Promise.all([withLock(file, body("a"), options), withLock(file, body("b"), options)]);
  expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  expect(notes).toEqual([`waiting for process ${process.pid}, which is busy with the cluster`]);
});

test("a live holder is waited for no longer than allowed, and named", async () => {
  leaveLock({ pid: process.pid, start: processStart(process.pid), nonce: "ab12" });
  const options = { timeoutSeconds: 0.3, what: "the cluster", note: () => undefined };
  const error: unknown = await withLock(file, () => undefined, options).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LabError);
  expect(error).toMatchObject({
    message: `process ${process.pid} is still busy with the cluster`,
    hint: expect.stringContaining(`kill ${process.pid}`),
  });
  expect(fs.existsSync(file)).toBe(true);
});

test("a process start is the same each time, and none for a process that is not", () => {
  expect(processStart(process.pid)).toMatch(/\/\d+$/);
  expect(processStart(process.pid)).toBe(processStart(process.pid));
  expect(processStart(2 ** 22 + 1)).toBeUndefined();
});

test("no update is lost among many processes, of which some are killed while they hold the lock", async () => {
  const counter = path.join(folder, "counter");
  fs.writeFileSync(counter, "0");
  const script = `
    const fs = require("node:fs");
    const { withLock } = require(${JSON.stringify(lockScript)});
    const [file, counter, dies] = process.argv.slice(1);
    (async () => {
      for (let i = 1; i <= 12; i++) {
        await withLock(file, async () => {
          const value = Number(fs.readFileSync(counter, "utf8"));
          await new Promise((resolve) => setTimeout(resolve, 1));
          fs.writeFileSync(counter, String(value + 1));
          if (dies === "dies" && i === 4) process.kill(process.pid, "SIGKILL");
        }, { pollMilliseconds: 2 });
      }
    })();`;
  const runs = ["dies", "lives", "dies", "lives", "dies"].map(
    (fate) =>
      new Promise((resolve) => {
        spawn(process.execPath, ["-e", script, file, counter, fate]).on("close", resolve);
      }),
  );
  await Promise.all(runs);
  expect(fs.readFileSync(counter, "utf8")).toBe(String(3 * 4 + 2 * 12));
});
