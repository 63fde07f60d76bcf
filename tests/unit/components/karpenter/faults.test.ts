import * as fc from "fast-check";
import type { KarpenterArgs, KarpenterPool } from "../../../../components/karpenter/args";
import type { KarpenterNodePool } from "../../../../components/karpenter/node-pools-args";
import { planNodePools } from "../../../../components/karpenter/node-pools-plan";
import { durationMinutes } from "../../../../components/karpenter/node-pool";
import { planKarpenter } from "../../../../components/karpenter/plan";
import {
  compareMinors,
  KARPENTER_VERSION,
  KUBERNETES_SUPPORT,
  UPGRADE_CLIFFS,
  versionFaults,
} from "../../../../components/karpenter/versions";
import { cluster } from "../../../components/karpenter/cluster";
import { assets } from "../kvm-node-pool/least";
import { sha256 } from "../node-provisioner/script/ended";

const pause = `registry.k8s.io/pause@sha256:${"b".repeat(64)}`;
const pool: KarpenterPool = {
  name: "p",
  kvm: "nested",
  instanceFamilies: ["m8i"],
  image: "al2023@v20260801",
};

function faultsOf(args: Partial<KarpenterArgs>, name = "karpenter") {
  const planned = planKarpenter(name, { cluster, pools: [pool], ...args });
  return planned.ok ? [] : planned.faults;
}

test("the least that is needed is enough", () => {
  expect(faultsOf({})).toEqual([]);
  expect(
    faultsOf({ pools: [{ ...pool, kvm: "metal", instanceFamilies: ["m7g", "c7g"] }] }),
  ).toEqual([]);
});

/** Assets that fit into user data by themselves, and not beside a node's other data. */
const url = `https://assets.example.com/${Array.from({ length: 28 }, (_, n) => sha256(String(n))).join("/")}`;
const largeAssets = { amd64: { ...assets.amd64, kernel: { ...assets.amd64.kernel, url } } };

const inPool = (change: Partial<KarpenterPool>): Partial<KarpenterArgs> => ({
  pools: [{ ...pool, ...change }],
});
const warm = { image: pause, namespace: "n", nodes: 1 };
const text = (value: unknown) => value as never;

const bad: [string, Partial<KarpenterArgs>, string, RegExp][] = [
  ["a domain of Kubernetes", { domain: "k8s.io" }, "domain", /keeps for itself/],
  ["a version that floats", { version: "latest" }, "version", /not a version/],
  ["a version with a letter", { version: "v1.14.1" }, "version", /not a version/],
  ["an old version", { version: "1.8.2" }, "version", /older/],
  ["a version that is not known yet", { version: "1.15.0" }, "version", /newer than is known/],
  [
    "a version too old for the Kubernetes",
    { version: "1.12.3" },
    "version",
    /cannot run on Kubernetes 1.36/,
  ],
  [
    "a version without nested virtualisation",
    { version: "1.12.3", kubernetesVersion: "1.35" },
    "version",
    /nested/,
  ],
  ["a Kubernetes that is not known", { kubernetesVersion: "1.40" }, "kubernetesVersion", /yet/],
  [
    "a Kubernetes that is gone",
    { kubernetesVersion: "1.24" },
    "kubernetesVersion",
    /not a Kubernetes/,
  ],
  [
    "balanced consolidation before its time",
    { version: "1.13.0", ...inPool({ scaling: { consolidation: "Balanced" } }) },
    "version",
    /balanced/,
  ],
  ["no replica", { replicas: 0 }, "replicas", /out of range/],
  ["a time-out of a second", { chartTimeoutSeconds: 1 }, "chartTimeoutSeconds", /out of range/],
  ["no amount of CPU", { resources: { cpu: "lots" } }, "resources.cpu", /CPU/],
  ["memory without a unit", { resources: { memory: "512" } }, "resources.memory", /memory/],
  [
    "a toleration of everything",
    { tolerations: [{ operator: "Exists" }] },
    "tolerations[0].key",
    /every taint/,
  ],
  ["no namespace", { namespace: "Kube_System" }, "namespace", /name/],
  [
    "charts by another way",
    { chartRepository: "https://charts.example" },
    "chartRepository",
    /registry/,
  ],
  ["no policy", { nodePolicyArns: ["AdministratorAccess"] }, "nodePolicyArns[0]", /ARN/],
  [
    "a tag of Karpenter's",
    { tags: { "karpenter.sh/nodepool": "x" } },
    "tags.karpenter.sh/nodepool",
    /itself/,
  ],
  [
    "a tag of the cluster's",
    { tags: { "kubernetes.io/cluster/a": "owned" } },
    "tags.kubernetes.io/cluster/a",
    /itself/,
  ],
  ["a tag of AWS's", { tags: { "aws:x": "y" } }, "tags.aws:x", /itself/],
  ["no pool", { pools: [] }, "pools", /no pool/],
  ["a pool twice", { pools: [pool, pool] }, "pools[1].name", /another pool/],
  ["no name of a pool", inPool({ name: "Big Pool" }), "pools[0].name", /not the name/],
  ["no way to KVM", inPool({ kvm: text("emulated") }), "pools[0].kvm", /not one of/],
  ["no family", inPool({ instanceFamilies: [] }), "pools[0].instanceFamilies", /empty/],
  [
    "a type for a family",
    inPool({ instanceFamilies: ["m8i.2xlarge"] }),
    "pools[0].instanceFamilies[0]",
    /not an instance family/,
  ],
  [
    "nested on AMD",
    inPool({ instanceFamilies: ["m8i", "m8a"] }),
    "pools[0].instanceFamilies[1]",
    /AMD/,
  ],
  [
    "nested on Graviton",
    inPool({ instanceFamilies: ["c8g"] }),
    "pools[0].instanceFamilies[0]",
    /Graviton/,
  ],
  [
    "nested on older Intel",
    inPool({ instanceFamilies: ["m6i"] }),
    "pools[0].instanceFamilies[0]",
    /some Intel/,
  ],
  [
    "metal where there is none",
    inPool({ kvm: "metal", instanceFamilies: ["t3"] }),
    "pools[0].instanceFamilies[0]",
    /catalogue/,
  ],
  [
    "two architectures",
    inPool({ kvm: "metal", instanceFamilies: ["m7i", "m7g"] }),
    "pools[0].instanceFamilies",
    /two architectures/,
  ],
  [
    "an architecture that is none",
    inPool({ declaredArchitecture: text("sparc") }),
    "pools[0].declaredArchitecture",
    /not one of/,
  ],
  ["no size left", inPool({ instanceSizes: [] }), "pools[0].instanceSizes", /empty/],
  ["no size", inPool({ instanceSizes: ["big"] }), "pools[0].instanceSizes[0]", /not a size/],
  [
    "a metal size in a nested pool",
    inPool({ instanceSizes: ["metal-24xl"] }),
    "pools[0].instanceSizes[0]",
    /nested machine/,
  ],
  [
    "a virtual size in a metal pool",
    inPool({ kvm: "metal", instanceFamilies: ["m7i"], instanceSizes: ["4xlarge"] }),
    "pools[0].instanceSizes[0]",
    /metal machine/,
  ],
  ["half a processor", inPool({ minCpus: 0.5 }), "pools[0].minCpus", /out of range/],
  ["the latest image", inPool({ image: "al2023@latest" }), "pools[0].image", /not pinned/],
  ["Amazon Linux 2", inPool({ image: "al2@v20250101" }), "pools[0].image", /too old/],
  ["Windows", inPool({ image: "windows2022@latest" }), "pools[0].image", /not pinned/],
  ["an image by name", inPool({ image: "my-image" }), "pools[0].image", /not a pinned image/],
  [
    "an AMI that does not tell",
    inPool({ image: "ami-0123456789abcdef0" }),
    "pools[0].imageFamily",
    /does not tell/,
  ],
  [
    "an AMI of no family",
    inPool({ image: "ami-0123456789abcdef0", imageFamily: text("Ubuntu") }),
    "pools[0].imageFamily",
    /not one of/,
  ],
  [
    "another family than the alias's",
    inPool({ imageFamily: "Bottlerocket" }),
    "pools[0].imageFamily",
    /alias/,
  ],
  ["a small disk", inPool({ volume: { sizeGib: 4 } }), "pools[0].volume.sizeGib", /out of range/],
  [
    "too many operations",
    inPool({ volume: { iops: 99_999 } }),
    "pools[0].volume.iops",
    /out of range/,
  ],
  ["no key", inPool({ volume: { kmsKeyArn: "alias/x" } }), "pools[0].volume.kmsKeyArn", /ARN/],
  [
    "two kinds of boot data",
    inPool({ userData: "#!/bin/sh", hostProfile: {} }),
    "pools[0].hostProfile",
    /userData/,
  ],
  [
    "what Bottlerocket cannot do",
    inPool({ image: "bottlerocket@v1.40.0", hostProfile: { smt: "off" } }),
    "pools[0].hostProfile.smt",
    /./,
  ],
  [
    "assets that Bottlerocket cannot bring",
    inPool({ image: "bottlerocket@v1.40.0", hostProfile: { assets } }),
    "pools[0].hostProfile.assets",
    /runs no script/,
  ],
  [
    "assets of another architecture",
    inPool({ hostProfile: { assets: { arm64: assets.amd64 } } }),
    "pools[0].hostProfile.assets.amd64",
    /missing for machines of the pool/,
  ],
  [
    "assets that are too much beside what Karpenter says",
    inPool({ hostProfile: { assets: largeAssets } }),
    "pools[0].hostProfile.assets",
    /too large for user data/,
  ],
  ["no units", inPool({ kvmUnits: 0 }), "pools[0].kvmUnits", /out of range/],
  [
    "a label of the contract",
    inPool({ labels: { "kvm-fabric.dev/assets": "v1" } }),
    "pools[0].labels.kvm-fabric.dev/assets",
    /contract/,
  ],
  [
    "a label of Karpenter",
    inPool({ labels: { "karpenter.sh/x": "y" } }),
    "pools[0].labels.karpenter.sh/x",
    /writes itself/,
  ],
  ["no label", inPool({ labels: { x: "a b" } }), "pools[0].labels.x", /not a label/],
  [
    "a taint of the contract",
    inPool({ taints: [{ key: "kvm-fabric.dev/not-ready" }] }),
    "pools[0].taints[0].key",
    /contract/,
  ],
  ["no taint", inPool({ taints: [{ key: "a b" }] }), "pools[0].taints[0].key", /not the key/],
  [
    "no effect",
    inPool({ taints: [{ key: "a", effect: "Never" }] }),
    "pools[0].taints[0].effect",
    /not one of the values/,
  ],
  [
    "no value of a taint",
    inPool({ taints: [{ key: "a", value: "b c" }] }),
    "pools[0].taints[0].value",
    /not the value/,
  ],
  [
    "no way to pay",
    inPool({ scaling: { capacityTypes: [] } }),
    "pools[0].scaling.capacityTypes",
    /empty/,
  ],
  [
    "another way to pay",
    inPool({ scaling: { capacityTypes: [text("barter")] } }),
    "pools[0].scaling.capacityTypes[0]",
    /not one of the values/,
  ],
  [
    "another consolidation",
    inPool({ scaling: { consolidation: text("Always") } }),
    "pools[0].scaling.consolidation",
    /not one of the values/,
  ],
  [
    "days",
    inPool({ scaling: { expireAfter: "30d" } }),
    "pools[0].scaling.expireAfter",
    /not a duration/,
  ],
  [
    "a grace without an end",
    inPool({ scaling: { terminationGracePeriod: "Never" } }),
    "pools[0].scaling.terminationGracePeriod",
    /not a duration/,
  ],
  ["no zone", inPool({ scaling: { zones: [] } }), "pools[0].scaling.zones", /empty/],
  [
    "a zone with a space",
    inPool({ scaling: { zones: ["eu 1a"] } }),
    "pools[0].scaling.zones[0]",
    /not a zone/,
  ],
  ["no weight", inPool({ scaling: { weight: 101 } }), "pools[0].scaling.weight", /out of range/],
  [
    "no processor at most",
    inPool({ scaling: { maxCpus: 0 } }),
    "pools[0].scaling.maxCpus",
    /out of range/,
  ],
  [
    "more than all nodes",
    inPool({ scaling: { budgets: [{ nodes: "120%" }] } }),
    "pools[0].scaling.budgets[0].nodes",
    /number of nodes/,
  ],
  [
    "a schedule without an end",
    inPool({ scaling: { budgets: [{ nodes: "1", schedule: "@daily" }] } }),
    "pools[0].scaling.budgets[0].duration",
    /missing/,
  ],
  [
    "no schedule",
    inPool({ scaling: { budgets: [{ nodes: "1", schedule: "daily", duration: "1h" }] } }),
    "pools[0].scaling.budgets[0].schedule",
    /not a schedule/,
  ],
  [
    "seconds in a budget",
    inPool({ scaling: { budgets: [{ nodes: "1", schedule: "@daily", duration: "9s" }] } }),
    "pools[0].scaling.budgets[0].duration",
    /not a duration/,
  ],
  [
    "no reason",
    inPool({ scaling: { budgets: [{ nodes: "1", reasons: [text("Bored")] }] } }),
    "pools[0].scaling.budgets[0].reasons[0]",
    /not one of the values/,
  ],
  [
    "an image that is not pinned",
    inPool({ warm: { ...warm, image: "pause:3.10" } }),
    "pools[0].warm.image",
    /digest/,
  ],
  ["no warm node", inPool({ warm: { ...warm, nodes: 0 } }), "pools[0].warm.nodes", /out of range/],
  [
    "all nodes warm",
    inPool({ warm: { ...warm, nodes: 3 }, scaling: { maxNodes: 3 } }),
    "pools[0].warm.nodes",
    /no node for guests/,
  ],
  [
    "more units than a node has",
    inPool({ kvmUnits: 10, warm: { ...warm, kvmUnits: 11 } }),
    "pools[0].warm.kvmUnits",
    /out of range/,
  ],
];

test.each(bad)("refuses %s, by its path", (_, args, path, problem) => {
  const found = faultsOf(args).filter((fault) => fault.path === path);
  expect(found.map((fault) => fault.problem).join()).toMatch(problem);
});

test("says every fault at once", () => {
  const all = Object.assign({}, ...bad.map(([, args]) => args), {
    version: "latest",
    pools: bad.flatMap(([, { pools = [] }]) => pools),
  });
  expect(faultsOf(all, "Bad Name").length).toBeGreaterThan(bad.length);
});

test("a family that the catalogue does not list is taken on the user's word", () => {
  const args = inPool({ instanceFamilies: ["m9i"], declaredArchitecture: "amd64" });
  expect(faultsOf(inPool({ instanceFamilies: ["m9i"] }))).toHaveLength(1);
  expect(faultsOf(args)).toEqual([]);
});

const aks = { sizes: ["Standard_D8s_v5"] };
const nodeClass = { group: "karpenter.kwok.sh", kind: "KWOKNodeClass", name: "default" };
const requirement = (key: string, operator: string, ...values: string[]) => ({
  nodeClass,
  requirements: [{ key, operator, values }],
});

const badProvided: [string, Partial<KarpenterNodePool>, string, RegExp][] = [
  ["machines of no kind", {}, "pools[0]", /nothing says/],
  ["machines of two kinds", { aks, nodeClass }, "pools[0]", /two kinds/],
  ["no size", { aks: { sizes: [] } }, "pools[0].aks.sizes", /empty/],
  ["an AMD size", { aks: { sizes: ["Standard_D8as_v5"] } }, "pools[0].aks.sizes[0]", /AMD/],
  ["an Arm size", { aks: { sizes: ["Standard_D8ps_v5"] } }, "pools[0].aks.sizes[0]", /Arm/],
  [
    "a confidential size",
    { aks: { sizes: ["Standard_DC8s_v3"] } },
    "pools[0].aks.sizes[0]",
    /confidential/,
  ],
  [
    "no Azure size",
    { aks: { sizes: ["m8i.large"] } },
    "pools[0].aks.sizes[0]",
    /not an Azure size/,
  ],
  [
    "a small disk",
    { aks: { ...aks, osDiskSizeGib: 8 } },
    "pools[0].aks.osDiskSizeGib",
    /out of range/,
  ],
  [
    "no kind",
    { nodeClass: { ...nodeClass, kind: "kwok" } },
    "pools[0].nodeClass.kind",
    /not a kind/,
  ],
  [
    "no group",
    { nodeClass: { ...nodeClass, group: "a/b" } },
    "pools[0].nodeClass.group",
    /not an API group/,
  ],
  [
    "no object",
    { nodeClass: { ...nodeClass, name: "A" } },
    "pools[0].nodeClass.name",
    /not the name/,
  ],
  [
    "no architecture",
    { nodeClass, architecture: text("x86") },
    "pools[0].architecture",
    /not one of/,
  ],
  [
    "no operator",
    requirement("a", "Equals", "b"),
    "pools[0].requirements[0].operator",
    /not one of/,
  ],
  ["no key", requirement("a b", "Exists"), "pools[0].requirements[0].key", /not the key/],
  [
    "Karpenter's own key",
    requirement("karpenter.sh/nodepool", "Exists"),
    "pools[0].requirements[0].key",
    /sets itself/,
  ],
  ["nothing to choose from", requirement("a", "In"), "pools[0].requirements[0].values", /empty/],
  ["no number", requirement("a", "Gt", "many"), "pools[0].requirements[0].values", /number/],
  [
    "a value too many",
    requirement("a", "Exists", "b"),
    "pools[0].requirements[0].values",
    /takes none/,
  ],
];

test.each(badProvided)(
  "refuses %s of a pool that others provide for",
  (_, change, path, problem) => {
    const planned = planNodePools("pools", { pools: [{ name: "p", ...change }] });
    const faults = planned.ok ? [] : planned.faults.filter((fault) => fault.path === path);
    expect(faults.map((fault) => fault.problem).join()).toMatch(problem);
  },
);

test("every Kubernetes that is supported runs the Karpenter that is installed, and nothing older than it needs", () => {
  for (const { kubernetes, since } of KUBERNETES_SUPPORT) {
    const use = { kubernetesVersion: kubernetes, nested: true, balanced: true };
    expect(versionFaults("version", { ...use, version: KARPENTER_VERSION })).toEqual([]);
    expect(compareMinors(since, KARPENTER_VERSION)).toBeLessThanOrEqual(0);
  }
  expect(UPGRADE_CLIFFS.map(({ version }) => version)).toEqual(
    [...UPGRADE_CLIFFS].map(({ version }) => version).sort(compareMinors),
  );
});

test("a version is refused exactly where it is older than the Kubernetes asks", () => {
  const minors = fc.integer({ min: 12, max: 14 });
  const support = fc.constantFrom(...KUBERNETES_SUPPORT);
  fc.assert(
    fc.property(minors, fc.nat(20), support, (minor, patch, { kubernetes, since }) => {
      const version = `1.${minor}.${patch}`;
      const use = { version, kubernetesVersion: kubernetes, nested: false, balanced: false };
      const fits = minor >= Number(since.split(".")[1]);
      expect(versionFaults("version", use).length === 0).toBe(fits);
    }),
  );
});

test("any pool that is planned keeps the node contract", () => {
  const words = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
  fc.assert(
    fc.property(words, words, fc.dictionary(words, words), (name, tenant, labels) => {
      const own = { ...pool, name, labels, taints: [{ key: tenant }] };
      const planned = planKarpenter("karpenter", { cluster, pools: [own], domain: "a.example" });
      if (!planned.ok) throw new Error(JSON.stringify(planned.faults));
      const { template } = planned.plan.pools[0]!.nodePool;
      expect(template.metadata.labels).toEqual({
        ...labels,
        "a.example/kvm-enabled": "true",
        "a.example/pool": `karpenter-${name}`,
      });
      expect(template.spec.taints[0]).toEqual({
        key: "a.example/worker",
        value: "true",
        effect: "NoSchedule",
      });
      expect(template.spec.startupTaints.map(({ key }) => key)).toEqual(["a.example/not-ready"]);
      expect(JSON.stringify(template)).not.toContain("a.example/assets");
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["1h", 60],
  ["90m", 90],
  ["1h30m", 90],
  ["45s", 1],
  ["0s", 0],
])("%s is %i minutes", (duration, minutes) => {
  expect(durationMinutes(duration)).toBe(minutes);
});
