import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findDaemon } from "../../../lab/daemon";
import { labEnvironment, readLabRecord } from "../../../lab/environment";
import { urnName } from "../../../lab/engine/grpc/urn";
import { UNANSWERED } from "../../../lab/engine/simulated-cloud/clouds/performed";
import { listSimulatedClusters } from "../../../lab/simulated-clusters/record";
import { cloudFolder, cloudObjects } from "../../../lab/simulated-clusters/world";
import type { StackEngine } from "../../../lab/stack/engine";
import { withOwnLab } from "../../support/own-lab";
import { variant as test } from "../../support/whole";
import { engineRun, mustRun } from "./engine-run";
import { type Call, type Failure, failureOf, numbers } from "./failures";
import { command, type CommandRun, engineOf, requests, settingsOf } from "./stand";
import { expectWhole, ofCloud, wholeOf } from "./whole";

// Six of the thirty runs that fail in the middle: those of prod itself, as `npm run up` and `npm run down` run it. The
// rest is in partial-failures.test.ts.
const lab = withOwnLab();
jest.setTimeout(1_800_000);

const SEED = Number(process.env.KVM_FABRIC_SEED ?? 20_261_121);
const random = numbers(SEED);

const WHOLE = wholeOf("prod");

/** An object that is not made yet, or one that is there. */
function anyCall(operation: "create" | "delete"): Call {
  const made = cloudObjects(lab.state).map(({ type, urn }) => `${type} ${urnName(urn)}`);
  const isOpen = (line: string) => made.includes(line) === (operation === "delete");
  const open = WHOLE.filter(ofCloud).filter(isOpen);
  const [type = "", name = ""] = open[Math.floor(random() * open.length)]?.split(" ") ?? [];
  return { operation, type, name };
}

/** Runs a command of the lab on prod that fails so; it must say at which resource, and why. */
async function failing(what: "up" | "down", title: string): Promise<void> {
  const call = anyCall(what === "up" ? "create" : "delete");
  const failure = failureOf("aws", title);
  process.stderr.write(`seed ${String(SEED)}: ${what}, ${title}: ${call.type} ${call.name}\n`);
  behave(failure.settings(call));
  const { code, output } = await disturbed(what, failure);
  behave({});
  expect({ call, output, failed: code !== 0 }).toMatchObject({ failed: true });
  // Who was killed says nothing; the next command does.
  if (failure.killed === "engine") unsettled = call.name;
  else expect({ title, output }).toMatchObject({ output: expect.stringContaining(call.name) });
  expect({ call, output }).toMatchObject({ output: expect.stringContaining(failure.cause ?? "") });
  // What is to be done: to run it again.
  expect(output).toContain("run it again: it goes on where it ended");
}

/** What a killed run was at, until a command has said that it settled it. */
let unsettled: string | undefined;

async function onProd(what: "up" | "down"): Promise<CommandRun> {
  const settles = unsettled;
  unsettled = undefined;
  const run = await command(lab, what, "--stack", "prod");
  if (settles === undefined) return run;
  const lines = run.output.split("\n").filter((line) => line.startsWith("settled"));
  expect(lines.join("\n")).toContain(settles);
  return run;
}

async function mustCommand(what: "up" | "down"): Promise<CommandRun> {
  const run = await onProd(what);
  if (run.code !== 0) throw new Error(run.output);
  return run;
}

async function disturbed(what: "up" | "down", { killed }: Failure): Promise<CommandRun> {
  const before = requests(lab).length;
  const running = onProd(what);
  if (killed === undefined) return running;
  const ended = running.then(() => true);
  const isAsked = () =>
    requests(lab)
      .slice(before)
      .some(({ outcome }) => outcome === UNANSWERED);
  while (!isAsked() && !(await Promise.race([ended, sleep(100, false)])));
  const pid = killed === "engine" ? enginePid() : findDaemon(lab.state, "simulated-cloud")?.pid;
  if (!isAsked() || pid === undefined) throw new Error((await running).output);
  process.kill(pid, "SIGKILL");
  return running;
}

/** The engine that holds the stack's lock. */
function enginePid(): number | undefined {
  const locks = path.join(lab.state, "pulumi-state", ".pulumi", "locks");
  const [file] = fs
    .readdirSync(locks, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json") && name.includes("/prod/"));
  if (file === undefined) return undefined;
  return JSON.parse(fs.readFileSync(path.join(locks, file), "utf8")).pid;
}

function behave(settings: object): void {
  fs.mkdirSync(cloudFolder(lab.state), { recursive: true });
  fs.writeFileSync(path.join(cloudFolder(lab.state), "settings.json"), JSON.stringify(settings));
}

/** The engine as the lab has it now: a provider that was killed comes back on another port. */
function engine(): StackEngine {
  const env = labEnvironment(lab.state, readLabRecord(lab.state));
  return { ...engineOf(lab, "prod"), env };
}

test("an up that is refused, one that is killed and one whose provider dies: the next one has all of prod", async () => {
  await failing("up", "over a quota");
  await failing("up", "engine killed");
  await failing("up", "provider killed");
  await mustCommand("up");
  await expectWhole(engine(), lab.state, WHOLE);
  const { config } = settingsOf("Pulumi.prod.yaml");
  expect((await mustRun(engine(), "preview", config)).steps).toEqual([]);
});

test("a change that fails in the middle is gone again with an up of what was before", async () => {
  const { config, fabric } = settingsOf("Pulumi.prod.yaml");
  fabric.aws.pools.second = { ...fabric.aws.pools.metal, minNodes: 1 };
  const cause = "RequestError: send request failed";
  const match = "^aws:iam/instanceProfile:InstanceProfile fabric-prod-kvm-second-nodes$";
  behave({ faults: [{ match, operation: "create", when: "after", message: cause }] });
  const { code, output } = await engineRun(engine(), "up", config);
  behave({});
  expect({ output, failed: code !== 0 }).toMatchObject({ failed: true });
  expect(output).toContain("fabric-prod-kvm-second-nodes");
  expect(output).toContain(cause);
  const up = await mustCommand("up");
  expect(up.output).toMatch(/taken over, .* fabric-prod-kvm-second-nodes/);
  await expectWhole(engine(), lab.state, WHOLE);
});

test("a down that is refused and one that is killed: the next one leaves nothing", async () => {
  await failing("down", "in use");
  await failing("down", "engine killed");
  await mustCommand("down");
  expect(cloudObjects(lab.state)).toEqual([]);
  expect(listSimulatedClusters(lab.state)).toEqual([]);
});
