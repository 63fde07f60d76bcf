import { spawn } from "node:child_process";
import type { KubeObject } from "../../../lab/kube/objects";
import { settingsFlag } from "../../../lab/stack/engine";
import { findInCluster } from "../../../lab/stack/find-object";
import { repairStack } from "../../../lab/stack/repair";
import { inventory } from "../../support/inventory";
import { withLab } from "../../support/lab";
import { labStack, type LabStack } from "../../support/lab-stack";

const lab = withLab();

/**
 * Points at which the engine is killed, spread over the whole run; half of them in each of two lanes. KVM_FABRIC_SWEEP sets
 * another number: 50 is the whole of it.
 */
const POINTS = Number(process.env.KVM_FABRIC_SWEEP ?? 6);
const LANES = 2;

/** How often a point is tried again whose engine had ended already, and how much earlier each time. */
const RETRIES = 12;
const EARLIER = 0.85;

test(
  `an up and a destroy killed at ${String(POINTS)} points converge with two further commands`,
  async () => {
    const lanes = await Promise.all(Array.from({ length: LANES }, (_, lane) => sweep(lane)));
    const hits = lanes.flat();
    expect(hits).toHaveLength(POINTS);
    // An engine that had ended before it was killed would show nothing.
    expect(hits.filter(({ up }) => up)).toHaveLength(POINTS);
    expect(hits.filter(({ destroy }) => destroy)).toHaveLength(POINTS);
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
  let [upSeconds] = await timed(() => stack.must("up", "--yes", "--skip-preview"));
  const [idleUp] = await timed(() => stack.must("up", "--yes", "--skip-preview"));
  const whole = { objects: await world(), urns: await urns(stack) };
  let [destroySeconds] = await timed(() => stack.must("destroy", "--yes", "--skip-preview"));
  expect(await world()).toEqual(nothing);
  const [idleDestroy] = await timed(() => stack.must("destroy", "--yes", "--skip-preview"));

  const hits: Hit[] = [];
  for (let point = lane; point < POINTS; point += LANES) {
    const share = (point + 1) / (POINTS + 1);
    const up = await hit(stack, "up", "destroy", upSeconds * share);
    await repaired(stack);
    const [restOfUp] = await timed(() => stack.must("up", "--yes", "--skip-preview"));
    expect({ objects: await world(), urns: await urns(stack) }).toEqual(whole);

    const destroy = await hit(stack, "destroy", "up", destroySeconds * share);
    await repaired(stack);
    const [restOfDestroy] = await timed(() => stack.must("destroy", "--yes", "--skip-preview"));
    expect({ objects: await world(), urns: await urns(stack) }).toEqual({
      objects: nothing,
      urns: [],
    });
    hits.push({ up: up.alive, destroy: destroy.alive });
    // The machine is busier at some times than at others: the last runs tell how long the next will take. The
    // killed one and the converging one did the work together, and each began once.
    upSeconds = up.seconds + restOfUp - idleUp;
    destroySeconds = destroy.seconds + restOfDestroy - idleDestroy;
  }
  await stack.remove();
  return hits;
}

/**
 * Runs a command and kills its engine; where that had ended before, what it did is undone and it is tried again, a
 * few times and each time a little earlier.
 */
async function hit(
  stack: LabStack,
  command: string,
  undo: string,
  afterSeconds: number,
): Promise<{ alive: boolean; seconds: number }> {
  for (let attempt = 0; ; attempt += 1) {
    const start = performance.now();
    const alive = await killed(stack, command, afterSeconds * EARLIER ** attempt);
    const seconds = (performance.now() - start) / 1000;
    if (alive || attempt === RETRIES) return { alive, seconds };
    await stack.must(undo, "--yes", "--skip-preview");
  }
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
