import * as path from "node:path";
import { repository } from "../../support/source-files";
import { type Stage, stage } from "../engine/simulated-cloud/stage";

/**
 * Ups that fail, each at another call; every one is followed to its end and taken away again. Few in the gate, for its
 * time: KVM_FABRIC_FAILURES=30 for all.
 */
const FAILURES = Number(process.env.KVM_FABRIC_FAILURES ?? 6);
jest.setTimeout((FAILURES + 2) * 60_000);

/** Any: the same number makes the same failures, in the same order. */
const SEED = 20_261_121;

/** A network, a cluster with its system pool, and a pool of KVM machines: what everything on AWS stands on. */
const PROGRAM = `
  import * as aws from "kvm-fabric/aws";
  const zones = ["eu-central-1a", "eu-central-1b"];
  const network = aws.awsNetworkRef(new aws.AwsNetwork("fabric-net", { zones }));
  const cluster = new aws.AwsCluster("fabric", {
    network,
    kubernetesVersion: "1.36",
    deletionProtection: false,
    addOns: {
      coreDns: "v1.14.3-eksbuild.16", ebsCsiDriver: "v1.63.1-eksbuild.1", kubeProxy: "v1.36.0-eksbuild.21",
      podIdentityAgent: "v1.3.10-eksbuild.3", vpcCni: "v1.22.4-eksbuild.3",
    },
    systemPool: { releaseVersion: "1.36.2-20260812" },
    accessEntries: [{
      name: "deployer", principalArn: "arn:aws:iam::123456789012:role/deployer",
      policy: aws.AwsAccessPolicy.ClusterAdmin,
    }],
  });
  new aws.AwsKvmNodePool("fabric-kvm", {
    cluster: aws.awsClusterRef(cluster),
    subnetIds: network.privateSubnetIds,
    imageId: "ami-0123456789abcdef0",
    instanceTypes: ["m7i.metal-24xl"],
    maxNodes: 3,
  });
`;

let lab: Stage;
const quiet = ["--skip-preview", "--non-interactive", "--yes"];

beforeAll(async () => {
  lab = await stage(PROGRAM, { "aws:region": "eu-central-1" });
  // As the repository's own programs run: the library is TypeScript too.
  const tsconfig = { extends: path.join(repository, "tsconfig.run.json") };
  lab.lab.write({ "clouds/tsconfig.run.json": JSON.stringify(tsconfig) });
});
afterAll(() => {
  lab.close();
});

test(`${String(FAILURES)} partially failed ups: two more converge at most, and one destroy leaves nothing`, async () => {
  await must("up");
  const whole = await resources();
  const creates = [...whole].filter((urn) => urn.includes("::aws:") || urn.includes("$aws:"));
  await must("destroy");
  const random = numbers(SEED);
  const kinds = new Set<string>();
  for (let round = 0; round < FAILURES; round += 1) {
    const urn = creates[Math.floor(random() * creates.length)] ?? "";
    const [, type = "", name = ""] = /([^:$]+:[^:]+:[^:]+)::([^:]+)$/.exec(urn) ?? [];
    const match = `^${type} ${name}$`;
    const trouble = TROUBLES[round % TROUBLES.length]!;
    kinds.add(type);
    lab.behave(trouble(match));
    const { code, output } = await lab.pulumi("up", ...quiet);
    expect({ round, match, failed: code !== 0, output }).toMatchObject({ failed: true });
    lab.behave({});
    const again = await lab.pulumi("up", ...quiet);
    if (again.code !== 0) await must("up");
    expect({ round, match, urns: await resources() }).toEqual({ round, match, urns: whole });
    await must("destroy");
    expect({ round, match, left: lab.objects() }).toEqual({ round, match, left: [] });
  }
  expect(kinds.size).toBeGreaterThan(Math.min(FAILURES, 20) / 2);
  // What failed is what the test asked for: the clouds themselves refused nothing.
  const outcomes = lab.requests().filter(({ outcome }) => outcome !== "done");
  expect(outcomes.filter(({ outcome }) => !ASKED_FOR.test(outcome))).toEqual([]);
});

const MESSAGE = "InternalError: simulated fault";
const ASKED_FOR = /^(InternalError: simulated fault|ThrottlingException: Request limit exceeded\.)/;

// A create whose answer is lost is no trouble of these: the real providers give a token along, and ask again with it.
const TROUBLES: ((match: string) => object)[] = [
  (match) => ({ faults: [{ match, operation: "create", when: "before", message: MESSAGE }] }),
  (match) => ({ faults: [{ match, operation: "create", when: "partial", message: MESSAGE }] }),
  (match) => ({ throttling: [{ match, operation: "create", refusals: 1000, surfaces: true }] }),
];

async function must(command: "up" | "destroy"): Promise<void> {
  const { code, output } = await lab.pulumi(command, ...quiet);
  if (code !== 0) throw new Error(output);
}

async function resources(): Promise<string[]> {
  const { output } = await lab.pulumi("stack", "export");
  const { deployment } = JSON.parse(output) as { deployment: { resources?: { urn: string }[] } };
  return (deployment.resources ?? []).map(({ urn }) => urn).sort();
}

/** Numbers between 0 and 1 that are the same each time: a linear congruential generator. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
