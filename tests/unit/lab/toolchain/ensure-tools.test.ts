import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../../../../lab/lab-error";
import { nodeArguments } from "../../../../lab/node-command";
import { ensureTools, toolNames } from "../../../../lab/toolchain";
import { requirePlatform } from "../../../../lab/toolchain/tool-run";
import { until } from "../../../support/wait";
import { fakeMachine, type FakeMachine } from "./fake-machine";

let machine: FakeMachine;

beforeEach(() => {
  machine = fakeMachine();
});

afterEach(() => {
  machine.dispose();
});

function run(file: string): string {
  return execFileSync(file, { encoding: "utf8" }).trim();
}

function filesOf(folder: string): string[] {
  return fs.readdirSync(path.join(machine.cache, "tools", folder));
}

async function failure(promise: Promise<unknown>): Promise<LabError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (error instanceof LabError) return error;
  throw new Error(`no LabError: ${JSON.stringify(error)}`);
}

describe("building", () => {
  test("every tool is built from its package, one go command a family, with the same flags", async () => {
    const tools = await ensureTools(undefined, machine.options);
    expect(Object.keys(tools).sort()).toEqual([...toolNames].sort());
    expect(run(tools.etcd)).toBe("built go.etcd.io/etcd/server/v3");
    expect(run(tools["karpenter-kwok"])).toBe("built sigs.k8s.io/karpenter/kwok");
    expect(run(tools["karpenter-crds"])).toBe("built ./crds");
    expect(run(tools["kube-scheduler"])).toBe("built k8s.io/kubernetes/cmd/kube-scheduler");
    for (const file of Object.values(tools)) expect(file.startsWith(machine.cache)).toBe(true);
    const builds = machine.builds();
    expect(builds).toHaveLength(5);
    for (const line of builds) {
      expect(line).toMatch(
        /^local 0 -mod=readonly: build -mod=readonly -trimpath -buildvcs=false -ldflags -s -w/,
      );
    }
    expect(builds.find((line) => line.includes("kube-apiserver"))).toContain(
      "-X k8s.io/component-base/version.gitVersion=v1.36.3 -X",
    );
  });

  test("the user is told beforehand how long it takes, and then what is at work", async () => {
    await ensureTools(["etcd", "kwok", "kwokctl"], machine.options);
    const text = machine.seen.join("");
    expect(text).toMatch(/building 3 tools from source: up to 1:35 min on two cores/);
    expect(text).toMatch(/building etcd \(1 of 3\)/);
    expect(text).toMatch(/building kwok and kwokctl \(2 of 3\)/);
    expect(text).toMatch(/3 tools ready/);
  });

  test("what was built is used again without a word, and built anew for another Go", async () => {
    const first = await ensureTools(["etcd"], machine.options);
    machine.seen.length = 0;
    expect(await ensureTools(["etcd"], machine.options)).toEqual(first);
    expect(machine.builds()).toHaveLength(1);
    expect(machine.seen).toEqual([]);
    machine.env.FAKE_GO_VERSION = "go1.26.9";
    expect(await ensureTools(["etcd"], machine.options)).not.toEqual(first);
    expect(machine.builds()).toHaveLength(2);
  });

  test("what was built is used where Go has gone since", async () => {
    const first = await ensureTools(["etcd"], machine.options);
    fs.rmSync(path.join(machine.root, "bin", "go"));
    expect(await ensureTools(["etcd"], machine.options)).toEqual(first);
  });

  test("two callers at once build once", async () => {
    machine.env.FAKE_GO = "slow";
    const both = await Promise.all([
      ensureTools(["kwok", "kwokctl"], machine.options),
      ensureTools(["kwokctl", "kwok"], machine.options),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(machine.builds()).toHaveLength(1);
    expect(machine.seen.join("")).toContain("busy with the tools of kwok");
  });

  test.each([
    [
      "cut short",
      (file: string) => {
        fs.truncateSync(file, 3);
      },
    ],
    [
      "removed",
      (file: string) => {
        fs.rmSync(file);
      },
    ],
    [
      "no longer executable",
      (file: string) => {
        fs.chmodSync(file, 0o644);
      },
    ],
    [
      "changed at the same size",
      (file: string) => {
        scramble(file);
      },
    ],
    [
      "without its manifest",
      (file: string) => {
        fs.rmSync(path.join(file, "../manifest.json"));
      },
    ],
  ])("an entry whose binary is %s is built anew", async (_, damage) => {
    const { etcd } = await ensureTools(["etcd"], machine.options);
    damage(etcd);
    const again = await ensureTools(["etcd"], machine.options);
    expect(again.etcd).toBe(etcd);
    expect(run(etcd)).toBe("built go.etcd.io/etcd/server/v3");
    expect(machine.builds()).toHaveLength(2);
    expect(filesOf("etcd")).toEqual([path.basename(path.dirname(etcd))]);
  });

  test("a touched entry with the right content stays", async () => {
    const { etcd } = await ensureTools(["etcd"], machine.options);
    fs.utimesSync(etcd, 1, 1);
    await ensureTools(["etcd"], machine.options);
    expect(machine.builds()).toHaveLength(1);
  });
});

describe("failures", () => {
  test("a compile error shows the compiler's last lines and leaves nothing behind", async () => {
    machine.env.FAKE_GO = "fail";
    const error = await failure(ensureTools(["kwok", "kwokctl"], machine.options));
    expect(error.message).toContain("kwok, kwokctl could not be built");
    expect(error.message).toContain("undefined: y");
    expect(filesOf("kwok")).toEqual([]);
    machine.env.FAKE_GO = "";
    await ensureTools(["kwok"], machine.options);
  });

  test("a full disk says how much is needed, where, and how to move it", async () => {
    machine.env.FAKE_GO = "full";
    const error = await failure(ensureTools(["etcd"], machine.options));
    expect(error).toMatchObject({ message: "the disk is full" });
    expect(error.hint).toContain("about 10 GiB");
    expect(error.hint).toContain(machine.cache);
    for (const setting of ["KVM_FABRIC_CACHE", "GOCACHE", "GOMODCACHE"]) {
      expect(error.hint).toContain(`${setting}=`);
    }
  });

  test("a missing Go is said before anything is tried", async () => {
    fs.rmSync(path.join(machine.root, "bin", "go"));
    const error = await failure(ensureTools(["etcd"], machine.options));
    expect(error.message).toContain("Go is not on the PATH");
    expect(error.hint).toContain("1.26.0");
  });

  test("a Go too old for the last family is said before the first is built", async () => {
    machine.env.FAKE_GO_VERSION = "go1.26.2";
    const error = await failure(ensureTools(["etcd", "karpenter-crds"], machine.options));
    expect(error.message).toBe("Go 1.26.6 or newer is needed, found go1.26.2");
    expect(machine.builds()).toEqual([]);
  });

  test.each([
    ["darwin", "arm64"],
    ["win32", "x64"],
    ["linux", "riscv64"],
  ])("on %s %s the way to an existing cluster is shown", (platform, arch) => {
    expect(() => requirePlatform(platform, arch)).toThrow(
      expect.objectContaining({
        name: "LabError",
        hint: expect.stringContaining("npm run up -- --context NAME"),
      }),
    );
  });
});

describe("interruption", () => {
  test.each(["SIGKILL", "SIGTERM"] as const)(
    "a build ended by %s leaves no entry, and the next one clears up and goes on",
    async (signal) => {
      machine.env.FAKE_GO = "hang";
      const builder = startBuilder();
      const hanging = path.join(machine.root, "hanging");
      await until(() => fs.existsSync(hanging) && fs.readFileSync(hanging, "utf8") !== "");
      const goProcess = Number(fs.readFileSync(hanging, "utf8"));
      const ended = new Promise((resolve) => builder.on("close", resolve));
      builder.kill(signal);
      await ended;
      if (signal === "SIGTERM") await until(() => !isRunning(goProcess));
      else process.kill(goProcess);
      expect(filesOf("etcd").filter((name) => !name.startsWith("."))).toEqual([]);

      machine.env.FAKE_GO = "";
      const { etcd } = await ensureTools(["etcd"], machine.options);
      expect(run(etcd)).toBe("built go.etcd.io/etcd/server/v3");
      expect(filesOf("etcd")).toEqual([path.basename(path.dirname(etcd))]);
      expect(fs.readdirSync(path.join(machine.cache, "tools"))).toEqual(["etcd"]);
    },
  );
});

describe("the user's own tools", () => {
  test.each([
    ["1.35.0", true],
    ["1.37.4", true],
    ["1.36.3+k3s1", true],
    ["1.34.9", false],
    ["1.38.0", false],
    ["1.37.0-rc.1", false],
  ])("kubectl %s: taken is %s", async (version, taken) => {
    machine.install(
      "kubectl",
      `[ "$*" = "version --client" ] && echo "Client Version: v${version}"`,
    );
    const { kubectl } = await ensureTools(["kubectl"], machine.options);
    expect(kubectl === path.join(machine.root, "bin", "kubectl")).toBe(taken);
    expect(machine.builds()).toHaveLength(taken ? 0 : 1);
  });

  test("an own tool beats a cached one", async () => {
    await ensureTools(["etcd"], machine.options);
    machine.install("etcd", "echo etcd Version: 3.6.1");
    const { etcd } = await ensureTools(["etcd"], machine.options);
    expect(etcd).toBe(path.join(machine.root, "bin", "etcd"));
  });

  test("a tool that fails or says no version is passed over", async () => {
    machine.install("etcd", "echo etcd Version: 3.6.1; exit 3");
    machine.install("kwok", "echo what");
    const tools = await ensureTools(["etcd", "kwok"], machine.options);
    for (const file of Object.values(tools)) expect(file.startsWith(machine.cache)).toBe(true);
  });

  test("what the lab itself put on the PATH is not the user's own", async () => {
    const labBin = path.join(machine.root, "state", "bin");
    machine.install("etcd", "echo etcd Version: 3.6.1", labBin);
    machine.env.PATH = `${labBin}:${machine.env.PATH ?? ""}`;
    const { etcd } = await ensureTools(["etcd"], machine.options);
    expect(etcd.startsWith(machine.cache)).toBe(true);
  });

  test("a program that happens to be named like Karpenter's is never taken", async () => {
    machine.install("karpenter-kwok", "echo 1.14.1");
    const tools = await ensureTools(["karpenter-kwok"], machine.options);
    expect(tools["karpenter-kwok"].startsWith(machine.cache)).toBe(true);
  });
});

/** Other bytes, same length, and not the same time. */
function scramble(file: string): void {
  fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size, "x"));
  fs.utimesSync(file, 1, 1);
}

function startBuilder() {
  const repository = path.resolve(__dirname, "../../../..");
  const module = JSON.stringify(path.join(repository, "lab/toolchain"));
  const script = `require(${module}).ensureTools(["etcd"])`;
  return spawn(process.execPath, nodeArguments("-e", script), {
    cwd: repository,
    env: machine.env,
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
