import * as fs from "node:fs";
import * as path from "node:path";
import { processStart } from "../../../../lab/lock";
import { labPaths } from "../../../../lab/paths";
import { until } from "../../../support/wait";
import { finished, freshClone, type FreshClone } from "./fresh-clone";

let clone: FreshClone;

beforeEach(() => {
  clone = freshClone();
});

afterEach(() => {
  clone.dispose();
});

const OLD = { version: "20.11.0" };

function cached(folder: string): string[] {
  const full = path.join(clone.root, "cache", folder);
  return fs.existsSync(full) ? fs.readdirSync(full) : [];
}

describe("a command", () => {
  test("runs in the repository with its arguments, and ends as the lab ends", async () => {
    const run = await clone.run(["lab", "7", "--json"]);
    expect(run.exitCode).toBe(7);
    const told = JSON.parse(run.stdout);
    expect(told).toMatchObject({
      args: ["lab", "7", "--json"],
      cwd: fs.realpathSync(clone.repository),
    });
    const folders = (told.path as string).split(":");
    expect(folders.slice(0, 2)).toEqual([
      path.dirname(process.execPath),
      path.join(clone.repository, "node_modules", ".bin"),
    ]);
    expect(run.stderr).toContain("installing the locked dependencies: done");
  });

  test("exec runs a locked tool and passes on its exit code", async () => {
    const run = await clone.run(["exec", "a-tool", "--write", "."]);
    expect(run).toMatchObject({ exitCode: 5, stdout: "tool --write .\n" });
  });

  test.each([
    [["exec", "b-tool"], "there is no tool named b-tool"],
    [["exec", "../../x"], "there is no tool named ../../x"],
    [["exec"], "exec which tool?"],
    [[], "which command?"],
  ])("%j is refused with a message", async (args, message) => {
    const run = await clone.run(args);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(`error: ${message}`);
    expect(run.stderr).not.toContain("    at ");
  });

  test("a signal reaches the lab, whose exit code counts", async () => {
    const child = clone.start(["lab", "wait"]);
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const end = finished(child);
    await until(() => stderr.includes("waiting\n"));
    child.kill("SIGINT");
    expect(await end).toMatchObject({ exitCode: 43, signal: null });
  });

  test("a lab that is killed kills the bootstrap in the same way", async () => {
    expect(await clone.run(["lab", "die"])).toMatchObject({ exitCode: null, signal: "SIGKILL" });
  });
});

describe("installing", () => {
  test("happens once, from the lock, without scripts or a registry of our choice", async () => {
    await clone.run(["lab"]);
    const again = await clone.run(["lab"]);
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    expect(clone.installs()).toHaveLength(1);
    const [line = ""] = clone.installs();
    expect(line).toContain(`${clone.repository} ci `);
    expect(line).toContain("--ignore-scripts");
    expect(line).not.toMatch(/registry/);
  });

  test.each(["package.json", "package-lock.json", "components/package.json"])(
    "happens again when %s changed",
    async (file) => {
      await clone.run(["lab"]);
      fs.appendFileSync(path.join(clone.repository, file), "\n");
      await clone.run(["lab"]);
      await clone.run(["lab"]);
      expect(clone.installs()).toHaveLength(2);
    },
  );

  test("that was killed in the middle is done again, also over a whole earlier one", async () => {
    await clone.run(["lab"]);
    fs.appendFileSync(path.join(clone.repository, "package-lock.json"), "\n");
    clone.env.FAKE_NPM = "hang";
    const child = clone.start(["lab"]);
    const end = finished(child);
    const hanging = path.join(clone.root, "hanging");
    await until(() => fs.existsSync(hanging) && fs.readFileSync(hanging, "utf8") !== "");
    child.kill("SIGKILL");
    const npm = Number(fs.readFileSync(hanging, "utf8"));
    clone.env.FAKE_NPM = "";
    expect(processStart(npm)).toBeDefined();
    expect(await clone.run(["lab"])).toMatchObject({ exitCode: 0 });
    // The npm that outlived its bootstrap would have worked in the same folder.
    expect(processStart(npm)).toBeUndefined();
    await end;
    expect(clone.installs()).toHaveLength(3);
    expect(cached("locks")).toEqual([]);
  });

  test("ended by a signal ends npm too", async () => {
    clone.env.FAKE_NPM = "hang";
    const child = clone.start(["lab"]);
    const end = finished(child);
    const hanging = path.join(clone.root, "hanging");
    await until(() => fs.existsSync(hanging) && fs.readFileSync(hanging, "utf8") !== "");
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ signal: "SIGTERM" });
    const npm = Number(fs.readFileSync(hanging, "utf8"));
    await until(() => processStart(npm) === undefined);
  });

  test("by two at once happens once", async () => {
    clone.env.FAKE_NPM = "slow";
    const runs = await Promise.all([clone.run(["lab"]), clone.run(["lab"]), clone.run(["lab"])]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(clone.installs()).toHaveLength(1);
    expect(runs.map(({ stderr }) => stderr).join("")).toContain("it installs the dependencies");
  });

  test("that fails shows npm's words, and the next run tries again", async () => {
    clone.env.FAKE_NPM = "fail";
    const run = await clone.run(["lab"]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("the registry burns");
    expect(run.stderr).toContain("npm config get registry");
    clone.env.FAKE_NPM = "";
    expect(await clone.run(["lab"])).toMatchObject({ exitCode: 0 });
  });

  test("that omits what the lab needs is not taken for done", async () => {
    clone.env.FAKE_NPM = "omit";
    const run = await clone.run(["lab"]);
    expect(run.stderr).toContain("lacks the development dependencies");
    clone.env.FAKE_NPM = "";
    expect(await clone.run(["lab"])).toMatchObject({ exitCode: 0 });
  });

  test("without npm says so", async () => {
    fs.rmSync(path.join(clone.root, "bin", "npm"));
    const run = await clone.run(["lab"]);
    expect(run.stderr).toContain("error: npm is not on the PATH");
  });
});

describe("Node.js", () => {
  test("is brought where the system's is too old: once, by its own lock, with the user's npm settings", async () => {
    const run = await clone.run(["lab"], OLD);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain("bringing Node.js 22 (this is 20.11.0): done");
    const [key = "", ...others] = cached("node");
    expect(others).toEqual([]);
    const entry = path.join(clone.root, "cache", "node", key);
    expect(fs.readFileSync(path.join(entry, ".npmrc"), "utf8")).toBe("fund=false\n");
    const bin = path.join(entry, "node_modules", `node-linux-${process.arch}`, "bin");
    const told: { path: string } = JSON.parse(run.stdout);
    expect(told.path.split(":")[0]).toBe(bin);

    const again = await clone.run(["lab"], OLD);
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    expect(clone.installs()).toHaveLength(2);
  });

  test.each([
    [
      "is missing",
      (node: string) => {
        fs.rmSync(node);
      },
    ],
    [
      "is cut short",
      (node: string) => {
        fs.writeFileSync(node, "\u007fELF");
      },
    ],
    [
      "may not be executed",
      (node: string) => {
        fs.chmodSync(node, 0o644);
      },
    ],
  ])("that was brought and %s is brought again", async (_, damage) => {
    await clone.run(["lab"], OLD);
    const [key = ""] = cached("node");
    const name = `node-linux-${process.arch}`;
    damage(path.join(clone.root, "cache", "node", key, "node_modules", name, "bin", "node"));
    expect(await clone.run(["lab"], OLD)).toMatchObject({ exitCode: 0 });
    expect(clone.installs()).toHaveLength(3);
    expect(cached("node")).toEqual([key]);
  });

  test("is brought once by two at once, and leftovers of killed runs go", async () => {
    const leftover = path.join(clone.root, "cache", "node", ".unfinished-abc");
    fs.mkdirSync(leftover, { recursive: true });
    const runs = await Promise.all([clone.run(["lab"], OLD), clone.run(["lab"], OLD)]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(clone.installs()).toHaveLength(2);
    expect(cached("node")).toHaveLength(1);
  });

  test("that does not run on this system is refused with what to do", async () => {
    clone.env.FAKE_NPM = "broken-node";
    const run = await clone.run(["lab"], OLD);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("does not run on this system");
    expect(run.stderr).toContain("KVM_FABRIC_NODE");
  });

  test("on the PATH that is new enough is used", async () => {
    fs.symlinkSync(process.execPath, path.join(clone.root, "bin", "node"));
    await clone.run(["lab"], OLD);
    expect(cached("node")).toEqual([]);
  });

  test("of the user's choice is used, or refused when it is none", async () => {
    clone.env.KVM_FABRIC_NODE = process.execPath;
    expect(await clone.run(["lab"], OLD)).toMatchObject({ exitCode: 0 });
    expect(cached("node")).toEqual([]);
    clone.env.KVM_FABRIC_NODE = "/nowhere/node";
    const run = await clone.run(["lab"]);
    expect(run.stderr).toContain("error: KVM_FABRIC_NODE=/nowhere/node is not Node.js 22");
  });

  test("below 18 gets a message", async () => {
    const run = await clone.run(["lab"], { version: "16.20.2" });
    expect(run).toMatchObject({ exitCode: 1, stdout: "" });
    expect(run.stderr).toContain("Node.js 18 or newer is needed to start, this is 16.20.2");
  });

  test("too old on macOS: the way to an existing cluster; new enough: the command runs", async () => {
    const old = await clone.run(["up"], { ...OLD, platform: "darwin" });
    expect(old.exitCode).toBe(1);
    expect(old.stderr).toContain("npm run up -- --context NAME");
    const run = await clone.run(["up"], { platform: "darwin" });
    expect(run.exitCode).toBe(0);
  });
});

test.each([[{ KVM_FABRIC_CACHE: "/a/cache" }], [{ XDG_CACHE_HOME: "/a" }], [{}]])(
  "bootstrap and lab agree on the cache folder for %j",
  async (env) => {
    const folders = path.resolve(__dirname, "../../../../lab/bootstrap/folders.js");
    const { cacheFolder } = (await import(folders)) as { cacheFolder: (env: object) => string };
    expect(cacheFolder(env)).toBe(labPaths(env).cache);
  },
);
