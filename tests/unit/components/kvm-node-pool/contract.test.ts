import fc from "fast-check";
import { parse } from "yaml";
import { AwsImageFamily } from "../../../../components/kvm-node-pool/aws-args";
import { bottlerocketSettings } from "../../../../components/host-profile/bottlerocket";
import { hostProfileScript } from "../../../../components/host-profile/script";
import { type AwsPoolPlan, planAwsPool } from "../../../../components/kvm-node-pool/aws-plan";
import { groupTags } from "../../../../components/kvm-node-pool/aws-tags";
import { dnsAddress, nodeUserData } from "../../../../components/kvm-node-pool/aws-user-data";
import { planAzurePool } from "../../../../components/kvm-node-pool/azure-plan";
import { planGcpPool } from "../../../../components/kvm-node-pool/gcp-plan";
import type { Planned } from "../../../../components/shared/faults";
import { type Taint, TaintEffect } from "../../../../components/shared/kvm-nodes";
import { awsLeast, azureLeast, gcpLeast } from "./least";
import { parseMime } from "./parse-mime";

function planOf<T>(result: Planned<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan;
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
const taint = fc.record<Taint>({
  key: word,
  value: word,
  effect: fc.constantFrom(...Object.values(TaintEffect)),
});
const wishes = fc.record(
  {
    domain: fc.tuple(word, word).map((labels) => labels.join(".")),
    labels: fc.dictionary(
      fc.tuple(word, word).map(([domain, key]) => `${domain}.example/${key}`),
      word,
    ),
    minNodes: fc.integer({ min: 0, max: 5 }),
    maxNodes: fc.integer({ min: 5, max: 20 }),
    spot: fc.boolean(),
    taints: fc.uniqueArray(taint, { selector: ({ key, effect }) => `${key}:${effect}` }),
  },
  { requiredKeys: [] },
);

const cluster = { ...awsLeast.cluster };
const sorted = (texts: readonly string[]) => [...texts].sort();
const written = (taints: readonly Taint[]) =>
  sorted(taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`));

/** The labels and taints that a node joins with, by what nodeadm hands to its kubelet. */
function joinedByNodeadm(plan: AwsPoolPlan) {
  const [part] = parseMime(nodeUserData(plan, cluster));
  const flags: string[] = parse(part?.body ?? "").spec.kubelet.flags;
  const flag = (name: string) =>
    (flags.find((one) => one.startsWith(`--${name}=`)) ?? "").slice(name.length + 3).split(",");
  return {
    labels: Object.fromEntries(flag("node-labels").map((one) => one.split("="))),
    taints: sorted(flag("register-with-taints")),
  };
}

test("on every cloud, every pool that is accepted keeps the node contract", () => {
  fc.assert(
    fc.property(wishes, word, ({ spot, ...common }, name) => {
      const domain = common.domain ?? "kvm-fabric.dev";
      const labels = {
        ...common.labels,
        [`${domain}/kvm-enabled`]: "true",
        [`${domain}/pool`]: name,
      };
      const worker = `${domain}/worker=true:NoSchedule`;
      const startup = `${domain}/not-ready=true:NoSchedule`;
      const taints = sorted([worker, startup, ...written(common.taints ?? [])]);
      const some = spot === undefined ? {} : { spot };

      const aws = planOf(planAwsPool(name, { ...awsLeast, ...common, ...some }));
      expect(joinedByNodeadm(aws)).toEqual({ labels, taints });

      const gcp = planOf(planGcpPool(name, { ...gcpLeast, ...common, ...some }));
      expect(gcp.labels).toEqual(labels);
      const spelt = sorted(
        gcp.gkeTaints.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
      );
      const capital = (line: string) =>
        line
          .replace(/:NoSchedule$/, ":NO_SCHEDULE")
          .replace(/:PreferNoSchedule$/, ":PREFER_NO_SCHEDULE")
          .replace(/:NoExecute$/, ":NO_EXECUTE");
      expect(spelt).toEqual(sorted(taints.map(capital)));

      const azure = planOf(
        planAzurePool(name, { ...azureLeast, ...common, ...(spot === true && { spot: {} }) }),
      );
      const spotKey = "kubernetes.azure.com/scalesetpriority";
      expect(azure.labels).toEqual({ ...labels, ...(spot === true && { [spotKey]: "spot" }) });
      // Nobody could take the startup taint away from a node of AKS.
      expect(sorted(azure.nodeTaints)).toEqual(
        sorted([
          ...taints.filter((line) => line !== startup),
          ...(spot === true ? [`${spotKey}=spot:NoSchedule`] : []),
        ]),
      );
    }),
    { numRuns: 200 },
  );
});

test("a node of Amazon Linux is told its cluster, its labels and its taints", () => {
  const plan = planOf(
    planAwsPool("kvm", {
      ...awsLeast,
      labels: { team: "a" },
      taints: [{ key: "gpu", value: "", effect: "NoExecute" }],
    }),
  );
  const userData = nodeUserData(plan, cluster);
  expect(nodeUserData(plan, cluster)).toBe(userData);
  const [part, ...others] = parseMime(userData);
  expect(others).toEqual([
    { contentType: "text/x-shellscript", body: `${hostProfileScript(plan.hostProfile)}\n` },
  ]);
  // EC2 takes 16 KiB at most.
  expect(userData.length).toBeLessThan(12_000);
  expect(part?.contentType).toBe("application/node.eks.aws");
  expect(parse(part?.body ?? "")).toEqual({
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      cluster: {
        name: "fabric",
        apiServerEndpoint: "https://fabric.eks.example",
        certificateAuthority: "Q0E=",
        cidr: "172.20.0.0/16",
      },
      kubelet: {
        flags: [
          "--node-labels=team=a,kvm-fabric.dev/kvm-enabled=true,kvm-fabric.dev/pool=kvm",
          "--register-with-taints=kvm-fabric.dev/worker=true:NoSchedule," +
            "kvm-fabric.dev/not-ready=true:NoSchedule,gpu=:NoExecute",
        ],
      },
    },
  });
});

test("a node of Bottlerocket is told the same in its settings", () => {
  const plan = planOf(
    planAwsPool("kvm", {
      ...awsLeast,
      imageFamily: AwsImageFamily.Bottlerocket,
      taints: ["NoSchedule", "NoExecute"].map((effect) => ({
        key: "gpu",
        value: "yes",
        effect: effect === "NoSchedule" ? TaintEffect.NoSchedule : TaintEffect.NoExecute,
      })),
    }),
  );
  expect(nodeUserData(plan, cluster)).toBe(`[settings.kubernetes]
api-server = "https://fabric.eks.example"
cluster-certificate = "Q0E="
cluster-dns-ip = "172.20.0.10"
cluster-name = "fabric"

[settings.kubernetes.node-labels]
"kvm-fabric.dev/kvm-enabled" = "true"
"kvm-fabric.dev/pool" = "kvm"

[settings.kubernetes.node-taints]
"kvm-fabric.dev/worker" = ["true:NoSchedule"]
"kvm-fabric.dev/not-ready" = ["true:NoSchedule"]
"gpu" = ["yes:NoSchedule", "yes:NoExecute"]

${bottlerocketSettings(plan.hostProfile)}`);
});

test.each([
  ["172.20.0.0/16", "172.20.0.10"],
  ["10.100.0.0/16", "10.100.0.10"],
  ["fd12:3456::/108", "fd12:3456::a"],
])("the cluster's DNS in %s has the address %s", (cidr, address) => {
  expect(dnsAddress(cidr)).toBe(address);
});

test("the autoscaler is told what a node is like once it is proven, and its units of KVM", () => {
  const plan = planOf(
    planAwsPool("kvm", { ...awsLeast, maxNodes: 4, kvmUnits: 7, tags: { team: "a" } }),
  );
  const tags = groupTags(plan, "kvm", "fabric");
  const launched = tags.filter(({ propagateAtLaunch }) => propagateAtLaunch);
  expect(Object.fromEntries(launched.map(({ key, value }) => [key, value]))).toEqual({
    Name: "kvm",
    "kubernetes.io/cluster/fabric": "owned",
    team: "a",
  });
  const told = tags.filter(({ propagateAtLaunch }) => !propagateAtLaunch);
  const prefix = "k8s.io/cluster-autoscaler";
  expect(Object.fromEntries(told.map(({ key, value }) => [key, value]))).toEqual({
    [`${prefix}/enabled`]: "true",
    [`${prefix}/fabric`]: "owned",
    [`${prefix}/node-template/label/kvm-fabric.dev/kvm-enabled`]: "true",
    [`${prefix}/node-template/label/kvm-fabric.dev/pool`]: "kvm",
    [`${prefix}/node-template/taint/kvm-fabric.dev/worker`]: "true:NoSchedule",
    [`${prefix}/node-template/resources/kvm-fabric.dev/kvm`]: "7",
  });
});

test("a pool of a fixed size is none of the autoscaler's business", () => {
  const plan = planOf(planAwsPool("kvm", { ...awsLeast, minNodes: 3 }));
  expect(plan).toMatchObject({ autoscaled: false, minNodes: 3, maxNodes: 3 });
  expect(groupTags(plan, "kvm", "fabric").map(({ key }) => key)).toEqual([
    "Name",
    "kubernetes.io/cluster/fabric",
  ]);
});
