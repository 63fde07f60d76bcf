import { RunError } from "@pulumi/pulumi";
import fc from "fast-check";
import { renderFault } from "../../components/shared/faults";
import { parseConfig, readConfig } from "../../stacks/config";
import { fabricSchema } from "../../stacks/schema";
import { deploy } from "../support/deploy";
import { dropped, type Mutation, mutationsOf } from "../support/mutations";
import { settingsOf, stopTheClock, TODAY } from "../support/stack-settings";

const ROOT = "kvm-fabric:fabric";
const FILES = {
  aws: "Pulumi.prod.yaml",
  gcp: "tests/stacks/settings/Pulumi.gcp.yaml",
  azure: "tests/stacks/settings/Pulumi.azure.yaml",
};
type Cloud = keyof typeof FILES;
const clouds = ["aws", "gcp", "azure"] as const;

stopTheClock();

/** The faults of a cloud's stack file with changes. No exception: nothing here catches one. */
function refusal(cloud: Cloud, ...changes: ((settings: any) => void)[]) {
  const settings = settingsOf(FILES[cloud]);
  for (const change of changes) change(settings);
  const result = parseConfig(settings, {}, TODAY);
  return result.ok ? [] : result.faults;
}

/** One fault each: the cloud, the path that it has below the cloud's settings, and what makes it. */
const picked: [Cloud, string, (cloud: any, fabric: any) => void][] = [
  ["aws", "region", (aws) => (aws.region = "us-east-1a")],
  ["aws", "network.cidr", ({ network }) => (network.cidr = "10.0.0.0/8")],
  ["aws", "network.cidr", ({ network }) => (network.cidr = "8.8.0.0/16")],
  ["aws", "network.cidr", ({ network }) => (network.cidr = "10.64.1.0/16")],
  ["aws", "network.zones", ({ network }) => (network.zones = ["us-east-1a"])],
  ["aws", "network.zones[1]", ({ network }) => (network.zones = ["us-east-1a", "us-east-1a"])],
  [
    "aws",
    "network.zones[0]",
    ({ network }) => {
      elsewhere(network);
    },
  ],
  ["aws", "network.natMode", ({ network }) => (network.natMode = "two")],
  ["aws", "cluster.privateAccessCidrs[0]", ({ cluster }) => (cluster.privateAccessCidrs = ["x"])],
  ["aws", "cluster.serviceCidr", ({ cluster }) => (cluster.serviceCidr = "10.64.0.0/20")],
  ["aws", "cluster.publicAccessCidrs[0]", ({ cluster }) => (cluster.publicAccessCidrs = ["x"])],
  ["aws", "cluster.logRetentionDays", ({ cluster }) => (cluster.logRetentionDays = 91)],
  ["aws", "cluster.accessEntries", ({ cluster }) => (cluster.accessEntries = [])],
  ["aws", "cluster.addOns.vpcCni", ({ cluster }) => (cluster.addOns.vpcCni = "latest")],
  ["aws", "pools.metal.imageId", ({ pools }) => (pools.metal.imageId = "latest")],
  ["aws", "pools.metal.minNodes", ({ pools }) => (pools.metal.minNodes = 13)],
  ["aws", "pools.Metal", (aws) => (aws.pools = { Metal: aws.pools.metal })],
  ["aws", "karpenter.version", ({ karpenter }) => (karpenter.version = "0.37.0")],
  ["aws", "karpenter.pools[0].image", ({ karpenter }) => (karpenter.pools[0].image = "al2@v1")],
  ["gcp", "project", (gcp) => (gcp.project = "Fabric")],
  ["gcp", "region", (gcp) => (gcp.region = "europe")],
  ["gcp", "network.natMode", ({ network }) => (network.natMode = "per-zone")],
  ["gcp", "network.nodeCidr", ({ network }) => (network.nodeCidr = "10.64.0.0/29")],
  ["gcp", "network.podCidr", ({ network }) => (network.podCidr = "10.68.0.0/22")],
  ["gcp", "network.serviceCidr", ({ network }) => (network.serviceCidr = "10.68.0.0/20")],
  ["gcp", "network.flowLogs.sampling", ({ network }) => (network.flowLogs = { sampling: 2 })],
  ["gcp", "cluster.kubernetesVersion", ({ cluster }) => (cluster.kubernetesVersion = "1.36")],
  ["gcp", "cluster.kubernetesVersion", ({ cluster }) => (cluster.releaseChannel = "REGULAR")],
  ["gcp", "cluster.nodeZones[0]", ({ cluster }) => (cluster.nodeZones = ["us-central1-a"])],
  ["gcp", "cluster.nodeZones[1]", ({ cluster }) => (cluster.nodeZones[1] = "europe-west1-b")],
  ["gcp", "cluster.keyRotationDays", ({ cluster }) => (cluster.keyRotationDays = 1)],
  ["gcp", "cluster.databaseKeyId", ({ cluster }) => (cluster.databaseKeyId = "key")],
  ["gcp", "cluster.notificationTopic", ({ cluster }) => (cluster.notificationTopic = "topic")],
  ["gcp", "cluster.securityGroup", ({ cluster }) => (cluster.securityGroup = "admins@x.org")],
  ["gcp", "cluster.publicAccessCidrs", ({ cluster }) => (cluster.publicAccessCidrs = [])],
  ["gcp", "cluster.systemPool.diskGib", ({ cluster }) => (cluster.systemPool = { diskGib: 1 })],
  ["gcp", "pools.nested.machineType", ({ pools }) => (pools.nested.machineType = "e2-standard-8")],
  ["gcp", "pools.nested.machineType", ({ pools }) => (pools.nested.machineType = "n2d-standard-8")],
  ["gcp", "pools.nested.threadsPerCore", ({ pools }) => delete pools.nested.threadsPerCore],
  ["gcp", "pools.nested.clusterMode", ({ pools }) => (pools.nested.clusterMode = "autopilot")],
  ["gcp", "pools.nested.version", ({ pools }) => (pools.nested.version = "1.36")],
  ["gcp", "pools.nested.zones[0]", ({ pools }) => (pools.nested.zones[0] = "us-central1-b")],
  [
    "gcp",
    'pools.spot.metadata["user-data"]',
    ({ pools }) => {
      metadata(pools.spot, "user-data");
    },
  ],
  ["gcp", "pools.spot.minNodes", ({ pools }) => (pools.spot.minNodes = 11)],
  ["gcp", "labels.Team", ({ labels }) => (labels.Team = "platform")],
  ["azure", "location", (azure) => (azure.location = "West Europe")],
  ["azure", "subscriptionId", (azure) => (azure.subscriptionId = "production")],
  ["azure", "resourceGroupName", (azure) => (azure.resourceGroupName = "group.")],
  ["azure", "network.cidr", ({ network }) => (network.cidr = "10.64.0.0/23")],
  ["azure", "network.zones[2]", ({ network }) => (network.zones = ["1", "2", "4"])],
  ["azure", "network.publicPorts[0]", ({ network }) => (network.publicPorts = [70_000])],
  ["azure", "cluster.kubernetesVersion", ({ cluster }) => (cluster.kubernetesVersion = "1.20.1")],
  ["azure", "cluster.adminGroupObjectIds", ({ cluster }) => (cluster.adminGroupObjectIds = [])],
  ["azure", "cluster.access[0].principalId", ({ cluster }) => (cluster.access[0].principalId = "")],
  ["azure", "cluster.access[0].role", ({ cluster }) => (cluster.access[0].role = "owner")],
  ["azure", "cluster.podCidr", ({ cluster }) => (cluster.podCidr = "10.64.0.0/16")],
  ["azure", "cluster.egressCidrs", ({ cluster }) => (cluster.publicAccessCidrs = ["9.9.9.0/24"])],
  ["azure", "cluster.tier", ({ cluster }) => (cluster.longTermSupport = true)],
  ["azure", "cluster.logs.retentionDays", ({ cluster }) => (cluster.logs = { retentionDays: 7 })],
  ["azure", "cluster.imageCleanerHours", ({ cluster }) => (cluster.imageCleanerHours = 1)],
  ["azure", "cluster.zones[0]", ({ cluster }) => (cluster.zones = ["a"])],
  ["azure", "cluster.systemPool.vmSize", ({ cluster }) => (cluster.systemPool = { vmSize: "big" })],
  ["azure", "pools.nested.vmSize", ({ pools }) => (pools.nested.vmSize = "Standard_DC4as_v5")],
  ["azure", "pools.nested.trustedLaunch", ({ pools }) => (pools.nested.trustedLaunch = true)],
  [
    "azure",
    "pools.nested.workloadRuntime",
    ({ pools }) => {
      kata(pools.nested);
    },
  ],
  ["azure", "pools.nested.zones", ({ pools }) => (pools.nested.zones = [])],
  ["azure", "pools.nested.maxSurge", ({ pools }) => (pools.nested.maxSurge = "half")],
  ["azure", "pools.nested.diskGib", ({ pools }) => (pools.nested.diskGib = 10)],
  [
    "azure",
    "pools.spot.spot.maxPricePerHour",
    ({ pools }) => (pools.spot.spot.maxPricePerHour = 0),
  ],
  ["azure", "tags.a/b", ({ tags }) => (tags["a/b"] = "c")],
];

function elsewhere(network: any): void {
  network.zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
}

function metadata(pool: any, key: string): void {
  pool.metadata = { [key]: "x" };
}

function kata(pool: any): void {
  pool.workloadRuntime = "KataVmIsolation";
}

test.each(picked)("%s: a fault at %s, and no other", (cloud, path, change) => {
  const faults = refusal(cloud, (fabric) => {
    change(fabric[cloud], fabric);
  });
  expect(faults.map((fault) => fault.path)).toEqual([`${ROOT}.${cloud}.${path}`]);
});

/** Keys without which there is no stack, as they are in the files. */
const required: Record<Cloud, string[]> = {
  aws: [
    ...["region", "network", "cluster", "network.zones", "cluster.kubernetesVersion"],
    ...["cluster.accessEntries", "cluster.addOns", "cluster.systemPool"],
    ...["coreDns", "ebsCsiDriver", "kubeProxy", "podIdentityAgent", "vpcCni"].map(
      (addOn) => `cluster.addOns.${addOn}`,
    ),
    ...["cluster.systemPool.releaseVersion", "cluster.accessEntries.0.principalArn"],
    ...["karpenter.pools", "karpenter.pools.0.name", "karpenter.pools.0.image"],
    ...["pools.metal.imageId", "pools.metal.instanceTypes"],
  ],
  gcp: [
    ...["project", "region", "network", "pools.nested.version", "pools.nested.zones"],
    ...["pools.nested.machineType", "pools.nested.threadsPerCore", "pools.spot.version"],
    ...["pools.spot.zones", "pools.spot.machineType", "pools.spot.threadsPerCore"],
  ],
  azure: [
    ...["location", "network", "cluster", "cluster.kubernetesVersion"],
    ...["cluster.adminGroupObjectIds", "pools.nested.zones", "pools.spot.zones"],
    ...["pools.nested.vmSize", "pools.spot.vmSize"],
    ...["name", "principalId", "principalType", "role"].map((key) => `cluster.access.0.${key}`),
  ],
};
const common = [
  ...["environment", "target", "consul", "provisioner", "workers", "provisioner.assets"],
  ...["provisioner.image", "workers.worker.image", "provisioner.assets.amd64.kernel.url"],
];

function droppedFrom(cloud: Cloud): Mutation[] {
  const places = [...common, ...required[cloud].map((key) => `${cloud}.${key}`)];
  return places.map((text) =>
    dropped(
      ROOT,
      text.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    ),
  );
}

/** What looks wrong, and has a meaning: an empty list of further ranges, a toleration of every effect. */
const RIGHT = [
  /\.privateAccessCidrs empty$/,
  /\.access empty$/,
  /\.worker\.tolerations empty$/,
  /\.tolerations\[0\]\.(value|effect) empty$/,
  /\.(tags|labels)\.team empty$/,
  /\.storageClass empty$/,
  /\.maxPricePerHour of 1000000000$/,
];
const isWrong = ({ title }: Mutation) => !RIGHT.some((right) => right.test(title));

/** All single changes of a cloud's file: of its shape, which the schema refuses, and of values, which planners refuse. */
function kindsOf(cloud: Cloud) {
  const { unknownKeys, ...others } = mutationsOf(ROOT, settingsOf(FILES[cloud]));
  const all = [...Object.values(others).flat(), ...droppedFrom(cloud)].filter(isWrong);
  const isShape = ({ apply }: Mutation) => {
    const settings = settingsOf(FILES[cloud]);
    apply(settings);
    return !fabricSchema.safeParse(settings).success;
  };
  return {
    shape: [...unknownKeys, ...all.filter(isShape)],
    value: [...unknownKeys, ...all.filter((mutation) => !isShape(mutation))],
  };
}

const generated = clouds.flatMap((cloud) => {
  const { shape, value } = kindsOf(cloud);
  const all = new Map([...shape, ...value].map((mutation) => [mutation.title, mutation]));
  return [...all.values()].map((mutation) => [cloud, mutation] as const);
});

test("every single change of the real stack files is refused, at its place", () => {
  const missed = generated.filter(([cloud, { apply, path }]) =>
    refusal(cloud, apply).every((fault) => fault.path !== path),
  );
  expect(missed.map(([, { title }]) => title)).toEqual([]);
});

test("they are two hundred and many more, with those picked by hand", () => {
  expect(picked.length).toBeGreaterThanOrEqual(60);
  expect(generated.length + picked.length).toBeGreaterThanOrEqual(800);
});

test("what the tests let pass is right indeed", () => {
  const right = clouds.flatMap((cloud) => {
    const { numbers, emptyLists, emptyTexts } = mutationsOf(ROOT, settingsOf(FILES[cloud]));
    const passed = [...numbers, ...emptyLists, ...emptyTexts].filter((one) => !isWrong(one));
    return passed.map((mutation) => [cloud, mutation] as const);
  });
  expect(right.length).toBeGreaterThan(10);
  expect(right.filter(([cloud, { apply }]) => refusal(cloud, apply).length > 0)).toEqual([]);
});

/** Where a change is: what a toleration's key may be goes by its operator, so each counts as one place. */
function placeOf({ place }: Mutation): readonly (string | number)[] {
  const at = place.indexOf("tolerations");
  return at === -1 ? place : place.slice(0, at + 2);
}

/** Several changes at places apart from each other: below one of them, nothing would be left to be wrong. */
function apart(mutations: readonly Mutation[]) {
  const isWithin = (one: Mutation, other: Mutation) =>
    placeOf(other).every((key, index) => placeOf(one)[index] === key);
  return fc
    .uniqueArray(fc.constantFrom(...mutations), { minLength: 2, maxLength: 6 })
    .filter((chosen) =>
      chosen.every((one) => chosen.every((other) => one === other || !isWithin(one, other))),
    );
}

test.each(clouds.flatMap((cloud) => (["shape", "value"] as const).map((kind) => [cloud, kind])))(
  "%s: of several faults of %s at once, every one is named, in a line each",
  (cloud, kind) => {
    const mutations = kindsOf(cloud as Cloud)[kind as "shape" | "value"];
    expect(mutations.length).toBeGreaterThan(60);
    fc.assert(
      fc.property(apart(mutations), (chosen) => {
        const faults = refusal(cloud as Cloud, ...chosen.map(({ apply }) => apply));
        const paths = faults.map(({ path }) => path);
        expect(chosen.map(({ path }) => path).filter((path) => !paths.includes(path))).toEqual([]);
        for (const line of faults.map(renderFault)) {
          expect(line).toMatch(/^kvm-fabric:[^\n]+$/);
          expect(line).not.toMatch(/\bat .+:\d+:\d+|Error:|undefined|\[object Object\]/);
        }
      }),
      { numRuns: 60, seed: 42 },
    );
  },
);

test("the engine is shown them in one error, before it is asked for any resource", async () => {
  const settings = settingsOf(FILES.gcp);
  settings.gcp.region = "europe";
  settings.gcp.pools.spot.minNodes = -1;
  const config = { "kvm-fabric:fabric": JSON.stringify(settings) };
  let failure: unknown;
  const program = () => {
    try {
      readConfig();
    } catch (error) {
      failure = error;
    }
  };
  const { resources } = await deploy(program, { config, stack: "prod" });
  expect(resources).toEqual([]);
  expect(failure).toBeInstanceOf(RunError);
  expect(String(failure)).toMatch(/the configuration of stack prod has 2 faults:/);
  expect(String(failure)).toContain("\n  kvm-fabric:fabric.gcp.region: not a region");
  expect(String(failure)).toContain("\n  kvm-fabric:fabric.gcp.pools.spot.minNodes: out of range");
});
