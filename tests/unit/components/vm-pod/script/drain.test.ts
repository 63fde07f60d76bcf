import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { drainScript, drainSeconds, UNDRAIN } from "../../../../../components/vm-pod/drain";
import { shellcheck } from "../../../../support/shellcheck";
import { eventually } from "../../../../support/wait";
import { kill, type Running, shells, start } from "./stage";

test("leaves the worker ten seconds of its grace period, or half of a short one", () => {
  expect([1, 2, 15, 20, 21, 120, 3600].map(drainSeconds)).toEqual([1, 1, 8, 10, 11, 110, 3590]);
});

describe.each(shells())("the drain, by $name", (shell) => {
  let home: string;
  let running: Running[];
  let others: ChildProcess[];
  const at = (...names: string[]) => path.join(home, ...names);

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), "drain-"));
    for (const folder of ["proc", "run", "bin"]) fs.mkdirSync(at(folder));
    [running, others] = [[], []];
  });
  afterEach(() => {
    running.forEach(kill);
    for (const one of others) one.kill("SIGKILL");
    fs.rmSync(home, { recursive: true });
  });

  /** A process of that name, in the container's process folder. */
  async function runs(name: string): Promise<ChildProcess> {
    fs.copyFileSync("/bin/sleep", at("bin", name));
    const child = spawn(at("bin", name), ["300"]);
    others.push(child);
    const folder = `/proc/${child.pid}`;
    const comm = name.slice(0, 15);
    await eventually(name, () => fs.readFileSync(`${folder}/comm`, "utf8") === `${comm}\n`);
    fs.symlinkSync(folder, at("proc", String(child.pid)));
    return child;
  }

  function drain(seconds = 300): Running {
    const one = start(shell, drainScript(seconds), {
      DRAIN_LOG: at("log"),
      HOST_PROC: at("proc"),
      KVM_FABRIC_DRAINING: at("run/draining"),
      KVM_FABRIC_RUN: at("run"),
    });
    running.push(one);
    return one;
  }

  /** Both ends of QEMU's pipe, as QEMU itself has them. */
  function monitor() {
    execFileSync("mkfifo", [at("run/monitor.in")]);
    const { O_NONBLOCK, O_RDWR } = fs.constants;
    const pipe = fs.openSync(at("run/monitor.in"), O_RDWR | O_NONBLOCK);
    let got = "";
    const read = () => {
      const buffer = Buffer.alloc(1024);
      try {
        got += buffer.toString("utf8", 0, fs.readSync(pipe, buffer));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
      return got;
    };
    return {
      read,
      close: () => {
        fs.closeSync(pipe);
      },
    };
  }

  test("tells the worker first, waits for every monitor, and says how many there are", async () => {
    const [one, two] = [await runs("firecracker"), await runs("qemu-system-x86_64")];
    await runs("sleep");
    const draining = drain();
    await eventually("told", () => fs.existsSync(at("run/draining")));
    await eventually("waits", () => draining.said() !== "");
    expect(draining.said()).toBe("drain: 2 microVMs run; waits up to 300 s for them to end\n");
    one.kill("SIGKILL");
    await eventually("one ended", () => !fs.existsSync(`/proc/${one.pid}`));
    expect(draining.child.exitCode).toBeNull();
    two.kill("SIGKILL");
    const { code, stdout, stderr } = await draining.end;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")[1]).toBe("drain: no microVM runs any more");
    expect(fs.readFileSync(at("log"), "utf8")).toBe(stdout);
  });

  test("returns at once where no monitor runs", async () => {
    await runs("fire");
    const { code, stdout } = await drain().end;
    expect([code, stdout.split("\n")[1]]).toEqual([0, "drain: no microVM runs any more"]);
    expect(fs.existsSync(at("run/draining"))).toBe(true);
  });

  test("does not wait for what ended and was not yet waited for, whatever its name holds", async () => {
    const stats = ["7 (firecracker) Z 1 7", "8 (qemu-system-x86) X 1 8", "9 (a) (firecracker) S 1"];
    for (const line of stats) {
      const folder = at("proc", line.charAt(0));
      fs.mkdirSync(folder);
      fs.writeFileSync(path.join(folder, "stat"), `${line}\n`);
    }
    expect((await drain().end).stdout).toContain("0 microVMs run");
  });

  test("waits no longer than it may, and says how many are left", async () => {
    await runs("firecracker");
    const { code, stdout } = await drain(1).end;
    expect([code, stdout.split("\n")[1]]).toEqual([
      0,
      "drain: 1 microVMs still run after 1 s; they end with the worker",
    ]);
  });

  test("waits all the same where nothing can be written to the log", async () => {
    fs.mkdirSync(at("log"));
    await runs("firecracker");
    expect(await drain(1).end).toMatchObject({ code: 0, stderr: "" });
  });

  test("asks a QEMU to power its guest down", async () => {
    const pipe = monitor();
    const qemu = await runs("qemu-system-aarch64");
    const draining = drain();
    await eventually("asked", () => pipe.read().includes("system_powerdown\n"));
    qemu.kill("SIGKILL");
    expect((await draining.end).code).toBe(0);
    pipe.close();
  });

  test("asks nobody where no QEMU runs", async () => {
    const pipe = monitor();
    await runs("firecracker");
    expect((await drain(1).end).code).toBe(0);
    expect(pipe.read()).toBe("");
    pipe.close();
  });

  test("does not block on a pipe that nobody reads", async () => {
    execFileSync("mkfifo", [at("run/monitor.in")]);
    await runs("qemu-system-x86_64");
    expect((await drain(1).end).stdout).toContain("1 microVMs still run after 1 s");
  });

  test("a container that starts again is told to drain no more", async () => {
    fs.writeFileSync(at("run/draining"), "");
    const env = { KVM_FABRIC_DRAINING: at("run/draining") };
    const undrained = async () => [
      (await start(shell, UNDRAIN, env).end).code,
      fs.existsSync(at("run/draining")),
    ];
    expect([await undrained(), await undrained()]).toEqual([
      [0, false],
      [0, false],
    ]);
  });
});

test("shellcheck finds nothing", async () => {
  expect(await shellcheck(drainScript(110))).toBe("");
});
