import fc from "fast-check";
import {
  AwsAccessPolicy,
  type AwsClusterArgs,
  AwsNodeImage,
  AwsSupportType,
  type AwsClusterPool,
} from "../../../../../components/cluster/aws/args";
import { type AwsClusterPlan, planAwsCluster } from "../../../../../components/cluster/aws/plan";
import { renderFault } from "../../../../../components/shared/faults";
import { least, TODAY } from "./least";

const [deployer] = least.accessEntries;
if (deployer === undefined) throw new Error("no deployer");

function plan(args: Partial<AwsClusterArgs> = {}, name = "fabric"): AwsClusterPlan {
  const result = planAwsCluster(name, { ...least, ...args }, TODAY);
  if (!result.ok) throw new Error(result.faults.map(renderFault).join("\n"));
  return result.plan;
}

function faults(args: object, name = "fabric", today = TODAY): string[] {
  const result = planAwsCluster(name, { ...least, ...args }, today);
  return result.ok ? [] : result.faults.map(renderFault);
}

const pool = (own: object): Pick<AwsClusterArgs, "systemPool"> => ({
  systemPool: { ...least.systemPool, ...own },
});
const entry = (own: object) => ({
  accessEntries: [deployer, { ...deployer, name: "other", ...own }],
});
const other = "arn:aws:iam::123456789012:role/other";

test("fills in every default", () => {
  const { addOns, names, ...rest } = plan();
  expect(rest).toEqual({
    name: "fabric",
    accessEntries: least.accessEntries,
    deletionProtection: true,
    encryptionKeyArn: undefined,
    irsa: false,
    kubeconfigRoleArn: undefined,
    kubernetesVersion: "1.36",
    logRetentionDays: 90,
    network: least.network,
    privateAccessCidrs: [],
    publicAccessCidrs: [],
    serviceCidr: "172.20.0.0/16",
    servicesPool: undefined,
    supportType: "STANDARD",
    systemPool: {
      word: "system",
      dedicated: true,
      diskGib: 50,
      image: "AL2023_x86_64_STANDARD",
      instanceTypes: ["m6i.large"],
      kubernetesVersion: "1.36",
      maxNodes: 4,
      minNodes: 2,
      releaseVersion: "1.36.2-20260812",
      sessionManager: false,
    },
    tags: {},
    warnings: [],
    zonalShift: true,
  });
  expect(names).toMatchObject({
    cluster: "fabric",
    logGroup: "/aws/eks/fabric/cluster",
    keyAlias: "alias/eks/fabric",
  });
  expect(names.launchTemplate("system")).toBe("fabric-system");
  expect(addOns.beforeCompute.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "eks-pod-identity-agent v1.3.10-eksbuild.3",
    "kube-proxy v1.36.0-eksbuild.21",
    "vpc-cni v1.22.4-eksbuild.3",
  ]);
  expect(addOns.afterCompute.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "coredns v1.14.3-eksbuild.16",
    "aws-ebs-csi-driver v1.63.1-eksbuild.1",
  ]);
});

test("the pool of services has nodes of its own number and no taint", () => {
  expect(plan({ servicesPool: least.systemPool }).servicesPool).toEqual({
    ...plan().systemPool,
    word: "services",
    dedicated: false,
    minNodes: 3,
    maxNodes: 6,
  });
});

test("without a word of machines, they are of the image's architecture", () => {
  const { instanceTypes } = plan(pool({ image: AwsNodeImage.Al2023Arm })).systemPool;
  expect(instanceTypes).toEqual(["m6g.large"]);
});

test("the CNI enforces network policies, and what runs on the system pool tolerates its taint", () => {
  const { afterCompute, beforeCompute } = plan().addOns;
  const tolerations = [{ key: "CriticalAddonsOnly", operator: "Exists" }];
  expect(beforeCompute.map(({ configuration }) => configuration)).toEqual([
    undefined,
    undefined,
    { enableNetworkPolicy: "true" },
  ]);
  expect(afterCompute.map(({ configuration }) => configuration)).toEqual([
    { tolerations },
    { controller: { tolerations } },
  ]);
});

test.each([
  ["an upgrade's first step: nodes stay behind", "1.36", "1.35.6-20260812", undefined, "1.35"],
  ["Bottlerocket follows the cluster", "1.36", "1.57.0-8a1b2c3d", undefined, "1.36"],
  ["Bottlerocket held back", "1.36", "1.57.0-8a1b2c3d", "1.35", "1.35"],
])("nodes' version: %s", (_, kubernetesVersion, releaseVersion, own, expected) => {
  const bottlerocket = releaseVersion.startsWith("1.57");
  const image = bottlerocket ? AwsNodeImage.Bottlerocket : AwsNodeImage.Al2023;
  const systemPool: AwsClusterPool = { releaseVersion, image };
  if (own !== undefined) systemPool.kubernetesVersion = own;
  expect(plan({ kubernetesVersion, systemPool }).systemPool.kubernetesVersion).toBe(expected);
});

test("warns of an open endpoint and of a version whose support ends soon", () => {
  const warned = planAwsCluster(
    "fabric",
    { ...least, unsafePublicAccessFromAnywhere: true },
    new Date("2027-07-01"),
  );
  expect(warned.ok && warned.plan.warnings).toEqual([
    "EKS ends standard support of Kubernetes 1.36 on 2027-08-02: upgrade by one minor version",
    "unsafePublicAccessFromAnywhere: the whole internet reaches the API server",
  ]);
  expect(warned.ok && warned.plan.publicAccessCidrs).toEqual(["0.0.0.0/0"]);
});

const MINORS = "1.31, 1.32, 1.33, 1.34, 1.35, 1.36 or newer (known on 2026-08-22)";
const POLICIES = Object.values(AwsAccessPolicy).join(", ");
const BACK =
  "; try to upgrade the control plane first, then the nodes, one minor version each time";

test.each<[string, object, string[]]>([
  [
    "no administrator",
    { accessEntries: [{ ...deployer, policy: AwsAccessPolicy.View }] },
    [
      "accessEntries: names no administrator of the whole cluster, so nobody could deploy to it, allowed at least one entry with AwsAccessPolicy.ClusterAdmin and no namespaces; try an entry for the role that runs this program",
    ],
  ],
  [
    "an administrator of a namespace alone",
    { accessEntries: [{ ...deployer, namespaces: ["a"] }] },
    [expect.stringMatching(/^accessEntries: names no administrator/)],
  ],
  ["no entries", { accessEntries: [] }, [expect.stringMatching(/^accessEntries: names no admin/)]],
  [
    "a session as principal",
    entry({ principalArn: "arn:aws:sts::123456789012:assumed-role/ci/run" }),
    [
      'accessEntries[1].principalArn: a session, which EKS never matches, got "arn:aws:sts::123456789012:assumed-role/ci/run"; try the ARN of the role: arn:aws:iam::ACCOUNT:role/NAME',
    ],
  ],
  [
    "a principal that is no ARN",
    entry({ principalArn: "deployer" }),
    [
      'accessEntries[1].principalArn: not the ARN of an IAM role or user, got "deployer", allowed arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME',
    ],
  ],
  [
    "a name and a principal twice",
    { accessEntries: [deployer, deployer] },
    [
      'accessEntries[1].name: named twice, got "deployer"',
      'accessEntries[1].principalArn: has an entry already, got "arn:aws:iam::123456789012:role/deployer"',
    ],
  ],
  [
    "an entry that allows nothing",
    { accessEntries: [deployer, { name: "idle", principalArn: other }] },
    ["accessEntries[1]: allows nothing; try a policy, or groups that roles are bound to"],
  ],
  [
    "an unknown policy",
    entry({ principalArn: other, policy: "AmazonEKSGodPolicy" }),
    [
      `accessEntries[1].policy: not one of the values, got "AmazonEKSGodPolicy", allowed ${POLICIES}`,
    ],
  ],
  [
    "a group of Kubernetes' own",
    entry({ principalArn: other, groups: ["system:masters"] }),
    [
      'accessEntries[1].groups[0]: a group that EKS keeps for itself, got "system:masters"; try a policy, or a group of your own with a role binding',
    ],
  ],
  [
    "a group that is no name",
    entry({ principalArn: other, groups: ["a b"] }),
    [
      'accessEntries[1].groups[0]: not the name of a group, got "a b", allowed letters, digits and ._@:-',
    ],
  ],
  [
    "namespaces without a policy",
    {
      accessEntries: [
        deployer,
        { name: "x", principalArn: other, groups: ["g"], namespaces: ["a"] },
      ],
    },
    ["accessEntries[1].namespaces: only a policy has namespaces; try a policy"],
  ],
  [
    "no namespace",
    entry({ principalArn: other, namespaces: [] }),
    ["accessEntries[1].namespaces: empty; try to leave it out for all"],
  ],
  [
    "an impossible namespace",
    entry({ principalArn: other, namespaces: ["Team A"] }),
    [
      'accessEntries[1].namespaces[0]: not the name of a namespace, got "Team A", allowed a-z, 0-9 and -, at most 63 characters',
    ],
  ],
  [
    "an entry's name that is no word",
    entry({ principalArn: other, name: "Other!" }),
    [
      'accessEntries[1].name: not a name, got "Other!", allowed a-z, 0-9 and -, at most 40 characters',
    ],
  ],
  [
    "a patch version",
    { kubernetesVersion: "1.36.2" },
    ['kubernetesVersion: more than a minor version, got "1.36.2", allowed as in 1.36'],
  ],
  [
    "no version",
    { kubernetesVersion: "latest" },
    [`kubernetesVersion: not a version of Kubernetes, got "latest", allowed ${MINORS}`],
  ],
  [
    "a version EKS forgot",
    { kubernetesVersion: "1.29", ...pool({ releaseVersion: "1.29.2-20260812" }) },
    [
      `kubernetesVersion: EKS no longer runs it, got "1.29", allowed ${MINORS}`,
      expect.stringMatching(/^addOns.kubeProxy: newer than the control plane/),
    ],
  ],
  [
    "a version past its standard support",
    {
      kubernetesVersion: "1.33",
      addOns: { ...least.addOns, kubeProxy: "v1.33.0-eksbuild.2" },
      ...pool({ releaseVersion: "1.33.2-20260812" }),
    },
    [
      `kubernetesVersion: its standard support by EKS ended on 2026-07-29, got "1.33", allowed ${MINORS}; try a newer minor version, or supportType: AwsSupportType.Extended`,
    ],
  ],
  [
    "add-ons that are not pinned",
    { addOns: { ...least.addOns, coreDns: "latest", vpcCni: "v1.22.4" } },
    [
      'addOns.coreDns: not an exact version of an EKS add-on, got "latest", allowed as in v1.14.3-eksbuild.16; try aws eks describe-addon-versions',
      'addOns.vpcCni: not an exact version of an EKS add-on, got "v1.22.4", allowed as in v1.14.3-eksbuild.16; try aws eks describe-addon-versions',
    ],
  ],
  [
    "a kube-proxy newer than the control plane",
    { addOns: { ...least.addOns, kubeProxy: "v1.37.0-eksbuild.1" } },
    [`addOns.kubeProxy: newer than the control plane, got "v1.37.0", allowed at most 1.36${BACK}`],
  ],
  [
    "nodes newer than the control plane",
    pool({ releaseVersion: "1.37.0-20261101" }),
    [
      `systemPool.releaseVersion: newer than the control plane, got "1.37", allowed at most 1.36${BACK}`,
    ],
  ],
  [
    "nodes too old for the control plane",
    pool({ releaseVersion: "1.32.0-20260812" }),
    ['systemPool.releaseVersion: too old for the control plane, got "1.32", allowed 1.33 to 1.36'],
  ],
  [
    "a release of another version than stated",
    pool({ kubernetesVersion: "1.35" }),
    [
      'systemPool.releaseVersion: of another minor version than kubernetesVersion 1.35, got "1.36.2-20260812"',
    ],
  ],
  [
    "a patch version of nodes",
    pool({ kubernetesVersion: "1.36.2" }),
    ['systemPool.kubernetesVersion: not a minor version, got "1.36.2", allowed as in 1.36'],
  ],
  [
    "Bottlerocket newer than the control plane",
    pool({
      image: AwsNodeImage.Bottlerocket,
      releaseVersion: "1.57.0-8a1b2c3d",
      kubernetesVersion: "1.37",
    }),
    [
      `systemPool.kubernetesVersion: newer than the control plane, got "1.37", allowed at most 1.36${BACK}`,
    ],
  ],
  [
    "a release that is not exact",
    pool({ releaseVersion: "recommended" }),
    [
      'systemPool.releaseVersion: not an exact release of the image, got "recommended", allowed as in 1.36.2-20260812; try aws ssm get-parameter with the name from the documentation of this argument',
    ],
  ],
  [
    "a release of the other image",
    pool({ image: AwsNodeImage.Bottlerocket }),
    [
      'systemPool.releaseVersion: not an exact release of the image, got "1.36.2-20260812", allowed as in 1.57.0-8a1b2c3d; try aws ssm get-parameter with the name from the documentation of this argument',
    ],
  ],
  [
    "Amazon Linux 2",
    pool({ image: "AL2_x86_64" }),
    [
      `systemPool.image: not an image that gets updates, got "AL2_x86_64", allowed ${Object.values(AwsNodeImage).join(", ")}`,
    ],
  ],
  [
    "one node",
    pool({ minNodes: 1 }),
    ["systemPool.minNodes: out of range, got 1, allowed whole numbers 2 to 100"],
  ],
  [
    "more nodes at least than at most",
    pool({ minNodes: 5, maxNodes: 3 }),
    ["systemPool.minNodes: more than maxNodes, got 5, allowed at most 3"],
  ],
  [
    "numbers of the pool of services, whose defaults are others",
    { servicesPool: { ...least.systemPool, minNodes: 1, maxNodes: 2, diskGib: 8 } },
    [
      "servicesPool.diskGib: out of range, got 8, allowed whole numbers 20 to 16384",
      "servicesPool.minNodes: out of range, got 1, allowed whole numbers 2 to 100",
    ],
  ],
  [
    "fewer nodes for services than there are by default",
    { servicesPool: { ...least.systemPool, maxNodes: 2 } },
    ["servicesPool.minNodes: more than maxNodes, got 3, allowed at most 2"],
  ],
  [
    "a disk too small",
    pool({ diskGib: 8 }),
    ["systemPool.diskGib: out of range, got 8, allowed whole numbers 20 to 16384"],
  ],
  [
    "no instance type",
    pool({ instanceTypes: [] }),
    ["systemPool.instanceTypes: empty; try to leave it out for the default"],
  ],
  [
    "an instance type of another architecture, and none at all",
    pool({ instanceTypes: ["m7g.large", "big"] }),
    [
      'systemPool.instanceTypes[0]: not of the image\'s architecture, x86-64, got "m7g.large"; try an image or a type of the other architecture',
      'systemPool.instanceTypes[1]: not an instance type, got "big", allowed as in m6i.large',
    ],
  ],
  [
    "the internet in an allow-list",
    { publicAccessCidrs: ["0.0.0.0/0"] },
    [
      'publicAccessCidrs[0]: allows too much of the internet, got "0.0.0.0/0", allowed prefixes /8 to /32',
    ],
  ],
  [
    "the internet in two halves",
    { publicAccessCidrs: ["0.0.0.0/1", "128.0.0.0/1"] },
    [
      expect.stringMatching(/^publicAccessCidrs\[0\]: allows too much/),
      expect.stringMatching(/^publicAccessCidrs\[1\]: allows too much/),
    ],
  ],
  [
    "a private range for the public endpoint",
    { publicAccessCidrs: ["10.1.0.0/16"] },
    [
      'publicAccessCidrs[0]: a private range never reaches a public endpoint, got "10.1.0.0/16"; try privateAccessCidrs',
    ],
  ],
  [
    "more ranges than EKS takes",
    {
      publicAccessCidrs: Array.from({ length: 41 }, (_, index) => `203.0.113.${String(index)}/32`),
    },
    ["publicAccessCidrs: too many ranges, got 41, allowed at most 40 ranges"],
  ],
  [
    "an open endpoint with an allow-list",
    { publicAccessCidrs: ["203.0.113.0/24"], unsafePublicAccessFromAnywhere: true },
    [
      "unsafePublicAccessFromAnywhere: leaves no meaning to publicAccessCidrs, got true; try one of the two",
    ],
  ],
  [
    "a range that is none",
    { privateAccessCidrs: ["10.0.0.0/33"] },
    ['privateAccessCidrs[0]: not an IPv4 range, got "10.0.0.0/33", allowed as in 203.0.113.0/24'],
  ],
  [
    "Services where the network is",
    { serviceCidr: "10.0.128.0/20" },
    [
      'serviceCidr: overlaps the network\'s range 10.0.0.0/16, got "10.0.128.0/20"; try 10.100.0.0/16, or any private range that is in use nowhere',
    ],
  ],
  [
    "Services outside the private ranges",
    { serviceCidr: "100.64.0.0/16" },
    [
      'serviceCidr: not a range that EKS takes for Services, got "100.64.0.0/16", allowed /12 to /24 within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16',
    ],
  ],
  [
    "a key that is none",
    { encryptionKeyArn: "alias/mine" },
    [
      'encryptionKeyArn: not an ARN of the right kind, got "alias/mine", allowed arn:aws:kms:...:key/...',
    ],
  ],
  [
    "a role that is none",
    { kubeconfigRoleArn: "arn:aws:iam::123456789012:user/me" },
    [
      'kubeconfigRoleArn: not an ARN of the right kind, got "arn:aws:iam::123456789012:user/me", allowed arn:aws:iam:...:role/...',
    ],
  ],
  [
    "a retention CloudWatch does not know",
    { logRetentionDays: 100 },
    [
      expect.stringMatching(
        /^logRetentionDays: not a time CloudWatch knows, got 100, allowed 1, 3, 5/,
      ),
    ],
  ],
  [
    "a support type that is none",
    { supportType: "PREMIUM" },
    ['supportType: not one of the values, got "PREMIUM", allowed STANDARD, EXTENDED'],
  ],
  [
    "a tag of AWS' own",
    { tags: { "aws:owner": "me" } },
    ['tags.aws:owner: a prefix that AWS keeps for itself, got "aws:owner"'],
  ],
  [
    "a name EKS does not take",
    { clusterName: "my cluster" },
    [
      'clusterName: not the name of an EKS cluster, got "my cluster", allowed letters, digits, - and _, first a letter or digit, at most 100 characters',
    ],
  ],
])("refuses %s", (_, args, expected) => {
  expect(faults(args)).toEqual(expected);
});

test("refuses a logical name that EKS does not take, by the path of what the user gave", () => {
  expect(faults({}, "a".repeat(101))[0]).toMatch(/^name: not the name of an EKS cluster/);
});

test("reports all faults at once", () => {
  const all = faults({
    accessEntries: [],
    kubernetesVersion: "1.29",
    logRetentionDays: 2,
    publicAccessCidrs: ["0.0.0.0/0"],
    serviceCidr: "x",
  });
  expect(all.map((fault) => fault.split(":")[0])).toEqual([
    "kubernetesVersion",
    "accessEntries",
    "addOns.kubeProxy",
    "systemPool.releaseVersion",
    "publicAccessCidrs[0]",
    "serviceCidr",
    "logRetentionDays",
  ]);
});

test("takes Arm types for an Arm image, and the other way round", () => {
  const arm = ["a1.large", "m7g.large", "c7gn.xlarge", "im4gn.large", "is4gen.large", "x2gd.metal"];
  const intel = ["m6i.large", "g6.xlarge", "t3.medium", "u7i-12tb.224xlarge", "c8i-flex.large"];
  expect(faults(pool({ image: AwsNodeImage.Al2023Arm, instanceTypes: arm }))).toEqual([]);
  expect(faults(pool({ instanceTypes: intel }))).toEqual([]);
  expect(faults(pool({ instanceTypes: arm }))).toHaveLength(arm.length);
  expect(faults(pool({ image: AwsNodeImage.Al2023Arm, instanceTypes: intel }))).toHaveLength(
    intel.length,
  );
});

test("names in AWS stay within AWS's limits, and two clusters never meet in one", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,98}[a-z0-9]$/);
  fc.assert(
    fc.property(name, name, (one, two) => {
      const [first, second] = [plan({}, one).names, plan({}, two).names];
      for (const purpose of ["cluster", "cni", "ebs-csi", "services", "system"]) {
        expect(first.role(purpose)).toMatch(/^[\w+=,.@-]{1,64}$/);
        if (one !== two) expect(first.role(purpose)).not.toBe(second.role(purpose));
      }
      expect(first.launchTemplate("services")).toMatch(/^[\w().\-/]{3,128}$/);
      expect(first.keyAlias).toMatch(/^alias\/[\w/-]{1,250}$/);
    }),
  );
});

test("whatever the arguments, the planner answers, and a plan is safe by default", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("1.36", "1.35", "10.0.0.0/8", "v1.36.0-eksbuild.1"),
  );
  const args = fc.record(
    {
      kubernetesVersion: text,
      serviceCidr: text,
      logRetentionDays: fc.integer(),
      publicAccessCidrs: fc.array(text),
      privateAccessCidrs: fc.array(text),
      clusterName: text,
      tags: fc.dictionary(text, text),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(args, (own) => {
      const result = planAwsCluster("fabric", { ...least, ...own }, TODAY);
      if (!result.ok) {
        expect(result.faults.length).toBeGreaterThan(0);
        for (const fault of result.faults) expect(renderFault(fault)).toMatch(/^\S+.*: \S/s);
        return;
      }
      expect(result.plan.deletionProtection).toBe(true);
      expect(result.plan.publicAccessCidrs).not.toContain("0.0.0.0/0");
      expect(result.plan.supportType).toBe(AwsSupportType.Standard);
    }),
  );
});
