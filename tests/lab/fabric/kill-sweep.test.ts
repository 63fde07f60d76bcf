import { spawn } from "node:child_process";
import type { KubeObject } from "../../../lab/kube/objects";
import { settingsFlag } from "../../../lab/stack/engine";
import { findInCluster } from "../../../lab/stack/find-object";
import { repairStack } from "../../../lab/stack/repair";
import { inventory } from "../../support/inventory";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";

const lab = withLab();

/** Points at which the engine is killed, spread over the whole run; half of them in each of two lanes. */
const POINTS = 50;
const LANES = 2;

test(
  `an up and a destroy killed at ${String(POINTS)} points converge with two further commands`,
  async () => {
    const lanes = await Promise.all(Array.from({ length: LANES }, (_, lane) => sweep(lane)));
    const hits = lanes.flat();
    expect(hits).toHaveLength(POINTS);
    // A sweep whose engines had all ended before they were killed would show nothing.
    expect(hits.filter(({ up }) => up).length).toBeGreaterThan(POINTS / 2);
    expect(hits.filter(({ destroy }) => destroy).length).toBeGreaterThan(POINTS / 2);
  },
  45 * 60_000,
);

interface Hit {
  up: boolean;
  destroy: boolean;
}

async function sweep(lane: number): Promise<Hit[]> {
  const namespace = await lab.namespace();
  const stack = await labStack(lab, "tests/lab/fabric/programs/small", {
    "small:namespace": namespace,
  });
  const world = () => objectsOf(stack, namespace);
  const nothing = await world();
  const [upSeconds] = await timed(() => stack.must("up", "--yes", "--skip-preview"));
  const whole = { objects: await world(), urns: await urns(stack) };
  const [destroySeconds] = await timed(() => stack.must("destroy", "--yes", "--skip-preview"));
  expect(await world()).toEqual(nothing);

  const hits: Hit[] = [];
  for (let point = lane; point < POINTS; point += LANES) {
    const share = (point + 1) / (POINTS + 1);
    const up = await killed(stack, "up", upSeconds * share);
    await repaired(stack);
    await stack.must("up", "--yes", "--skip-preview");
    expect({ objects: await world(), urns: await urns(stack) }).toEqual(whole);

    const destroy = await killed(stack, "destroy", destroySeconds * share);
    await repaired(stack);
    await stack.must("destroy", "--yes", "--skip-preview");
    expect({ objects: await world(), urns: await urns(stack) }).toEqual({
      objects: nothing,
      urns: [],
    });
    hits.push({ up, destroy });
  }
  await stack.remove();
  return hits;
}

/** Everything in the cluster that bears the stack's name or lies in its namespace. */
function objectsOf(stack: LabStack, namespace: string): Promise<string[]> {
  const belongs = ({ metadata }: KubeObject) =>
    metadata.namespace === namespace || (metadata.name ?? "").includes(stack.stack);
  return inventory(lab.client, belongs);
}

async function urns(stack: LabStack): Promise<string[]> {
  return (await stack.resources()).map(({ urn }) => urn).sort();
}

async function repaired(stack: LabStack): Promise<void> {
  await repairStack(stack, findInCluster(lab.client));
}

async function timed(work: () => Promise<unknown>): Promise<[seconds: number]> {
  const start = performance.now();
  await work();
  return [(performance.now() - start) / 1000];
}

/** Runs a command and kills the engine after some time; says whether it was still at work. */
function killed(stack: LabStack, command: string, afterSeconds: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = [command, "--yes", "--skip-preview", "--stack", stack.stack, "--non-interactive"];
    const child = spawn(stack.pulumi, [...args, ...settingsFlag(stack)], {
      cwd: stack.program,
      env: stack.env,
      stdio: "ignore",
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), afterSeconds * 1000);
    child.on("error", reject);
    child.on("exit", (_, signal) => {
      clearTimeout(timer);
      resolve(signal === "SIGKILL");
    });
  });
}
