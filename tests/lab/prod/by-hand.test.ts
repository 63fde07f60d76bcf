import { until } from "../../support/wait";
import { type Stage, stage } from "../engine/simulated-cloud/stage";

// The steps of docs/interrupted.md, as they are done by hand on a real cloud: without what the lab's commands repair.

const PROGRAM = `
  import * as aws from "@pulumi/aws/provider";
  import { Vpc } from "@pulumi/aws/ec2/vpc";
  import * as pulumi from "@pulumi/pulumi";
  const cloud = new aws.Provider("cloud", { region: "eu-central-1" });
  class Network extends pulumi.ComponentResource {
    constructor(name: string) {
      super("kvm-fabric:index:AwsNetwork", name, {}, { providers: [cloud] });
      new Vpc(name, { cidrBlock: "10.0.0.0/16", tags: { Name: name } }, { parent: this });
      this.registerOutputs({});
    }
  }
  new Network("fabric-net");
`;
const QUIET = ["--skip-preview", "--non-interactive", "--yes"];
const NETWORK = "urn:pulumi:dev::clouds::kvm-fabric:index:AwsNetwork";
const PENDING = "pending operations from previous deployment";

let cloud: Stage;

beforeEach(async () => {
  cloud = await stage(PROGRAM, {});
  await killedInCreate();
});
afterEach(() => {
  cloud.close();
});

/** An up whose engine is killed when the network is made, and the answer has not come. */
async function killedInCreate(): Promise<void> {
  const faults = [{ match: "^aws:ec2/vpc:Vpc ", operation: "create", when: "unanswered" }];
  cloud.behave({ faults });
  const child = cloud.lab.start("clouds", "up", ...QUIET);
  await until(() => vpcs().length > 0);
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
  cloud.behave({});
  expect((await cloud.pulumi("up", ...QUIET)).output).toContain("the stack is currently locked");
  await must("cancel", "--yes");
}

function vpcs(): string[] {
  return cloud.objects().flatMap((file) => /^Vpc\.(vpc-[0-9a-f]+)\./.exec(file)?.[1] ?? []);
}

async function must(...args: string[]): Promise<string> {
  const { code, output } = await cloud.pulumi(...args);
  if (code !== 0) throw new Error(output);
  return output;
}

async function deployment(): Promise<any> {
  return JSON.parse(await must("stack", "export")).deployment;
}

test("with the steps of the docs, what the killed run made is the stack's", async () => {
  const { pending_operations: pending, resources } = await deployment();
  const urn = `${NETWORK}$aws:ec2/vpc:Vpc::fabric-net`;
  expect(pending.map(({ type, resource }: any) => [type, resource.urn])).toEqual([
    ["creating", urn],
  ]);
  const [id = ""] = vpcs();
  const provider = resources.find(({ type }: any) => type === "pulumi:providers:aws");
  await must("refresh", "--clear-pending-creates", ...QUIET);
  expect((await deployment()).pending_operations).toBeUndefined();
  const of = ["--parent", `X=${NETWORK}::fabric-net`, "--provider", `Y=${provider.urn}`];
  const flags = ["--protect=false", "--generate-code=false", ...QUIET];
  await must("import", "aws:ec2/vpc:Vpc", "fabric-net", id, ...of, ...flags);
  const up = await must("up", ...QUIET);
  expect(up).not.toContain(PENDING);
  expect(up).not.toMatch(/\d+ (created|deleted|replaced)/);
  expect(vpcs()).toEqual([id]);
  await must("destroy", ...QUIET);
  expect(vpcs()).toEqual([]);
});

test("without them the engine warns, goes on, and leaves one behind for good", async () => {
  const [first = ""] = vpcs();
  expect(await must("up", ...QUIET)).toContain(PENDING);
  expect(vpcs()).toHaveLength(2);
  await must("destroy", ...QUIET);
  expect(vpcs()).toEqual([first]);
});

test("the engine's own way of importing drops what it should import", async () => {
  const [id = ""] = vpcs();
  const urn = `${NETWORK}$aws:ec2/vpc:Vpc::fabric-net`;
  const flags = ["--import-pending-creates", urn, "--import-pending-creates", id];
  await must("refresh", ...flags, ...QUIET);
  const { pending_operations: pending, resources } = await deployment();
  expect(pending).toBeUndefined();
  expect(resources.map((resource: any) => resource.urn)).not.toContain(urn);
});
