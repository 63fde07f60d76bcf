import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stackArguments } from "../../../../lab/commands/arguments";
import { withContext } from "../../../../lab/commands/stack-target";
import { needsLab } from "../../../../lab/commands/test";
import { suggestions, summary } from "../../../../lab/commands/up";
import { LabError } from "../../../../lab/lab-error";
import type { FabricStatus } from "../../../../lab/status/read";

const status: FabricStatus = {
  nodes: [
    {
      name: "a",
      ready: true,
      kvm: true,
      proven: true,
      said: "",
      assetSet: "s1",
      pool: "",
      taints: [],
    },
    {
      name: "b",
      ready: true,
      kvm: true,
      proven: false,
      said: "",
      assetSet: "",
      pool: "",
      taints: [],
    },
    {
      name: "c",
      ready: true,
      kvm: false,
      proven: false,
      said: "",
      assetSet: "",
      pool: "",
      taints: [],
    },
  ],
  workers: [{ kind: "DaemonSet", namespace: "agents", name: "w", desired: 2, ready: 1 }],
  consul: [],
  services: [{ kind: "Deployment", namespace: "services", name: "g", desired: 1, ready: 1 }],
  others: [],
  pools: [],
  warnings: [],
};

test("the summary counts what runs, on the cluster that was meant", () => {
  const lab = summary(status, "dev", "the lab");
  expect(lab).toContain("The dev stack runs on the lab:");
  expect(lab).toContain("nodes     3, 2 with KVM, 1 proven (s1)");
  expect(lab).toContain("agents/w: 1 of 2 ready");
  expect(lab).toContain("services/g: 1 of 1 ready");
});

test("what to try next leads to the same stack, and says what is simulated", () => {
  expect(suggestions("dev", undefined)).toContain("no container runs");
  expect(suggestions("dev", undefined)).toContain("\n  npm run down\n");
  expect(suggestions("prod", undefined)).toContain("\n  npm run down -- --stack prod\n");
  expect(suggestions("prod", undefined)).not.toContain("npm run lab");
  const own = suggestions("dev", "mine");
  expect(own).toContain("\n  npm run down -- --context mine\n");
  expect(own).not.toContain("npm run lab");
  expect(own).not.toContain("simulated");
});

test("a command's arguments: only what it knows, said with its usage", () => {
  expect(stackArguments(["--context", "x"], "usage", ["context"])).toMatchObject({ context: "x" });
  expect(stackArguments(["--json"], "usage", ["json"])).toMatchObject({ json: true, all: false });
  for (const wrong of [["--all"], ["extra"], ["--context"]]) {
    expect(() => stackArguments(wrong, "usage", ["context"])).toThrow(LabError);
  }
  const given = stackArguments(["--config-file", "x.yaml"], "usage", ["config-file"]);
  expect(given.configFile).toBe("x.yaml");
  expect(stackArguments([], "usage", ["stack"]).stack).toBe("dev");
  expect(stackArguments(["--stack", "prod"], "usage", ["stack"]).stack).toBe("prod");
  for (const wrong of ["..", "a/b", ".hidden", ""]) {
    expect(() => stackArguments(["--stack", wrong], "usage", ["stack"])).toThrow(
      /no name of a stack/,
    );
  }
});

test("another context changes nothing else of the settings", () => {
  const settings = {
    config: { "kvm-fabric:fabric": { a: 1, kubernetes: { context: "lab" } }, "x:y": 2 },
  };
  expect(withContext(settings, "mine")).toEqual({
    config: { "kvm-fabric:fabric": { a: 1, kubernetes: { context: "mine" } }, "x:y": 2 },
  });
  expect(withContext({}, "mine")).toEqual({});
  const cloud = { config: { "kvm-fabric:fabric": { target: "aws" } } };
  expect(withContext(cloud, "mine")).toEqual(cloud);
});

test("only the lab's tests need the toolchain", () => {
  expect(needsLab([])).toBe(true);
  expect(needsLab(["--selectProjects", "unit", "lab"])).toBe(true);
  expect(needsLab(["--selectProjects=lab"])).toBe(true);
  expect(needsLab(["--selectProjects", "unit"])).toBe(false);
  expect(needsLab(["--selectProjects=unit"])).toBe(false);
});

describe("the gate's last line", () => {
  const script = path.resolve(__dirname, "../../../../.ci/count-tests.js");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "count-"));
  afterAll(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function count(results: string): { code: number | null; line: string } {
    const file = path.join(folder, "results.json");
    fs.writeFileSync(file, results);
    const { status: code, stdout } = spawnSync(process.execPath, [script, file], {
      encoding: "utf8",
    });
    return { code, line: stdout.trim() };
  }

  test.each([
    [
      "all passed",
      { numPassedTests: 3, numFailedTests: 0, numRuntimeErrorTestSuites: 0 },
      0,
      "3 passed, 0 failed",
    ],
    [
      "one failed",
      { numPassedTests: 2, numFailedTests: 1, numRuntimeErrorTestSuites: 0 },
      1,
      "2 passed, 1 failed",
    ],
    [
      "a file did not load",
      { numPassedTests: 2, numFailedTests: 0, numRuntimeErrorTestSuites: 1 },
      1,
      "2 passed, 1 failed",
    ],
    [
      "nothing ran",
      { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 },
      1,
      "0 passed, 0 failed",
    ],
  ])("%s", (_, results, code, line) => {
    expect(count(JSON.stringify(results))).toEqual({ code, line: `tests: ${line}` });
  });

  test("no results at all fail", () => {
    expect(count("{")).toEqual({ code: 1, line: "tests: 0 passed, 1 failed" });
  });

  test("the gate is a script that a shell can read", () => {
    const gate = path.resolve(__dirname, "../../../../.ci/run");
    expect(() => execFileSync("bash", ["-n", gate])).not.toThrow();
  });
});
