import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { assetSetId } from "../../../../../components/node-provisioner/asset-set";
import { HOLDS, HOLD_SCRIPT } from "../../../../../components/vm-pod/hold";
import { eventually } from "../../../../support/wait";
import { folderMirror, pretendedHost } from "../../node-provisioner/script/pretended-host";
import { shellcheck } from "../../../../support/shellcheck";
import { kill, type Running, shells, start } from "./stage";

describe.each(shells())("hold, by $name", (shell) => {
  let home: string;
  let running: Running[];
  const at = (...names: string[]) => path.join(home, ...names);
  const manifest = (set: string) => at("root/versions", set, "manifest.json");

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), "hold-"));
    running = [];
    for (const folder of ["state", "seccomp", "root/versions/v1", "root/versions/v2"]) {
      fs.mkdirSync(at(folder), { recursive: true });
    }
    for (const set of ["v1", "v2"]) fs.writeFileSync(manifest(set), "{}");
    flip("v1");
  });
  afterEach(() => {
    running.forEach(kill);
    fs.rmSync(home, { recursive: true });
  });

  function flip(set: string) {
    fs.rmSync(at("root/new"), { force: true });
    fs.symlinkSync(`versions/${set}`, at("root/new"));
    fs.renameSync(at("root/new"), at("root/current"));
  }

  function hold(extra: Record<string, string> = {}): Running {
    const one = start(shell, HOLD_SCRIPT, {
      HOST_ASSETS: at("root"),
      HOLD_FOLDER: at("state"),
      KVM_FABRIC_ASSET_SET: "v1",
      LOOK_SECONDS: "0.1",
      STEP_SECONDS: "0.2",
      POD_NAME: "pod-1",
      ...extra,
    });
    running.push(one);
    return one;
  }

  /** What the startup probe asks, of this process instead of a container's first. */
  function probe({ child }: Running): boolean {
    const script = HOLDS.replace("/proc/1/", `/proc/${child.pid}/`).replace(
      "/run/hold",
      at("state"),
    );
    const [program = "", ...words] = shell.command;
    return spawnSync(program, [...words, "-c", script]).status === 0;
  }

  const isFree = (set: string) =>
    spawnSync("flock", ["-n", "-x", manifest(set), "true"]).status === 0;

  /** Puts a program before the tools that stands for one of them, once, and then is gone. */
  function onceInstead(tool: string, script: string): Record<string, string> {
    const real = execFileSync("sh", ["-c", `command -v ${tool}`])
      .toString()
      .trim();
    fs.mkdirSync(at("bin"));
    const body = `#!/bin/sh\nrm ${at("bin", tool)}\n${script}\nexec ${real} "$@"\n`;
    fs.writeFileSync(at("bin", tool), body, { mode: 0o755 });
    return { PATH: `${at("bin")}:${shell.path}` };
  }

  test("holds a shared lock until it is told to end, and says so to the probe alone while it does", async () => {
    const one = hold();
    await eventually("held", () => probe(one));
    expect(isFree("v1")).toBe(false);
    expect(isFree("v2")).toBe(true);
    // Others may hold beside.
    expect(spawnSync("flock", ["-n", "-s", manifest("v1"), "true"]).status).toBe(0);
    expect(await one.stop()).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(isFree("v1")).toBe(true);
    expect(fs.readdirSync(at("state"))).toEqual([]);
    expect(one.said()).toBe("hold: holds asset set v1\nhold: let go of asset set v1\n");
  });

  test("what an earlier container said tells the probe nothing, and goes", async () => {
    fs.writeFileSync(at("state/held-1"), "");
    fs.renameSync(at("root/versions/v1"), at("gone"));
    const one = hold();
    await eventually("waits", () => one.said() !== "");
    expect(probe(one)).toBe(false);
    fs.renameSync(at("gone"), at("root/versions/v1"));
    await eventually("held", () => probe(one));
    expect(fs.readdirSync(at("state"))).toHaveLength(1);
    expect(fs.existsSync(at("state/held-1"))).toBe(false);
  });

  test("killed below a running worker, takes up what it held, though the node has moved on", async () => {
    const one = hold();
    await eventually("held", () => probe(one));
    flip("v2");
    kill(one);
    await one.end;
    expect(isFree("v1")).toBe(true);
    const next = hold();
    await eventually("held", () => probe(next));
    expect(isFree("v1")).toBe(false);
  });

  // busybox's shell takes its own sleep, whatever lies before it.
  if (shell.name === "sh") {
    test("takes up nothing that is removed at that very moment", async () => {
      fs.writeFileSync(at("state/held-1"), "");
      flip("v2");
      const one = hold(
        onceInstead("sleep", `[ "$1" != 0.2 ] || mv ${at("root/versions/v1")} ${at("gone")}`),
      );
      await eventually("waits", () => one.said() !== "");
      expect(probe(one)).toBe(false);
      expect(one.said()).toContain("waits until asset set v1");
    });
  }

  test("waits for its own set, says so once, and takes it when it comes", async () => {
    flip("v2");
    const one = hold();
    await eventually("waits", () => one.said() !== "");
    expect(isFree("v2")).toBe(true);
    flip("v1");
    await eventually("held", () => probe(one));
    const { stdout } = await one.stop();
    // Said again every minute, or here more often where this machine is slow.
    expect([...new Set(stdout.split("\n"))].slice(0, 2)).toEqual([
      "hold: waits until asset set v1 is this node's current one; it is versions/v2",
      "hold: holds asset set v1",
    ]);
  });

  test("waits where nothing is installed yet, and ends at once when told to", async () => {
    fs.rmSync(at("root"), { recursive: true });
    const one = hold();
    await eventually("waits", () => one.said() !== "");
    expect(one.said()).toContain("; it is nothing");
    expect((await one.stop()).code).toBe(0);
  });

  test("keeps what it holds while the node moves on", async () => {
    const one = hold();
    await eventually("held", () => probe(one));
    flip("v2");
    const other = hold({ KVM_FABRIC_ASSET_SET: "v2", HOLD_FOLDER: at("seccomp") });
    await eventually("the other's", () => !isFree("v2"));
    expect(isFree("v1")).toBe(false);
    await Promise.all([one.stop(), other.stop()]);
    expect([isFree("v1"), isFree("v2")]).toEqual([true, true]);
  });

  test("never takes what was replaced between opening and locking for the version of that name", async () => {
    const version = at("root/versions/v1");
    const one = hold(
      onceInstead(
        "flock",
        `mv ${version} ${at("gone")}; mkdir ${version}; echo {} >${version}/manifest.json`,
      ),
    );
    await eventually("held", () => probe(one));
    expect(isFree("v1")).toBe(false);
    expect(spawnSync("flock", ["-n", "-x", at("gone/manifest.json"), "true"]).status).toBe(0);
  });

  test("lets go of a version that was no longer current by the time it had its lock", async () => {
    const one = hold(onceInstead("flock", `ln -sfn versions/v2 ${at("root/current")}`));
    await eventually("waits", () => one.said() !== "");
    expect(probe(one)).toBe(false);
    await eventually("let go", () => isFree("v1"));
    flip("v1");
    await eventually("held", () => probe(one));
  });

  test("waits while somebody looks whether the version is in use", async () => {
    const looker = start(shell, `exec flock -x ${manifest("v1")} sleep 60`, {});
    running.push(looker);
    await eventually("looks", () => !isFree("v1"));
    const one = hold();
    await eventually("waits", () => one.said() !== "");
    expect(probe(one)).toBe(false);
    kill(looker);
    await eventually("held", () => probe(one));
  });

  test("names every tool that the image lacks", async () => {
    fs.mkdirSync(at("few"));
    for (const tool of ["cat", "mv", "rm", "sleep", "stat"]) {
      const real = execFileSync("sh", ["-c", `command -v ${tool}`])
        .toString()
        .trim();
      fs.symlinkSync(real, at("few", tool));
    }
    const program = execFileSync("sh", ["-c", `command -v ${shell.command[0]}`])
      .toString()
      .trim();
    const bare = { ...shell, command: [program, ...shell.command.slice(1)], path: at("few") };
    const { code, stderr } = await start(bare, HOLD_SCRIPT, { KVM_FABRIC_ASSET_SET: "v1" }).end;
    // busybox's own shell finds its other tools in itself.
    const lacks = shell.name === "sh" ? " cmp flock readlink" : " flock";
    expect([code, stderr]).toEqual([
      1,
      `hold: the image lacks${lacks}; docs/worker.md says what it must contain\n`,
    ]);
  });

  describe("with a seccomp profile", () => {
    const seccomp = () => ({
      SECCOMP_FOLDER: at("seccomp"),
      SECCOMP_PROFILE: "workers-1.json",
      SECCOMP_SOURCE: at("source"),
    });
    const profile = () => fs.readFileSync(at("seccomp/workers-1.json"), "utf8");
    const isWhole = () => fs.existsSync(at("seccomp/workers-1.json")) && profile() === "whole\n";
    beforeEach(() => {
      fs.writeFileSync(at("source"), "whole\n");
    });

    test("has it there before it says that it holds, keeps it so, and takes it along", async () => {
      fs.writeFileSync(at("seccomp/other.json"), "another's");
      const one = hold(seccomp());
      await eventually("held", () => probe(one));
      expect(profile()).toBe("whole\n");
      fs.writeFileSync(at("seccomp/workers-1.json"), "damaged");
      await eventually("repaired", isWhole);
      fs.rmSync(at("seccomp/workers-1.json"));
      await eventually("there again", isWhole);
      await one.stop();
      expect(fs.readdirSync(at("seccomp"))).toEqual(["other.json"]);
    });

    test("does not say that it holds while it cannot write it, and says why", async () => {
      fs.rmdirSync(at("seccomp"));
      const one = hold(seccomp());
      await eventually("said", () => one.said().includes("tries again"));
      expect(probe(one)).toBe(false);
      expect(one.said()).toContain("cannot write the seccomp profile workers-1.json to");
      fs.mkdirSync(at("seccomp"));
      await eventually("held", () => probe(one));
    });
  });

  test("the provisioner collects no version that it holds, and does once it is let go", async () => {
    const host = pretendedHost();
    try {
      const { file, mirror } = folderMirror(host);
      const set = (content: string) => ({ amd64: { kernel: file(content) }, mirrors: [mirror] });
      const sets = ["one", "two", "three"].map(set);
      const [first = ""] = sets.map(assetSetId);
      const provision = async (index: number, command: string) => {
        host.mount(sets[index] ?? set(""));
        expect(await host.run(command, { KEEP_VERSIONS: "1" })).toMatchObject({ code: 0 });
      };
      await provision(0, "install");
      const one = hold({ HOST_ASSETS: host.root, KVM_FABRIC_ASSET_SET: first });
      await eventually("held", () => probe(one));
      await provision(1, "install");
      await provision(2, "install");
      await provision(2, "collect");
      const versions = () => fs.readdirSync(path.join(host.root, "versions"));
      expect(versions()).toContain(first);
      await one.stop();
      await provision(2, "collect");
      expect(versions()).not.toContain(first);
    } finally {
      host.remove();
    }
  });
});

test("shellcheck finds nothing", async () => {
  expect(await shellcheck(HOLD_SCRIPT)).toBe("");
});
