import * as serviceaccount from "@pulumi/gcp/serviceaccount";
import type * as pulumi from "@pulumi/pulumi";
import { GcpKvmNodePool } from "../../../components/kvm-node-pool/gcp";
import {
  type GcpKvmNodePoolArgs,
  GkeImageType,
  GkeUpgradeStrategy,
} from "../../../components/kvm-node-pool/gcp-args";
import { TaintEffect } from "../../../components/shared/kvm-nodes";
import { type Deployment, deploy, find, tree } from "../../support/deploy";
import { gcpLeast } from "../../unit/components/kvm-node-pool/least";

const POOL = "gcp:container/nodePool:NodePool";
const EMAIL = "kvm-nodes@fabric-project.iam.gserviceaccount.com";

const outputsOf = (type: string) =>
  type === "gcp:serviceaccount/account:Account"
    ? { email: EMAIL, member: `serviceAccount:${EMAIL}` }
    : {};

function deployPool(args: Partial<GcpKvmNodePoolArgs> = {}): Promise<Deployment> {
  return deploy(
    () => {
      new GcpKvmNodePool("kvm", { ...gcpLeast, ...args });
    },
    { outputsOf },
  );
}

const poolOf = async (args: Partial<GcpKvmNodePoolArgs> = {}) =>
  find(await deployPool(args), POOL, "kvm");

test("makes exactly its resources, each below it", async () => {
  const deployment = await deployPool();
  expect(tree(deployment)).toEqual([
    "gcp:container/nodePool:NodePool kvm < kvm",
    "gcp:projects/iAMMember:IAMMember kvm-artifactregistry.reader < kvm",
    "gcp:projects/iAMMember:IAMMember kvm-container.defaultNodeServiceAccount < kvm",
    "gcp:serviceaccount/account:Account kvm < kvm",
    "kvm-fabric:index:GcpKvmNodePool kvm < stack",
  ]);
  const pool = find(deployment, POOL, "kvm");
  expect(deployment.outputs.get("kvm")).toEqual({
    nodeLabels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "kvm" },
    poolName: pool.inputs.name,
    serviceAccountEmail: EMAIL,
  });
});

test("the nodes nest, join with labels and taints in GKE's spelling, and are guarded", async () => {
  const { inputs } = await poolOf({
    taints: [{ key: "gpu", value: "", effect: TaintEffect.NoExecute }],
    maxNodes: 6,
  });
  expect(inputs).toMatchObject({
    autoscaling: { locationPolicy: "BALANCED", totalMinNodeCount: 1, totalMaxNodeCount: 6 },
    cluster: "fabric",
    initialNodeCount: 1,
    location: "europe-west1",
    management: { autoRepair: true, autoUpgrade: false },
    maxPodsPerNode: 110,
    networkConfig: { enablePrivateNodes: true },
    nodeLocations: ["europe-west1-b", "europe-west1-c"],
    project: "fabric-project",
    upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
    version: "1.36.3-gke.1640000",
  });
  expect(inputs.nodeConfig).toEqual({
    advancedMachineFeatures: { enableNestedVirtualization: true, threadsPerCore: 2 },
    diskSizeGb: 100,
    diskType: "pd-ssd",
    imageType: "UBUNTU_CONTAINERD",
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    labels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "kvm" },
    machineType: "n2-standard-8",
    metadata: { "disable-legacy-endpoints": "true" },
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    resourceLabels: {},
    serviceAccount: EMAIL,
    shieldedInstanceConfig: { enableIntegrityMonitoring: true, enableSecureBoot: true },
    spot: false,
    tags: [],
    taints: [
      { key: "kvm-fabric.dev/worker", value: "true", effect: "NO_SCHEDULE" },
      { key: "kvm-fabric.dev/not-ready", value: "true", effect: "NO_SCHEDULE" },
      { key: "gpu", value: "", effect: "NO_EXECUTE" },
    ],
    workloadMetadataConfig: { mode: "GKE_METADATA" },
  });
});

test("the first count is never looked at again, nor is a version that GKE upgrades", async () => {
  expect((await poolOf({ maxNodes: 6 })).ignoreChanges).toEqual(["initialNodeCount"]);
  expect((await poolOf({ autoUpgrade: true })).ignoreChanges).toEqual([
    "initialNodeCount",
    "version",
  ]);
  expect((await poolOf({ minNodes: 5 })).inputs).toMatchObject({
    autoscaling: { totalMinNodeCount: 5, totalMaxNodeCount: 5 },
    initialNodeCount: 3,
  });
});

test("the account's roles outlive the nodes", async () => {
  expect((await poolOf()).dependsOn).toEqual([
    "kvm",
    "kvm-artifactregistry.reader",
    "kvm-container.defaultNodeServiceAccount",
  ]);
});

test("an account of one's own is used as it is", async () => {
  const deployment = await deployPool({ serviceAccount: "mine@project" });
  expect(tree(deployment)).toEqual([
    "gcp:container/nodePool:NodePool kvm < kvm",
    "kvm-fabric:index:GcpKvmNodePool kvm < stack",
  ]);
  expect(find(deployment, POOL, "kvm").inputs.nodeConfig.serviceAccount).toBe("mine@project");
});

test("metal machines have no threads to set, and C4 its own disk", async () => {
  const metal = await poolOf({ machineType: "c3-standard-192-metal", threadsPerCore: undefined });
  expect(metal.inputs.nodeConfig.advancedMachineFeatures).toBeUndefined();
  const c4 = await poolOf({ machineType: "c4-standard-8" });
  expect(c4.inputs.nodeConfig.diskType).toBe("hyperdisk-balanced");
});

test("spot, keys, host profile and blue-green upgrades come as GKE takes them", async () => {
  const { inputs } = await poolOf({
    bootDiskKmsKey: "projects/p/key",
    hostProfile: { hugepages: { count: 512 } },
    spot: true,
    tags: { team: "a" },
    upgradeStrategy: GkeUpgradeStrategy.BlueGreen,
  });
  expect(inputs.autoscaling.locationPolicy).toBe("ANY");
  expect(inputs.nodeConfig).toMatchObject({
    bootDiskKmsKey: "projects/p/key",
    linuxNodeConfig: { hugepagesConfig: { hugepageSize2m: 512 } },
    resourceLabels: { team: "a" },
    spot: true,
  });
  expect(inputs.upgradeSettings).toEqual({
    strategy: "BLUE_GREEN",
    blueGreenSettings: {
      nodePoolSoakDuration: "3600s",
      standardRolloutPolicy: { batchNodeCount: 1, batchSoakDuration: "60s" },
    },
  });
});

test("the name in GKE changes with what replaces the pool, and with nothing else", async () => {
  const nameOf = async (args: Partial<GcpKvmNodePoolArgs>) => (await poolOf(args)).inputs.name;
  const name = await nameOf({});
  expect(name).toMatch(/^kvm-[0-9a-f]{8}$/);
  const same: Partial<GcpKvmNodePoolArgs>[] = [
    { machineType: "n2-standard-16" },
    { imageType: GkeImageType.ContainerOptimized },
    { minNodes: 4 },
    { labels: { a: "b" } },
    { hostProfile: {} },
    { cluster: { ...gcpLeast.cluster, endpoint: "https://203.0.113.9" } },
  ];
  for (const args of same) expect(await nameOf(args)).toBe(name);
  const other: Partial<GcpKvmNodePoolArgs>[] = [
    { threadsPerCore: 1 },
    { spot: true },
    { bootDiskKmsKey: "projects/p/key" },
    { serviceAccount: "mine@project" },
    { cluster: { ...gcpLeast.cluster, name: "other" } },
  ];
  for (const args of other) expect(await nameOf(args)).not.toBe(name);
});

test("makes the same tree where nothing is known yet", async () => {
  const program = () => {
    const later = (accountId: string): pulumi.Output<string> =>
      new serviceaccount.Account(accountId, { accountId }).accountId;
    const cluster = Object.fromEntries(
      Object.keys(gcpLeast.cluster).map((key) => [key, later(key)]),
    );
    new GcpKvmNodePool("kvm", {
      ...gcpLeast,
      bootDiskKmsKey: later("key"),
      cluster: { ...gcpLeast.cluster, ...cluster },
      version: later("version"),
    });
  };
  const known = await deploy(program, { outputsOf });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
});

test("a pool with an account of its own has its name in a first preview already", async () => {
  const deployment = await deploy(
    () => {
      new GcpKvmNodePool("kvm", gcpLeast);
    },
    { preview: true },
  );
  expect(find(deployment, POOL, "kvm").inputs.name).toBe((await poolOf()).inputs.name);
});
