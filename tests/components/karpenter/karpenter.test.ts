import { Queue } from "@pulumi/aws/sqs/queue";
import type { KarpenterArgs, KarpenterPool } from "../../../components/karpenter/args";
import { Karpenter } from "../../../components/karpenter/karpenter";
import { KvmAccess } from "../../../components/kvm-node-pool/catalogue/machine";
import { assetSetId } from "../../../components/node-provisioner/asset-set";
import { deploy, type Deployment, find, tree, UNKNOWN } from "../../support/deploy";
import { assets } from "../../unit/components/kvm-node-pool/least";
import { parseMime } from "../../unit/components/kvm-node-pool/parse-mime";
import { cluster, computed } from "./cluster";

const pause = `registry.k8s.io/pause@sha256:${"b".repeat(64)}`;
const nested: KarpenterPool = {
  name: "nested",
  kvm: KvmAccess.Nested,
  instanceFamilies: ["m8i", "c8i-flex"],
  image: "al2023@v20260801",
  userData: "#!/bin/sh\nmodprobe kvm_intel\n",
};
const metal: KarpenterPool = {
  name: "metal",
  kvm: KvmAccess.Metal,
  instanceFamilies: ["m7i"],
  image: "bottlerocket@v1.40.0",
  warm: { image: pause, namespace: "fabric-services", nodes: 1 },
};
const least: KarpenterArgs = { cluster, pools: [nested] };

const run = (args: KarpenterArgs, options = {}, name = "karpenter") =>
  deploy(() => new Karpenter(name, args), { outputsOf: computed, ...options });

const NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass";
const NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool";
const OVERLAY = "kubernetes:karpenter.sh/v1alpha1:NodeOverlay";
const RELEASE = "kubernetes:helm.sh/v3:Release";

test("makes exactly its resources, each below it", async () => {
  const deployment = await run({ cluster, pools: [nested, metal] });
  expect(tree(deployment)).toEqual([
    ...[
      "capacity-reservation-interruption",
      "instance-state-change",
      "rebalance",
      "scheduled-change",
      "spot-interruption",
    ].map((rule) => `aws:cloudwatch/eventRule:EventRule karpenter-${rule} < karpenter`),
    ...[
      "capacity-reservation-interruption",
      "instance-state-change",
      "rebalance",
      "scheduled-change",
      "spot-interruption",
    ].map((rule) => `aws:cloudwatch/eventTarget:EventTarget karpenter-${rule} < karpenter`),
    "aws:eks/accessEntry:AccessEntry karpenter-node < karpenter",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation karpenter-controller < karpenter",
    ...[
      "eks-integration",
      "iam-integration",
      "interruption",
      "node-lifecycle",
      "resource-discovery",
      "zonal-shift",
    ].map((policy) => `aws:iam/policy:Policy karpenter-${policy} < karpenter`),
    "aws:iam/role:Role karpenter-controller < karpenter",
    "aws:iam/role:Role karpenter-node < karpenter",
    ...[
      "eks-integration",
      "iam-integration",
      "interruption",
      "node-cni",
      "node-lifecycle",
      "node-registry",
      "node-ssm",
      "node-worker",
      "resource-discovery",
      "zonal-shift",
    ].map(
      (policy) =>
        `aws:iam/rolePolicyAttachment:RolePolicyAttachment karpenter-${policy} < karpenter`,
    ),
    "aws:sqs/queue:Queue karpenter-interruption < karpenter",
    "aws:sqs/queuePolicy:QueuePolicy karpenter-interruption < karpenter",
    "kubernetes:apps/v1:Deployment karpenter-metal-warm < karpenter",
    "kubernetes:helm.sh/v3:Release karpenter-chart < karpenter",
    "kubernetes:helm.sh/v3:Release karpenter-crds < karpenter",
    "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass karpenter-metal-class < karpenter",
    "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass karpenter-nested-class < karpenter",
    "kubernetes:karpenter.sh/v1:NodePool karpenter-metal < karpenter",
    "kubernetes:karpenter.sh/v1:NodePool karpenter-nested < karpenter",
    "kubernetes:karpenter.sh/v1alpha1:NodeOverlay karpenter-metal-overlay < karpenter",
    "kubernetes:karpenter.sh/v1alpha1:NodeOverlay karpenter-nested-overlay < karpenter",
    "kubernetes:scheduling.k8s.io/v1:PriorityClass karpenter-metal-warm < karpenter",
    "kvm-fabric:index:Karpenter karpenter < stack",
  ]);
  expect(deployment.outputs.get("karpenter")).toEqual({
    nodeRoleArn: "arn:aws:iam::123456789012:role/fabric-eu-central-1-karpenter-node",
    nodePoolNames: ["karpenter-nested", "karpenter-metal"],
    queueName: "fabric-eu-central-1-karpenter",
  });
});

test("makes the same tree where nothing of the cluster is known yet", async () => {
  const program = () => {
    const later = (key: string, value: string) => new Queue(`later-${key}`, { name: value }).name;
    new Karpenter("karpenter", {
      ...least,
      cluster: {
        arn: later("arn", "arn:aws:eks:eu-central-1:123456789012:cluster/fabric"),
        certificateAuthorityData: later("ca", "Q0E="),
        clusterSecurityGroupId: later("sg", "sg-0123456789abcdef0"),
        endpoint: later("endpoint", "https://api"),
        kubernetesVersion: later("version", "1.36"),
        name: later("name", "fabric"),
        serviceCidr: later("cidr", "172.20.0.0/16"),
      },
      isolatedVpc: true,
      pools: [
        nested,
        {
          ...metal,
          userData: later("data", "x"),
          volume: { kmsKeyArn: later("k", "arn:aws:kms:x") },
        },
      ],
    });
  };
  const known = await deploy(program, { outputsOf: computed });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(find(known, NODE_CLASS, "karpenter-nested-class").inputs.spec.instanceProfile).toBe(
    "fabric-eu-central-1-karpenter-node",
  );
  expect(find(unknown, NODE_CLASS, "karpenter-nested-class").inputs.spec.instanceProfile).toBe(
    UNKNOWN,
  );
  expect(find(unknown, NODE_POOL, "karpenter-nested").inputs).toEqual(
    find(known, NODE_POOL, "karpenter-nested").inputs,
  );
});

/** Everything that a resource depends on, directly or not: what outlives it. */
function outlives(deployment: Deployment, type: string, name: string): Set<string> {
  const label = (of: { type: string; name: string }) => `${of.type.split(":").at(-1)} ${of.name}`;
  const byUrnName = (wanted: string) =>
    deployment.resources.filter((resource) => resource.name === wanted && resource.custom);
  const seen = new Set<string>();
  const visit = (names: string[]) => {
    for (const resource of names.flatMap(byUrnName)) {
      if (seen.has(label(resource))) continue;
      seen.add(label(resource));
      visit(resource.dependsOn);
    }
  };
  visit(find(deployment, type, name).dependsOn);
  return seen;
}

test("on the way back machines go before whatever lets the controller end them", async () => {
  const deployment = await run({ cluster, pools: [nested, metal] });
  const identity = [
    "Role karpenter-controller",
    "PodIdentityAssociation karpenter-controller",
    ...["node-lifecycle", "iam-integration", "eks-integration"].map((p) => `Policy karpenter-${p}`),
    ...["interruption", "zonal-shift", "resource-discovery"].map((p) => `Policy karpenter-${p}`),
    ...["node-lifecycle", "iam-integration", "eks-integration", "interruption", "zonal-shift"].map(
      (p) => `RolePolicyAttachment karpenter-${p}`,
    ),
    "RolePolicyAttachment karpenter-resource-discovery",
    "Role karpenter-node",
    "AccessEntry karpenter-node",
    ...["cni", "worker", "registry", "ssm"].map((p) => `RolePolicyAttachment karpenter-node-${p}`),
    "Queue karpenter-interruption",
    "QueuePolicy karpenter-interruption",
  ];
  // A name stands for one resource of each type, so the exact list says how many of each there are.
  const direct = [
    ...["karpenter-controller", "karpenter-controller", "karpenter-crds"],
    ...["eks-integration", "iam-integration", "interruption", "interruption"],
    ...["interruption", "interruption", "node", "node", "node-cni", "node-lifecycle"],
    ...["node-registry", "node-ssm", "node-worker", "resource-discovery", "zonal-shift"],
    ...["eks-integration", "iam-integration", "node-lifecycle", "resource-discovery"],
    "zonal-shift",
  ].map((suffix) => (suffix.startsWith("karpenter-") ? suffix : `karpenter-${suffix}`));
  expect(find(deployment, RELEASE, "karpenter-chart").dependsOn).toEqual(direct.sort());
  const controller = outlives(deployment, RELEASE, "karpenter-chart");
  expect([...controller]).toEqual(expect.arrayContaining([...identity, "Release karpenter-crds"]));
  expect([...outlives(deployment, RELEASE, "karpenter-crds")]).toEqual(
    expect.arrayContaining(["PodIdentityAssociation karpenter-controller"]),
  );
  const nodeClass = outlives(deployment, NODE_CLASS, "karpenter-metal-class");
  expect([...nodeClass]).toEqual(
    expect.arrayContaining([...identity, "Release karpenter-crds", "Release karpenter-chart"]),
  );
  const pool = outlives(deployment, NODE_POOL, "karpenter-metal");
  expect([...pool]).toEqual(
    expect.arrayContaining([
      ...nodeClass,
      "EC2NodeClass karpenter-metal-class",
      "NodeOverlay karpenter-metal-overlay",
    ]),
  );
  const warm = outlives(deployment, "kubernetes:apps/v1:Deployment", "karpenter-metal-warm");
  expect([...warm]).toEqual(
    expect.arrayContaining(["NodePool karpenter-metal", "PriorityClass karpenter-metal-warm"]),
  );
});

test("a NodePool goes in the foreground and is given the time that its machines take", async () => {
  const deployment = await run({
    cluster,
    pools: [nested, { ...metal, scaling: { terminationGracePeriod: "2h" } }],
  });
  const pool = find(deployment, NODE_POOL, "karpenter-nested");
  expect(pool.inputs.metadata.annotations).toEqual({
    "pulumi.com/deletionPropagationPolicy": "foreground",
  });
  expect(pool.customTimeouts.pb_delete).toBe("90m");
  expect(find(deployment, NODE_POOL, "karpenter-metal").customTimeouts.pb_delete).toBe("150m");
  expect(find(deployment, NODE_CLASS, "karpenter-metal-class").customTimeouts.pb_delete).toBe(
    "150m",
  );
});

test("the charts come by exact version, the definitions first and in a release of their own", async () => {
  const deployment = await run({ ...least, nodeSelector: { "kvm-fabric.dev/system": "true" } });
  const { inputs: crds } = find(deployment, RELEASE, "karpenter-crds");
  expect(crds).toMatchObject({
    chart: "oci://public.ecr.aws/karpenter/karpenter-crd",
    name: "karpenter-crd",
    namespace: "kube-system",
    version: "1.14.1",
    timeout: 600,
    atomic: false,
  });
  const { inputs: chart } = find(deployment, RELEASE, "karpenter-chart");
  expect(chart).toMatchObject({
    chart: "oci://public.ecr.aws/karpenter/karpenter",
    name: "karpenter",
    version: "1.14.1",
    timeout: 600,
    atomic: true,
    cleanupOnFail: true,
    skipCrds: true,
  });
  expect(chart.values).toEqual({
    replicas: 2,
    serviceAccount: { create: true, name: "karpenter" },
    podDisruptionBudget: { name: "karpenter", maxUnavailable: 1 },
    priorityClassName: "system-cluster-critical",
    nodeSelector: { "kubernetes.io/os": "linux", "kvm-fabric.dev/system": "true" },
    tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "karpenter.sh/nodepool", operator: "DoesNotExist" }] },
          ],
        },
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }],
      },
    },
    controller: {
      resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
    },
    settings: {
      clusterName: "fabric",
      clusterEndpoint: cluster.endpoint,
      eksControlPlane: true,
      enableZonalShift: true,
      interruptionQueue: "fabric-eu-central-1-karpenter",
      isolatedVPC: false,
      featureGates: { nodeOverlay: true },
    },
  });
});

test("the association names the very service account of the chart", async () => {
  const deployment = await run({ ...least, namespace: "karpenter" });
  const association = find(
    deployment,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "karpenter-controller",
  ).inputs;
  const chart = find(deployment, RELEASE, "karpenter-chart").inputs;
  expect(association).toMatchObject({
    clusterName: "fabric",
    namespace: chart.namespace,
    serviceAccount: chart.values.serviceAccount.name,
    roleArn: "arn:aws:iam::123456789012:role/fabric-eu-central-1-karpenter-controller",
  });
});

test("the queue is encrypted, short-lived, and every rule writes to it", async () => {
  const deployment = await run(least);
  const queue = find(deployment, "aws:sqs/queue:Queue", "karpenter-interruption").inputs;
  expect(queue).toMatchObject({ messageRetentionSeconds: 300, sqsManagedSseEnabled: true });
  const targets = deployment.resources.filter(({ type }) => type.endsWith("EventTarget"));
  expect(targets).toHaveLength(5);
  for (const target of targets) {
    expect(target.inputs.arn).toBe(
      "arn:aws:sqs:eu-central-1:123456789012:fabric-eu-central-1-karpenter",
    );
    expect(target.dependsOn).toContain("karpenter-interruption");
    const rule = find(deployment, "aws:cloudwatch/eventRule:EventRule", target.name);
    expect(rule.inputs.name).toBe(target.inputs.rule);
    expect(rule.inputs.name.length).toBeLessThanOrEqual(64);
  }
});

test("nodes may join, with the role that the controller may pass on and no other", async () => {
  const deployment = await run({
    ...least,
    nodePolicyArns: ["arn:aws:iam::123456789012:policy/ipv6"],
  });
  const role = "arn:aws:iam::123456789012:role/fabric-eu-central-1-karpenter-node";
  expect(
    find(deployment, "aws:eks/accessEntry:AccessEntry", "karpenter-node").inputs,
  ).toMatchObject({
    clusterName: "fabric",
    principalArn: role,
    type: "EC2_LINUX",
  });
  const policy = find(deployment, "aws:iam/policy:Policy", "karpenter-iam-integration").inputs
    .policy;
  expect(JSON.parse(policy).Statement[0]).toMatchObject({ Action: "iam:PassRole", Resource: role });
  const attached = deployment.resources
    .filter(({ name }) => name.startsWith("karpenter-node-"))
    .filter(({ inputs }) => inputs.role === "fabric-eu-central-1-karpenter-node")
    .map(({ inputs }) => inputs.policyArn)
    .sort();
  expect(attached).toEqual([
    "arn:aws:iam::123456789012:policy/ipv6",
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
  ]);
});

test("names stay within IAM's limits for the longest name of a cluster", async () => {
  const name = "c".repeat(100);
  const arn = `arn:aws-cn:eks:cn-northwest-1:123456789012:cluster/${name}`;
  const deployment = await run({ ...least, cluster: { ...cluster, arn, name }, isolatedVpc: true });
  const limits: Record<string, number> = {
    "aws:iam/role:Role": 64,
    "aws:iam/policy:Policy": 128,
    "aws:iam/instanceProfile:InstanceProfile": 128,
    "aws:sqs/queue:Queue": 80,
    "aws:cloudwatch/eventRule:EventRule": 64,
  };
  const named = deployment.resources.filter(({ type }) => limits[type] !== undefined);
  expect(named.length).toBe(2 + 6 + 1 + 1 + 5);
  expect(new Set(named.map(({ type, inputs }) => `${type} ${inputs.name}`)).size).toBe(
    named.length,
  );
  for (const { type, inputs } of named) {
    expect(inputs.name.length).toBeLessThanOrEqual(limits[type] ?? 0);
  }
  const attachment = find(
    deployment,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "karpenter-node-cni",
  );
  expect(attachment.inputs.policyArn).toBe("arn:aws-cn:iam::aws:policy/AmazonEKS_CNI_Policy");
});

test("a nested pool: pinned image, nested virtualisation, encrypted disk, tokens at one hop", async () => {
  const deployment = await run({ ...least, tags: { team: "fabric" } });
  expect(find(deployment, NODE_CLASS, "karpenter-nested-class").inputs.spec).toEqual({
    amiFamily: "AL2023",
    amiSelectorTerms: [{ alias: "al2023@v20260801" }],
    role: "fabric-eu-central-1-karpenter-node",
    subnetSelectorTerms: [{ tags: { "karpenter.sh/discovery": "fabric" } }],
    securityGroupSelectorTerms: [{ id: "sg-0123456789abcdef0" }],
    associatePublicIPAddress: false,
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        rootVolume: true,
        ebs: {
          volumeType: "gp3",
          encrypted: true,
          deleteOnTermination: true,
          volumeSize: "100Gi",
          iops: 3000,
          throughput: 250,
        },
      },
    ],
    metadataOptions: {
      httpEndpoint: "enabled",
      httpProtocolIPv6: "disabled",
      httpPutResponseHopLimit: 1,
      httpTokens: "required",
    },
    cpuOptions: { nestedVirtualization: "enabled" },
    tags: { team: "fabric" },
    userData: "#!/bin/sh\nmodprobe kvm_intel\n",
  });
  expect(find(deployment, NODE_POOL, "karpenter-nested").inputs.spec).toEqual({
    template: {
      metadata: {
        labels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "karpenter-nested" },
      },
      spec: {
        nodeClassRef: {
          group: "karpenter.k8s.aws",
          kind: "EC2NodeClass",
          name: "karpenter-nested",
        },
        requirements: [
          { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
          { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
          { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
          {
            key: "karpenter.k8s.aws/instance-family",
            operator: "In",
            values: ["m8i", "c8i-flex"],
          },
          {
            key: "karpenter.k8s.aws/instance-size",
            operator: "NotIn",
            values: ["metal", "metal-16xl", "metal-24xl", "metal-32xl", "metal-48xl", "metal-96xl"],
          },
        ],
        taints: [{ key: "kvm-fabric.dev/worker", value: "true", effect: "NoSchedule" }],
        startupTaints: [{ key: "kvm-fabric.dev/not-ready", value: "true", effect: "NoSchedule" }],
        expireAfter: "720h",
        terminationGracePeriod: "1h",
      },
    },
    disruption: {
      consolidationPolicy: "WhenEmpty",
      consolidateAfter: "5m",
      budgets: [{ nodes: "1" }],
    },
    limits: { cpu: "1000" },
    weight: 10,
  });
  expect(find(deployment, OVERLAY, "karpenter-nested-overlay").inputs.spec).toEqual({
    requirements: [{ key: "karpenter.sh/nodepool", operator: "In", values: ["karpenter-nested"] }],
    capacity: { "kvm-fabric.dev/kvm": "100" },
  });
});

test("a metal pool asks for metal sizes and for no processor option", async () => {
  const deployment = await run({ cluster, pools: [metal] });
  const spec = find(deployment, NODE_CLASS, "karpenter-metal-class").inputs.spec;
  expect(spec.cpuOptions).toBeUndefined();
  expect(spec.amiFamily).toBe("Bottlerocket");
  expect(
    spec.blockDeviceMappings.map((disk: any) => [disk.deviceName, disk.ebs.encrypted]),
  ).toEqual([
    ["/dev/xvda", true],
    ["/dev/xvdb", true],
  ]);
  const { requirements } = find(deployment, NODE_POOL, "karpenter-metal").inputs.spec.template.spec;
  expect(requirements).toContainEqual({
    key: "karpenter.k8s.aws/instance-size",
    operator: "In",
    values: ["metal", "metal-16xl", "metal-24xl", "metal-32xl", "metal-48xl", "metal-96xl"],
  });
});

test("nodes get their host profile as their operating system takes it", async () => {
  const plain = { ...nested };
  delete plain.userData;
  const deployment = await run({ cluster, pools: [plain, metal] });
  const data = (name: string): string => find(deployment, NODE_CLASS, name).inputs.spec.userData;
  expect(data("karpenter-nested-class")).toMatch(
    /^MIME-Version: 1\.0\nContent-Type: multipart\/mixed/,
  );
  expect(data("karpenter-nested-class")).toContain("Content-Type: text/x-shellscript");
  expect(data("karpenter-nested-class")).toContain("/dev/kvm");
  expect(data("karpenter-metal-class")).toContain("[settings.kernel.modules.kvm]");
});

test("nodes bring assets by a script that unpacks itself, in a part that Karpenter passes on", async () => {
  const plain = { ...nested, hostProfile: { assets } };
  delete plain.userData;
  const deployment = await run({ cluster, pools: [plain] });
  const { userData } = find(deployment, NODE_CLASS, "karpenter-nested-class").inputs.spec;
  const [script, ...others] = parseMime(userData);
  expect(others).toEqual([]);
  expect(script).toMatchObject({ contentType: "text/x-shellscript" });
  expect(script?.body).toContain(`asset set ${assetSetId(assets)} of kvm-fabric`);
});

test("warm nodes are held by pods that any other displaces, and that no asset set is asked of", async () => {
  const deployment = await run({ cluster, domain: "aetherium.io", pools: [metal] });
  const priority = find(
    deployment,
    "kubernetes:scheduling.k8s.io/v1:PriorityClass",
    "karpenter-metal-warm",
  ).inputs;
  expect(priority).toMatchObject({ value: -10, preemptionPolicy: "Never", globalDefault: false });
  const { metadata, spec } = find(
    deployment,
    "kubernetes:apps/v1:Deployment",
    "karpenter-metal-warm",
  ).inputs;
  expect(metadata.annotations).toEqual({ "pulumi.com/skipAwait": "true" });
  expect(metadata.namespace).toBe("fabric-services");
  const pod = spec.template.spec;
  expect(spec.replicas).toBe(1);
  expect(pod.priorityClassName).toBe(priority.metadata.name);
  expect(pod.nodeSelector).toEqual({
    "aetherium.io/kvm-enabled": "true",
    "aetherium.io/pool": "karpenter-metal",
  });
  expect(pod.tolerations).toEqual([
    { key: "aetherium.io/worker", operator: "Equal", value: "true", effect: "NoSchedule" },
  ]);
  expect(pod.containers[0].image).toBe(pause);
  expect(pod.containers[0].resources.requests).toEqual({
    cpu: "1",
    memory: "16Mi",
    "aetherium.io/kvm": "90",
  });
  expect(JSON.stringify(spec)).not.toContain("aetherium.io/assets");
  const holders = pod.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0];
  expect(holders.labelSelector.matchLabels).toEqual(spec.selector.matchLabels);
});

test("everything wrong is said at once, before anything is made", async () => {
  let error: unknown;
  const deployment = await deploy(() => {
    try {
      new Karpenter("karpenter", {
        cluster,
        version: "1.12.0",
        pools: [{ ...nested, image: "al2023@latest", instanceFamilies: ["m6a"] }],
      });
    } catch (reason) {
      error = reason;
    }
  });
  expect((error as Error).message).toContain('Karpenter "karpenter" has 4 faults:');
  expect((error as Error).stack).not.toMatch(/\n\s+at /);
  expect(tree(deployment)).toEqual(["kvm-fabric:index:Karpenter karpenter < stack"]);
});
