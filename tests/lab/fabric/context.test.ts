import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { LAB_CONTEXT } from "../../../lab/cluster/files";
import { repository } from "../../../lab/commands/child";
import { nodeArguments } from "../../../lab/node-command";
import { labProcesses } from "../../../lab/processes";
import { inventory } from "../../support/inventory";
import { withOwnLab } from "../../support/own-lab";
import { eventuallyEquals } from "../../support/wait";

// A lab stands for the user's cluster; the commands know it by its kubeconfig alone.
const cluster = withOwnLab();
const state = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-context-"));
const contextState = path.join(state, "contexts", LAB_CONTEXT);

function command(...args: string[]): { code: number | null; output: string } {
  const result = spawnSync(process.execPath, nodeArguments("lab/main.ts", ...args), {
    cwd: repository,
    env: {
      ...process.env,
      KUBECONFIG: path.join(cluster.state, "kubeconfig"),
      KVM_FABRIC_LAB: state,
    },
    encoding: "utf8",
  });
  return { code: result.status, output: result.stdout + result.stderr };
}

function must(...args: string[]): string {
  const { code, output } = command(...args);
  if (code !== 0) throw new Error(output);
  return output;
}

afterAll(() => {
  fs.rmSync(state, { recursive: true, force: true });
});

test("a context that is not there is refused with those that are", () => {
  const { code, output } = command("up", "--context", "production");
  expect(code).toBe(1);
  expect(fs.readdirSync(state)).toEqual([]);
  expect(output).toContain(`no context "production", it has: ${LAB_CONTEXT}`);
});

test("up, status and down on a cluster of the user's own, without a lab", async () => {
  const before = await inventory(cluster.client);
  const up = must("up", "--context", LAB_CONTEXT);
  expect(up).toContain(`The dev stack runs on context ${LAB_CONTEXT}`);
  expect(up).toContain(`npm run down -- --context ${LAB_CONTEXT}`);
  expect(fs.existsSync(path.join(state, "lab.json"))).toBe(false);
  // What stands in for provider plugins ran for the command alone.
  expect(labProcesses(contextState)).toEqual([]);

  const status = must("status", "--context", LAB_CONTEXT);
  expect(status).toContain("StatefulSet  fabric-consul  3/3");
  expect(status).toContain("Deployment   fabric-gateway  1/1");

  const all = command("down", "--all");
  expect(all.code).toBe(1);
  expect(all.output).toContain("holds the state of stacks on other clusters");

  must("down", "--context", LAB_CONTEXT);
  expect(labProcesses(contextState)).toEqual([]);
  expect(fs.existsSync(contextState)).toBe(false);
  // Volumes go a moment after their claims, as with any provisioner.
  await eventuallyEquals(() => inventory(cluster.client), before);
  expect(fs.readdirSync(state)).toEqual([]);
});
