import { planAwsPool } from "../../../../components/kvm-node-pool/aws-plan";
import { planAzurePool } from "../../../../components/kvm-node-pool/azure-plan";
import { planGcpPool } from "../../../../components/kvm-node-pool/gcp-plan";
import { type Planned, renderFault } from "../../../../components/shared/faults";
import { sha256 } from "../node-provisioner/script/ended";
import { assets, awsLeast, azureLeast, gcpLeast } from "./least";

const linesOf = (result: Planned<unknown>) => (result.ok ? [] : result.faults.map(renderFault));
// Untyped programs and other languages can leave out or misspell anything.
const aws = (args: object, name = "kvm") => linesOf(planAwsPool(name, { ...awsLeast, ...args }));
const gcp = (args: object, name = "kvm") => linesOf(planGcpPool(name, { ...gcpLeast, ...args }));
const azure = (args: object, name = "kvm") =>
  linesOf(planAzurePool(name, { ...azureLeast, ...args }));

/** URLs that no packing makes shorter. */
function tooLarge() {
  const url = (name: string) =>
    `https://assets.example.com/${Array.from({ length: 30 }, (_, n) => sha256(name + String(n))).join("/")}`;
  const { kernel } = assets.amd64;
  return {
    amd64: { kernel: { ...kernel, url: url("kernel") }, rootfs: { ...kernel, url: url("rootfs") } },
  };
}

const declared = { type: "m9i.large", kvm: "nested", architecture: "amd64" };
const metal = { type: "c9-standard-9-metal", kvm: "metal", architecture: "amd64" };

test("the least arguments are refused nowhere", () => {
  expect([aws({}), gcp({}), azure({})]).toEqual([[], [], []]);
});

test.each<[string, object, RegExp]>([
  [
    "nested on a managed group",
    { nodeGroup: "managed" },
    /^nodeGroup: EKS drops nested .*#2784.*; try "self-managed", or Karpenter from 1\.13, or metal/,
  ],
  [
    "Auto Mode",
    { nodeGroup: "auto-mode" },
    /^nodeGroup: EKS Auto Mode's nodes .*; try "self-managed", or Karpenter/,
  ],
  [
    "another kind of group",
    { nodeGroup: "fargate" },
    /^nodeGroup: not one of the values, got "fargate", allowed self-managed, managed/,
  ],
  ["Amazon Linux 2", { imageFamily: "al2" }, /^imageFamily: .*kernel 5\.10.*; try "al2023"/],
  [
    "another system",
    { imageFamily: "windows" },
    /^imageFamily: not one of .*allowed al2023, bottlerocket/,
  ],
  [
    "an alias of SSM",
    { imageId: "resolve:ssm:/aws/service/eks/x" },
    /^imageId: an alias, .*; try the id/,
  ],
  ["an alias of Karpenter", { imageId: "al2023@latest" }, /^imageId: an alias/],
  ["no image", { imageId: undefined }, /^imageId: missing/],
  ["a wrong image", { imageId: "ami-XYZ" }, /^imageId: not the id of an image, got "ami-XYZ"/],
  [
    "no subnets",
    { subnetIds: [] },
    /^subnetIds: empty, got \[\]; try a private subnet of each zone/,
  ],
  ["a subnet twice", { subnetIds: ["a", "a"] }, /^subnetIds\[1\]: given twice, got "a"/],
  ["no machine", { instanceTypes: [] }, /^instanceTypes: empty; try m8i\.2xlarge/],
  [
    "a machine without KVM",
    { instanceTypes: ["m8i.large", "m6i.large"] },
    /^instanceTypes\[1\]: gives no \/dev\/kvm/,
  ],
  [
    "metal beside nested",
    { instanceTypes: ["m8i.large", "m5.metal"] },
    /^instanceTypes: machines of both kinds.*; try a pool for each/,
  ],
  [
    "two architectures",
    { instanceTypes: ["m5.metal", "c7g.metal"] },
    /^instanceTypes: machines of two architectures/,
  ],
  [
    "a type twice",
    { instanceTypes: ["m8i.large", "m8i.large"] },
    /^instanceTypes\[1\]: given twice/,
  ],
  [
    "a badly declared machine",
    { instanceTypes: [], machines: [{ ...declared, kvm: "maybe" }] },
    /^machines\[0\]\.kvm: not one of the values/,
  ],
  [
    "spot on a reservation",
    { spot: true, capacityReservationId: "cr-1" },
    /^spot: spot machines use no capacity reservation/,
  ],
  ["a warm pool of spot", { spot: true, warmPool: {} }, /^warmPool: not with spot machines/],
  [
    "a warm pool of several types",
    { instanceTypes: ["m8i.large", "c8i.large"], warmPool: {} },
    /^warmPool: not with several types/,
  ],
  [
    "a warm managed group",
    { instanceTypes: ["m5.metal"], nodeGroup: "managed", warmPool: {} },
    /^warmPool: not with a managed group/,
  ],
  [
    "a refresh of a managed group",
    { instanceTypes: ["m5.metal"], nodeGroup: "managed", instanceRefresh: {} },
    /^instanceRefresh: has no meaning with a managed group/,
  ],
  ["a host that cannot be", { hostProfile: { sysctls: { "a;b": "1" } } }, /^hostProfile\.sysctls/],
  [
    "of Bottlerocket what it has no word for",
    { imageFamily: "bottlerocket", hostProfile: { smt: "off" } },
    /^hostProfile\.smt: not a setting that Bottlerocket has/,
  ],
  [
    "assets for Bottlerocket",
    { imageFamily: "bottlerocket", hostProfile: { assets } },
    /^hostProfile\.assets: Bottlerocket runs no script; .*hold the join up.*; try Amazon Linux 2023/,
  ],
  [
    "assets of another architecture",
    { instanceTypes: ["c7g.metal"], hostProfile: { assets } },
    /^hostProfile\.assets\.arm64: missing for machines of the pool, allowed their files/,
  ],
  [
    "assets that only a pod can mount",
    { hostProfile: { assets: { ...assets, mirrors: ["nfs://server/export"] } } },
    /^hostProfile\.assets\.mirrors\[0\]: only a pod mounts it, got "nfs:/,
  ],
  [
    "assets that are too much for user data",
    { hostProfile: { assets: tooLarge() } },
    /^hostProfile\.assets: too large for user data, got "\d{5} bytes, \d{5} of them for the host", allowed 16384 bytes.*; try fewer or shorter URLs/,
  ],
  ["a small disk", { diskGib: 4 }, /^diskGib: out of range, got 4/],
  ["no patience", { healthCheckGraceSeconds: -1 }, /^healthCheckGraceSeconds: out of range/],
  [
    "a life of a minute",
    { maxInstanceLifetimeDays: 0.001 },
    /^maxInstanceLifetimeDays: out of range/,
  ],
  ["no units of KVM", { kvmUnits: 0 }, /^kvmUnits: out of range/],
  [
    "more than healthy",
    { instanceRefresh: { minHealthyPercentage: 101 } },
    /^instanceRefresh\.minHealthyPercentage: out of range/,
  ],
  [
    "a label longer than a tag",
    { labels: { [`${"a".repeat(60)}.example.com/${"b".repeat(40)}`]: "" } },
    /^labels\[".*"\]: too long for the tag/,
  ],
  [
    "a tag of the autoscaler's",
    { tags: { "k8s.io/cluster-autoscaler/enabled": "false" } },
    /^tags\[".*"\]: a tag that the pool or AWS sets itself/,
  ],
])("AWS refuses %s", (_, args, line) => {
  expect(aws(args)).toEqual([expect.stringMatching(line)]);
});

test.each<[string, object, RegExp]>([
  [
    "modules on GKE",
    { hostProfile: { kernelModules: ["tun"] } },
    /^hostProfile\.kernelModules: not in GKE's node configuration/,
  ],
  [
    "assets",
    { hostProfile: { assets } },
    /^hostProfile\.assets: not in GKE's node configuration, and nodes run no script .*; try to leave it out: the node provisioner brings/,
  ],
  [
    "one thread by profile",
    { hostProfile: { smt: "off" } },
    /^hostProfile\.smt: .*; try threadsPerCore 1/,
  ],
  [
    "a kernel setting that is none of GKE's",
    { hostProfile: { sysctls: { "kernel.panic": "1" } } },
    /^hostProfile\.sysctls\["kernel\.panic"\]: not a kernel setting that GKE sets/,
  ],
  [
    "Autopilot",
    { clusterMode: "autopilot" },
    /^clusterMode: Autopilot's nodes .*; try a GKE Standard cluster/,
  ],
  ["E2", { machineType: "e2-standard-8" }, /^machineType: gives no \/dev\/kvm: E2/],
  ["AMD", { machineType: "n2d-standard-8" }, /^machineType: .*AMD processors/],
  ["Arm", { machineType: "t2a-standard-8" }, /^machineType: .*Arm processors/],
  ["no machine", { machineType: undefined }, /^machineType: missing/],
  ["two machines", { machine: declared }, /^machine: given beside machineType/],
  [
    "old COS",
    { imageType: "COS_CONTAINERD", version: "1.28.4-gke.1082999" },
    /^version: Container-Optimized OS .*; try 1\.28\.4-gke\.1083000 or later, or imageType "UBUNTU/,
  ],
  ["another image", { imageType: "WINDOWS_LTSC_CONTAINERD" }, /^imageType: not one of the values/],
  ["no threads", { threadsPerCore: undefined }, /^threadsPerCore: missing, .*; try 2, or 1/],
  [
    "0 threads",
    { threadsPerCore: 0 },
    /^threadsPerCore: out of range, got 0, allowed whole numbers 1 to 2/,
  ],
  [
    "threads of metal",
    { machineType: "c3-standard-192-metal" },
    /^threadsPerCore: has no meaning on a metal/,
  ],
  [
    "a script at the start",
    { metadata: { "startup-script": "x" } },
    /^metadata\["startup-script"\]: a key that GKE keeps/,
  ],
  [
    "user data",
    { metadata: { "user-data": "x" } },
    /^metadata\["user-data"\]: a key that GKE keeps/,
  ],
  [
    "spot metal",
    { machineType: undefined, machine: metal, threadsPerCore: undefined, spot: true },
    /^spot: metal machines are not sold as spot/,
  ],
  ["a version that moves", { version: "1.36" }, /^version: not a whole version/],
  ["no version", { version: undefined }, /^version: missing/],
  ["no zones", { zones: [] }, /^zones: empty/],
  ["a region for a zone", { zones: ["europe-west1"] }, /^zones\[0\]: not a zone/],
  [
    "an owner of the project",
    { serviceAccountRoles: ["roles/editor"] },
    /^serviceAccountRoles\[0\]: a role over the whole project/,
  ],
  [
    "roles for another's account",
    { serviceAccount: "a@b", serviceAccountRoles: ["roles/x"] },
    /^serviceAccountRoles: has no meaning/,
  ],
  ["an upgrade that cannot go on", { maxSurge: 0 }, /^maxSurge: 0 like maxUnavailable/],
  [
    "a surge of blue and green",
    { upgradeStrategy: "BLUE_GREEN", maxSurge: 1 },
    /^maxSurge: has no meaning with blue-green/,
  ],
  ["another strategy", { upgradeStrategy: "RED" }, /^upgradeStrategy: not one of the values/],
  ["another policy", { locationPolicy: "SOME" }, /^locationPolicy: not one of the values/],
  ["too many pods", { maxPodsPerNode: 300 }, /^maxPodsPerNode: out of range/],
])("GCP refuses %s", (_, args, line) => {
  expect(gcp(args)).toEqual([expect.stringMatching(line)]);
});

test.each<[string, object, RegExp]>([
  [
    "huge pages",
    { hostProfile: { hugepages: { count: 512 } } },
    /^hostProfile\.hugepages: not in AKS's node configuration/,
  ],
  [
    "assets",
    { hostProfile: { assets } },
    /^hostProfile\.assets: not in AKS's node configuration, .*; try to leave it out: the node provisioner brings/,
  ],
  ["swap", { hostProfile: { swap: true } }, /^hostProfile\.swap: not in AKS's node configuration/],
  [
    "a kernel setting that is none of AKS'",
    { hostProfile: { sysctls: { "kernel.panic": "1" } } },
    /^hostProfile\.sysctls\["kernel\.panic"\]: not a kernel setting that AKS sets/,
  ],
  [
    "a kernel setting that AKS takes less of",
    { hostProfile: { sysctls: { "vm.max_map_count": "1048576" } } },
    /^hostProfile\.sysctls\["vm\.max_map_count"\]: out of AKS' range, .*65530 to 262144/,
  ],
  [
    "the pod sandbox",
    { workloadRuntime: "KataVmIsolation" },
    /^workloadRuntime: Microsoft's pod sandbox .*; try "OCIContainer"/,
  ],
  ["another runtime", { workloadRuntime: "WasmWasi" }, /^workloadRuntime: not one of the values/],
  ["Trusted Launch", { trustedLaunch: true }, /^trustedLaunch: .*; try false/],
  [
    "confidential sizes",
    { vmSize: "Standard_DC8s_v3" },
    /^vmSize: gives no \/dev\/kvm: confidential/,
  ],
  ["AMD", { vmSize: "Standard_D8as_v5" }, /^vmSize: .*AMD/],
  ["metal", { vmSize: undefined, machine: metal }, /^machine\.kvm: AKS has no metal machines/],
  ["no zones", { zones: [] }, /^zones: empty/],
  ["a zone by another name", { zones: ["westeurope-1"] }, /^zones\[0\]: not a zone of Azure/],
  [
    "a disk on a host without room",
    { osDisk: "Ephemeral" },
    /^osDisk: Standard_D8s_v5 has no room .*; try "Managed", or/,
  ],
  ["another disk", { osDisk: "Floppy" }, /^osDisk: not one of the values/],
  ["another system", { image: "AzureLinux" }, /^image: not one of the values/],
  ["a price of nothing", { spot: { maxPricePerHour: 0 } }, /^spot\.maxPricePerHour: not a price/],
  ["no surge", { maxSurge: "0" }, /^maxSurge: no number of nodes/],
  ["few pods", { maxPodsPerNode: 10 }, /^maxPodsPerNode: out of range/],
  ["a version that moves", { version: "1.36" }, /^version: not a whole version/],
  [
    "a label of AKS'",
    { labels: { "kubernetes.azure.com/mode": "system" } },
    /^labels\[".*"\]: in a domain that AKS keeps/,
  ],
  ["no subnet", { subnetId: "" }, /^subnetId: empty/],
])("Azure refuses %s", (_, args, line) => {
  expect(azure(args)).toEqual([expect.stringMatching(line)]);
});

describe.each([
  ["AWS", aws],
  ["GCP", gcp],
  ["Azure", azure],
])("every pool on %s", (_, refuse) => {
  test.each<[string, object, RegExp]>([
    [
      "more least than most",
      { minNodes: 3, maxNodes: 2 },
      /^minNodes: more than maxNodes, got 3, allowed at most 2/,
    ],
    ["less than none", { minNodes: -1 }, /^minNodes: out of range/],
    ["half a node", { minNodes: 0, maxNodes: 1.5 }, /^maxNodes: out of range/],
    ["a wrong domain", { domain: "nodots" }, /^domain: not a DNS domain/],
    [
      "Kubernetes' domain",
      { domain: "x.kubernetes.io" },
      /^domain: a domain that Kubernetes keeps/,
    ],
    [
      "a label of the contract",
      { labels: { "kvm-fabric.dev/assets": "v1" } },
      /^labels\[.*\]: in the domain of the node contract/,
    ],
    [
      "a label no kubelet sets",
      { labels: { "node-role.kubernetes.io/kvm": "" } },
      /^labels\[.*\]: a label that a kubelet must not set/,
    ],
    ["a wrong label", { labels: { "a b": "c" } }, /^labels\["a b"\]: not a key/],
    ["a wrong value", { labels: { a: "b c" } }, /^labels\["a"\]: not the value/],
    [
      "a taint of the contract",
      { taints: [{ key: "kvm-fabric.dev/worker", value: "", effect: "NoSchedule" }] },
      /^taints\[0\]\.key: in the domain/,
    ],
    [
      "another effect",
      { taints: [{ key: "a", value: "", effect: "NO_SCHEDULE" }] },
      /^taints\[0\]\.effect: not one of the values/,
    ],
    [
      "a taint twice",
      { taints: [1, 2].map(() => ({ key: "a", value: "", effect: "NoSchedule" })) },
      /^taints\[1\]: given twice/,
    ],
  ])("refuses %s", (_name, args, line) => {
    expect(refuse(args)).toEqual([expect.stringMatching(line)]);
  });

  test("refuses a name no object can have", () => {
    expect(refuse({}, "Kvm_Pool")).toEqual([expect.stringMatching(/^name: cannot begin the name/)]);
  });

  test("names everything at once", () => {
    const lines = refuse({
      domain: "x",
      minNodes: -1,
      labels: { "a b": "" },
      subnetIds: [],
      zones: [],
    });
    expect(lines.length).toBeGreaterThanOrEqual(4);
  });
});

test("what is only known later is not refused before", () => {
  const later: any = { then: "an output" };
  expect(aws({ imageId: later, subnetIds: later })).toEqual([]);
  expect(gcp({ version: later })).toEqual([]);
  expect(azure({ version: later, subnetId: later })).toEqual([]);
});
