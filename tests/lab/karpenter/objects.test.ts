import { Karpenter } from "../../../components/karpenter/karpenter";
import type { KarpenterPool } from "../../../components/karpenter/args";
import { KarpenterNodePools } from "../../../components/karpenter/karpenter-node-pools";
import {
  KarpenterCapacity,
  KarpenterConsolidation,
  KarpenterDisruption,
} from "../../../components/karpenter/pool-args";
import { KvmAccess } from "../../../components/kvm-node-pool/catalogue/machine";
import type { KubeObject } from "../../../lab/kube/objects";
import { cluster, computed } from "../../components/karpenter/cluster";
import { deploy, reveal } from "../../support/deploy";
import { withLab } from "../../support/lab";

const lab = withLab();
const name = lab.unique("kp");
const pause = `registry.k8s.io/pause@sha256:${"b".repeat(64)}`;

let namespace: string;
beforeAll(async () => {
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
});

/** The Kubernetes objects that a program registers, charts aside. */
async function objectsOf(program: () => unknown): Promise<KubeObject[]> {
  const { resources } = await deploy(program, { outputsOf: computed });
  return resources
    .filter(({ type }) => type.startsWith("kubernetes:") && !type.endsWith(":Release"))
    .map(({ type, inputs }) => {
      const [, version = "", kind = ""] = type.split(":");
      return { ...reveal(inputs), apiVersion: version.replace(/^core\//, ""), kind };
    });
}

const nested: KarpenterPool = {
  name: "nested",
  kvm: KvmAccess.Nested,
  instanceFamilies: ["m8i", "c8i"],
  image: "al2023@v20260801",
};
const metal: KarpenterPool = {
  name: "metal",
  kvm: KvmAccess.Metal,
  instanceFamilies: ["m7i"],
  image: "bottlerocket@v1.40.0",
};
const karpenter = (pool: KarpenterPool, isolatedVpc = false) => ({
  run: () => new Karpenter(name, { cluster, pools: [pool], tags: { team: "a" }, isolatedVpc }),
});

const variants: [string, { run: () => unknown }][] = [
  ["nested, Amazon Linux", karpenter(nested)],
  ["nested, without IAM in reach", karpenter(nested, true)],
  ["metal, Bottlerocket", karpenter(metal)],
  [
    "an AMI of one's own, with boot data and a key",
    karpenter({
      ...nested,
      image: "ami-0123456789abcdef0",
      imageFamily: "AL2023",
      userData: "#!/bin/sh\nmodprobe kvm_intel\n",
      volume: { iops: 16_000, kmsKeyArn: "arn:aws:kms:eu-central-1:1:key/k", sizeGib: 500 },
    }),
  ],
  [
    "every setting of a pool",
    karpenter({
      ...nested,
      instanceSizes: ["4xlarge", "8xlarge"],
      kvmUnits: 20,
      labels: { "example.com/tenant": "a" },
      minCpus: 8,
      taints: [{ key: "example.com/tenant", value: "a", effect: "NoExecute" }, { key: "x" }],
      scaling: {
        budgets: [
          { nodes: "10%", reasons: [KarpenterDisruption.Drifted, KarpenterDisruption.Empty] },
          { nodes: "0", schedule: "0 8 * * 1-5", duration: "10h30m" },
        ],
        capacityTypes: [KarpenterCapacity.Spot, KarpenterCapacity.OnDemand],
        consolidateAfter: "Never",
        consolidation: KarpenterConsolidation.Balanced,
        expireAfter: "Never",
        maxCpus: 64,
        maxMemoryGib: 512,
        maxNodes: 10,
        terminationGracePeriod: "1h30m",
        weight: 100,
        zones: ["eu-central-1a", "eu-central-1b"],
      },
    }),
  ],
  [
    "a class that exists",
    {
      run: () =>
        new KarpenterNodePools(name, {
          pools: [
            {
              name: "lab",
              nodeClass: { group: "karpenter.kwok.sh", kind: "KWOKNodeClass", name: "default" },
              requirements: [{ key: "example.com/rack", operator: "Exists" }],
            },
          ],
        }),
    },
  ],
];

test.each(variants)("the API server takes every object as it is: %s", async (_, { run }) => {
  const objects = await objectsOf(run);
  const kinds = objects.map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(["NodePool", "NodeOverlay"]));
  for (const object of objects) {
    const taken = await lab.client.create(object, { dryRun: true });
    // Nothing is dropped: a field that the definition does not know would be.
    expect(taken).toMatchObject({ spec: (object as any).spec });
  }
});

test("warm nodes are held by pods that even the restricted level admits", async () => {
  const objects = await objectsOf(() => {
    const warm = { image: pause, namespace, nodes: 2 };
    return new Karpenter(name, { cluster, pools: [{ ...metal, warm }] });
  });
  const kinds = ["PriorityClass", "Deployment"];
  for (const object of objects.filter(({ kind }) => kinds.includes(kind))) {
    await lab.client.create(object, { dryRun: true });
  }
  const { spec, metadata } = objects.find(({ kind }) => kind === "Deployment") as any;
  const podSpec = { ...spec.template.spec, priorityClassName: undefined };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...spec.template.metadata, name: "hold", namespace: metadata.namespace },
    spec: podSpec,
  };
  await lab.client.create(pod, { dryRun: true });
});

/** What the server says to an object of a component that was changed behind its back. */
async function refusal(kind: string, change: (spec: any) => void): Promise<string> {
  const objects = await objectsOf(karpenter(nested).run);
  const object = structuredClone(objects.find((found) => found.kind === kind)) as any;
  change(object.spec);
  return lab.client.create(object, { dryRun: true }).then(
    () => "taken",
    (error: unknown) => String(error),
  );
}

const wrong: [string, string, (spec: any) => void, RegExp][] = [
  [
    "an alias and an id",
    "EC2NodeClass",
    (s) => (s.amiSelectorTerms[0].id = "ami-1"),
    /mutually exclusive/,
  ],
  ["a role and a profile", "EC2NodeClass", (s) => (s.instanceProfile = "p"), /exactly one of/],
  [
    "another family than the alias's",
    "EC2NodeClass",
    (s) => (s.amiFamily = "Bottlerocket"),
    /AL2023/,
  ],
  [
    "a tag of Karpenter's own",
    "EC2NodeClass",
    (s) => (s.tags["karpenter.sh/nodepool"] = "x"),
    /restricted/,
  ],
  [
    "no such nested mode",
    "EC2NodeClass",
    (s) => (s.cpuOptions.nestedVirtualization = "on"),
    /nestedVirtualization/,
  ],
  [
    "a budget with a schedule alone",
    "NodePool",
    (s) => (s.disruption.budgets[0].schedule = "@daily"),
    /must be set with/,
  ],
  [
    "no such consolidation",
    "NodePool",
    (s) => (s.disruption.consolidationPolicy = "Always"),
    /consolidationPolicy/,
  ],
  [
    "a label of Karpenter's own",
    "NodePool",
    (s) => (s.template.metadata.labels["karpenter.sh/x"] = "y"),
    /restricted/,
  ],
  ["no duration", "NodePool", (s) => (s.template.spec.expireAfter = "30d"), /expireAfter/],
  [
    "processors as an extended resource",
    "NodeOverlay",
    (s) => (s.capacity.cpu = "1"),
    /restricted/,
  ],
];

test.each(wrong)(
  "the definitions are the real ones, and refuse %s",
  async (_, kind, change, why) => {
    expect(await refusal(kind, change)).toMatch(why);
  },
);
