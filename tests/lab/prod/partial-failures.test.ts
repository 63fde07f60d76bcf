import * as fs from "node:fs";
import * as path from "node:path";
import { madeInWorld } from "../../../lab/simulated-clusters/world";
import { prepareStack, type StackEngine } from "../../../lab/stack/engine";
import { repository } from "../../support/source-files";
import { type Stage, stage } from "../engine/simulated-cloud/stage";
import { disturbed } from "./disturbed";
import { engineRun, mustRun } from "./engine-run";
import {
  type Call,
  CHANGES,
  differences,
  type Failure,
  FAILURES,
  inventoryOf,
  numbers,
  titleOf,
} from "./failures";

/**
 * Rounds here, for the gate's sake a sixth of 24, in which every kind of failure is met by every kind of call; with prod's
 * own that is thirty. KVM_FABRIC_FAILURES sets another number.
 */
const ROUNDS = Number(process.env.KVM_FABRIC_FAILURES ?? 4);
/** The same number makes the same failures in the same order. KVM_FABRIC_SEED sets another. */
const SEED = Number(process.env.KVM_FABRIC_SEED ?? 20_261_121);
// A round takes ten seconds on a quiet machine.
jest.setTimeout((ROUNDS + 8) * 120_000);

/** A network, a cluster with its system pool, and pools of KVM machines: what everything on AWS stands on. */
const PROGRAM = `
  import * as aws from "kvm-fabric/aws";
  import * as pulumi from "@pulumi/pulumi";
  const isChanged = new pulumi.Config().require("variant") === "changed";
  const zones = ["eu-central-1a", "eu-central-1b"];
  const network = aws.awsNetworkRef(new aws.AwsNetwork("fabric-net", { zones }));
  const cluster = new aws.AwsCluster("fabric", {
    network,
    kubernetesVersion: "1.36",
    deletionProtection: false,
    addOns: {
      coreDns: isChanged ? "v1.14.4-eksbuild.1" : "v1.14.3-eksbuild.16",
      ebsCsiDriver: "v1.63.1-eksbuild.1", kubeProxy: "v1.36.0-eksbuild.21",
      podIdentityAgent: "v1.3.10-eksbuild.3", vpcCni: "v1.22.4-eksbuild.3",
    },
    systemPool: { releaseVersion: isChanged ? "1.36.2-20260901" : "1.36.2-20260812" },
    accessEntries: [{
      name: "deployer", principalArn: "arn:aws:iam::123456789012:role/deployer",
      policy: aws.AwsAccessPolicy.ClusterAdmin,
    }],
  });
  for (const name of isChanged ? ["fabric-kvm", "fabric-second"] : ["fabric-kvm"]) {
    new aws.AwsKvmNodePool(name, {
      cluster: aws.awsClusterRef(cluster),
      subnetIds: network.privateSubnetIds,
      imageId: isChanged ? "ami-0fedcba9876543210" : "ami-0123456789abcdef0",
      instanceTypes: ["m7i.metal-24xl"],
      maxNodes: isChanged ? 4 : 3,
    });
  }
`;

/** What is done to the stack, again and again: made, changed and enlarged, changed back, taken away. */
const STEPS = [
  { command: "up", variant: "first" },
  { command: "up", variant: "changed" },
  { command: "up", variant: "first" },
  { command: "destroy", variant: "first" },
] as const;
type Step = (typeof STEPS)[number];

/** What a step does where nothing disturbs it. */
interface Undisturbed {
  calls: Call[];
  objects: string[];
}

let lab: Stage;
let engine: StackEngine;
let state: string;
const undisturbed: Undisturbed[] = [];

beforeAll(async () => {
  lab = await stage(PROGRAM, {});
  // As the repository's own programs run: the library is TypeScript too.
  const tsconfig = { extends: path.join(repository, "tsconfig.run.json") };
  lab.lab.write({ "clouds/tsconfig.run.json": JSON.stringify(tsconfig) });
  state = path.join(lab.lab.folder, "lab");
  fs.mkdirSync(state);
  fs.symlinkSync(lab.clouds, path.join(state, "simulated-clouds"));
  // As in the lab: a file of attributes that a kill cut off would keep the engine from reading the state.
  const env = {
    ...lab.lab.env,
    PULUMI_BACKEND_URL: `${lab.lab.env.PULUMI_BACKEND_URL!}?metadata=skip`,
  };
  engine = {
    ...{ pulumi: path.join(lab.lab.folder, "bin", "pulumi"), env, stack: "rounds" },
    ...{ folder: path.join(lab.lab.folder, "settings"), program: `${lab.lab.folder}/clouds` },
  };
  for (const step of STEPS) {
    const before = changes().length;
    await mustRun(engine, step.command, configOf(step));
    // The engine makes what is independent in any order.
    const calls = changes()
      .slice(before)
      .sort((one, other) => titleOf(one).localeCompare(titleOf(other)));
    undisturbed.push({ calls, objects: inventoryOf(madeInWorld(state)) });
  }
});
afterAll(() => {
  lab.close();
});

test(`${String(ROUNDS)} runs that fail in the middle: one more, and all is as if nothing had happened`, async () => {
  const random = numbers(SEED);
  const done = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const step = STEPS[round % STEPS.length]!;
    const expected = undisturbed[round % STEPS.length]!;
    const failure = nextFailure(expected.calls, done);
    const possible = expected.calls.filter(fits(failure));
    const fresh = possible.filter(({ operation }) => !done.has(`${failure.title} ${operation}`));
    const call = anyOf(fresh.length > 0 ? fresh : possible, random);
    const title = `round ${String(round)} of seed ${String(SEED)}: ${failure.title}, ${titleOf(call)}`;
    done.add(`${failure.title} ${call.operation}`);
    const start = performance.now();
    const { said, settled, again, seconds } = await failing(step, failure, call);
    process.stderr.write(
      `${title}: ${seconds.join(" + ")}, ${((performance.now() - start) / 1000).toFixed(1)} s\n`,
    );
    expect({ title, said }).toMatchObject({ said: expect.stringContaining(call.name) });
    expect({ title, said }).toMatchObject({ said: expect.stringContaining(failure.cause ?? "") });
    expect({ title, settled, ...again }).toMatchObject({ title, code: 0 });
    const left = differences(expected.objects, inventoryOf(madeInWorld(state)));
    expect({ title, settled, ...left }).toEqual({ title, settled, missing: [], tooMany: [] });
    if (round % STEPS.length !== 2) continue;
    const preview = await mustRun(engine, "preview", configOf(step));
    expect({ title, steps: preview.steps }).toEqual({ title, steps: [] });
  }
  if (ROUNDS >= 24) expect([...done].sort()).toEqual(ALL);
});

/** Every way in which every kind of call can fail. */
const ALL = FAILURES.flatMap(({ title, operations }) =>
  operations.map((operation) => `${title} ${operation}`),
).sort();

async function failing(step: Step, failure: Failure, call: Call) {
  const config = configOf(step);
  await prepareStack(engine, { config });
  const times = [performance.now()];
  const first = await disturbed(engine, { ...lab, state }, step.command, failure, call);
  if (first.code === 0) throw new Error(`${titleOf(call)}: not asked for:\n${first.output}`);
  times.push(performance.now());
  const { code, output } = await engineRun(engine, step.command, config);
  times.push(performance.now());
  const seconds = times.slice(1).map((time, n) => ((time - (times[n] ?? 0)) / 1000).toFixed(1));
  return { ...first, again: { code, output }, seconds };
}

function nextFailure(calls: Call[], done: Set<string>): Failure {
  const possible = FAILURES.filter((failure) => calls.some(fits(failure)));
  const fresh = possible.find((failure) =>
    calls.some((call) => fits(failure)(call) && !done.has(`${failure.title} ${call.operation}`)),
  );
  return fresh ?? possible[done.size % possible.length]!;
}

function fits({ operations }: Failure): (call: Call) => boolean {
  return ({ operation }) => operations.includes(operation);
}

function anyOf<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)]!;
}

function changes(): Call[] {
  const isChange = ({ operation }: { operation: string }) =>
    CHANGES.some((one) => one === operation);
  return fs.existsSync(path.join(lab.clouds, "requests.jsonl"))
    ? lab
        .requests()
        .filter(isChange)
        .map((call) => call as Call)
    : [];
}

function configOf({ variant }: Step): Record<string, unknown> {
  return { "aws:region": "eu-central-1", "clouds:variant": variant };
}
