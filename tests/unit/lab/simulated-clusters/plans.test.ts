import type { SimulatedPool } from "../../../../lab/engine/simulated-cloud/effects";
import { machineSize } from "../../../../lab/simulated-clusters/machine";
import { joinedPatch } from "../../../../lab/simulated-clusters/pool";
import { poolNodes } from "../../../../lab/simulated-clusters/pool-nodes";
import { type StandIn, standInAnswer } from "../../../../lab/simulated-clusters/stand-ins/answer";
import { inTurn } from "../../../../lab/simulated-clusters/turns";
import { countByCloud } from "../../../../lab/simulated-clusters/world";

const EKS = "aws:eks/cluster:Cluster";

const pool: SimulatedPool = {
  id: "p",
  clusterId: "c",
  name: "Workers_One",
  count: 2,
  machineType: "m7g.2xlarge",
  zones: ["eu-west-1a"],
  labels: { a: "1", b: "2" },
  taints: [
    { key: "startup", value: "true", effect: "NO_SCHEDULE" },
    { key: "own", value: "x", effect: "NoExecute" },
  ],
};

const node = (changes: Partial<SimulatedPool> = {}) => poolNodes(EKS, { ...pool, ...changes })[0]!;

test.each([
  ["m8i.4xlarge", 16, "amd64"],
  ["c5.xlarge", 4, "amd64"],
  ["t3.medium", 2, "amd64"],
  ["m5.metal", 48, "amd64"],
  ["c7g.metal-16xl", 64, "arm64"],
  ["m7gd.large", 2, "arm64"],
  ["n2-standard-8", 8, "amd64"],
  ["c3-standard-192-metal", 192, "amd64"],
  ["c4a-standard-16", 16, "arm64"],
  ["Standard_D8s_v5", 8, "amd64"],
  ["Standard_D16ps_v6", 16, "arm64"],
  ["whatever", 16, "amd64"],
])("%s has %d CPUs of %s", (machineType, cpus, architecture) => {
  expect(machineSize(machineType)).toEqual({ cpus, architecture, memoryGib: 4 * cpus });
});

test("nodes of two pools of one name differ in theirs, which are names of hosts", () => {
  const names = [pool, { ...pool, id: "other" }].flatMap((one) =>
    poolNodes(EKS, one).map(({ metadata }) => metadata.name ?? ""),
  );
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^workers-one-[0-9a-f]{5}-000[01]$/);
  const [long] = poolNodes(EKS, { ...pool, name: "x".repeat(100) });
  expect(long!.metadata.name!.length).toBeLessThanOrEqual(63);
});

test("machines that have names and addresses keep them, and say which kubelet they run", () => {
  const machine = { name: "metal-1", address: "10.0.0.21", kubeletVersion: "v1.36.3+k3s1" };
  const [own] = poolNodes("kvm-fabric:index:BareMetalCluster", {
    ...{ ...pool, count: 1, machines: [machine], zones: [] },
  });
  expect(own).toMatchObject({
    metadata: { name: "metal-1", labels: { "kubernetes.io/hostname": "metal-1" } },
    spec: { providerID: "k3s://metal-1" },
    status: { nodeInfo: { kubeletVersion: "v1.36.3+k3s1" } },
  });
  const { addresses } = own!.status as any;
  expect(addresses).toContainEqual({ type: "InternalIP", address: "10.0.0.21" });
});

test("each cloud's machines are called as its own", () => {
  const types = [
    EKS,
    "gcp:container/cluster:Cluster",
    "azure-native:containerservice:ManagedCluster",
  ];
  const ids = types.map((type) => (poolNodes(type, pool)[0]!.spec as any).providerID.split(":")[0]);
  expect(ids).toEqual(["aws", "gce", "azure"]);
  expect(() => poolNodes("random:x:Y", pool)).toThrow("random:x:Y is of no simulated cloud");
});

test("an unchanged pool patches nothing, whatever others wrote on the node", () => {
  const found = node();
  found.metadata.labels!.more = "1";
  (found.spec as any).taints = [];
  expect(joinedPatch(found, node())).toBeUndefined();
});

test("a changed pool takes away and adds what it changed; a startup taint that went stays gone", () => {
  const found = node();
  (found.spec as any).taints = [
    { key: "own", value: "x", effect: "NoExecute" },
    { key: "others", effect: "NoSchedule" },
  ];
  const target = node({
    labels: { b: "3" },
    taints: [pool.taints[0]!, { key: "new", value: "1", effect: "NoSchedule" }],
  });
  expect(joinedPatch(found, target)).toMatchObject({
    metadata: { labels: { a: null, b: "3" } },
    spec: {
      taints: [
        { key: "others", effect: "NoSchedule" },
        { key: "new", value: "1", effect: "NoSchedule" },
      ],
    },
  });
});

describe("stand-ins for the clouds' credential programs", () => {
  const ask = (program: StandIn, args: string[], region?: string) =>
    standInAnswer(program, {
      args,
      region,
      execInfo: '{"apiVersion":"client.authentication.k8s.io/v1beta1"}',
      now: new Date("2026-01-01T00:00:00Z"),
      clusters: [
        { name: "prod", region: "r" },
        { name: "prod", region: "s" },
      ],
      token: ({ name, region }) => `${name}/${region ?? ""}`,
    });

  test.each<[StandIn, string[], string]>([
    ["aws", ["eks", "get-token", "--cluster-name", "prod", "--region", "s"], "prod/s"],
    [
      "aws",
      ["--region", "r", "eks", "get-token", "--cluster-name", "prod", "--output", "json"],
      "prod/r",
    ],
    ["gke-gcloud-auth-plugin", [], "/"],
    ["kubelogin", ["get-token", "--login", "azurecli", "--server-id", "x"], "/"],
  ])("%s %j gives a token in the version asked for", (program, args, token) => {
    const { code, stdout } = ask(program, args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      kind: "ExecCredential",
      apiVersion: "client.authentication.k8s.io/v1beta1",
      spec: {},
      status: { token, expirationTimestamp: "2026-01-01T01:00:00Z" },
    });
  });

  test.each<[StandIn, string[]]>([
    ["aws", ["s3", "ls"]],
    ["aws", ["eks", "get-token"]],
    ["aws", ["eks", "get-token", "--cluster-name", "prod"]],
    ["aws", ["eks", "get-token", "--cluster-name", "prod", "--region", "t"]],
    ["aws", ["eks", "get-token", "--cluster-name", "other", "--region", "r"]],
    ["aws", ["eks", "get-token", "--cluster-name", "prod", "--region", "r", "--unknown"]],
    ["gke-gcloud-auth-plugin", ["--version"]],
    ["kubelogin", ["convert-kubeconfig"]],
    ["kubelogin", []],
  ])("%s %j is refused by the lab's stand-in", (program, args) => {
    const { code, stdout, stderr } = ask(program, args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("this is the lab's stand-in");
  });

  test("aws takes its region from the environment too, and says which clusters there are", () => {
    const token = ["eks", "get-token", "--cluster-name", "prod"];
    expect(JSON.parse(ask("aws", token, "r").stdout)).toMatchObject({
      status: { token: "prod/r" },
    });
    expect(ask("aws", [...token, "--region", "s"], "r").stdout).toContain("prod/s");
    expect(ask("aws", token, "t").stderr).toBe(
      "aws: this is the lab's stand-in: no simulated EKS cluster is called prod in t; there are: prod in r, prod in s\n",
    );
    expect(ask("aws", token).stderr).toContain("no region, by --region or AWS_REGION");
  });
});

test("work on one key is done in turn, past failures; other keys do not wait", async () => {
  const turns = inTurn();
  const order: string[] = [];
  let release!: (value: undefined) => void;
  const gate = new Promise<undefined>((resolve) => (release = resolve));
  const first = turns("a", async () => {
    await gate;
    order.push("a1");
    throw new Error("no");
  });
  const second = turns("a", () => Promise.resolve(order.push("a2")));
  await turns("b", () => Promise.resolve(order.push("b")));
  release(undefined);
  await expect(first).rejects.toThrow("no");
  await second;
  expect(order).toEqual(["b", "a1", "a2"]);
});

test("objects are counted by cloud", () => {
  const object = (type: string) => ({ type, id: "", urn: "" });
  expect(countByCloud([object("aws:a:A"), object("gcp:b:B"), object("aws:c:C")])).toEqual({
    aws: 2,
    gcp: 1,
  });
});
