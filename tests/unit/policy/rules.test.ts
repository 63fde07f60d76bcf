import { exceptions } from "../../../policy/exceptions";
import { isProduction } from "../../../policy/production";
import type { RuledResource } from "../../../policy/resource";
import { rules } from "../../../policy/rules";
import { statefulKinds } from "../../../policy/stateful-kinds";

function check(rule: string, type: string, props: object, extra: Partial<RuledResource> = {}) {
  const found = rules.find(({ name }) => name === rule);
  if (!found) throw new Error(`no rule ${rule}`);
  const resource = { type, props: props as Record<string, unknown>, name: "r", stack: "prod" };
  return found.check({ ...resource, protected: false, madeFrom: {}, usedBy: [], ...extra });
}

const digest = `registry.example.com/app@sha256:${"a".repeat(64)}`;
const pod = (container: object, labels = {}) => ({
  spec: {
    template: { metadata: { labels }, spec: { containers: [{ name: "worker", ...container }] } },
  },
});

describe("images-by-digest", () => {
  const deployment = "kubernetes:apps/v1:Deployment";
  test("takes a digest, and an image that is not known yet", () => {
    expect(check("images-by-digest", deployment, pod({ image: digest }))).toEqual([]);
    expect(check("images-by-digest", deployment, pod({}))).toEqual([]);
  });
  test.each(["app", "app:1.0", "app:latest", "app@sha256:abc"])("refuses %s", (image) => {
    expect(check("images-by-digest", deployment, pod({ image }))).toEqual([
      `containers[worker] has image ${image}, which no digest pins`,
    ]);
  });
  test("finds containers wherever they are", () => {
    const spec = { initContainers: [{ image: "a" }], containers: [{ name: "b", image: "b" }] };
    const cron = { spec: { jobTemplate: { spec: { template: { spec } } } } };
    expect(check("images-by-digest", "kubernetes:batch/v1:CronJob", cron)).toHaveLength(2);
    expect(check("images-by-digest", "kubernetes:core/v1:Pod", { spec })).toHaveLength(2);
    expect(check("images-by-digest", "aws:ec2/instance:Instance", { spec })).toEqual([]);
  });
});

describe("no-privileged-containers", () => {
  const type = "kubernetes:apps/v1:DaemonSet";
  const privileged = { securityContext: { privileged: true } };
  test("takes what is not privileged, and what is recorded", () => {
    expect(check("no-privileged-containers", type, pod({}))).toEqual([]);
    const worker = pod(privileged, { "app.kubernetes.io/name": "worker" });
    expect(check("no-privileged-containers", type, worker)).toEqual([]);
  });
  test("refuses what is", () => {
    expect(check("no-privileged-containers", type, pod(privileged, { app: "worker" }))).toEqual([
      "containers[worker] is privileged, and not among the recorded exceptions",
    ]);
  });
  test.each(exceptions)(
    "the exception of $app/$container has its reasons, and is looked at again",
    (one) => {
      expect(one.reason.length).toBeGreaterThan(20);
      expect(one.compensation.length).toBeGreaterThan(20);
      expect(one.reviewBy).toMatch(/^20\d\d-\d\d-\d\d$/);
    },
  );
});

describe("no-public-endpoints", () => {
  test.each([
    ["aws:eks/cluster:Cluster", { vpcConfig: { endpointPublicAccess: false } }],
    ["aws:eks/cluster:Cluster", { vpcConfig: { publicAccessCidrs: ["192.0.2.0/24"] } }],
    ["gcp:container/cluster:Cluster", { privateClusterConfig: { enablePrivateEndpoint: true } }],
    [
      "gcp:container/cluster:Cluster",
      { masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: "192.0.2.0/24" }] } },
    ],
    [
      "azure-native:containerservice:ManagedCluster",
      { apiServerAccessProfile: { enablePrivateCluster: true } },
    ],
    ["aws:rds/instance:Instance", { publiclyAccessible: false }],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      { settings: { ipConfiguration: { ipv4Enabled: false } } },
    ],
    ["azure-native:dbforpostgresql:Server", { network: { publicNetworkAccess: "Disabled" } }],
    ["azure-native:dbforpostgresql:Server", { network: { delegatedSubnetResourceId: "/s" } }],
    ["azure-native:redisenterprise:RedisEnterprise", { publicNetworkAccess: "Disabled" }],
    ["azure-native:cache:Redis", { publicNetworkAccess: "Disabled" }],
    ["azure-native:cache:Redis", { subnetId: "/s" }],
    ["kubernetes:core/v1:Service", { spec: { type: "ClusterIP" } }],
    [
      "kubernetes:core/v1:Service",
      {
        metadata: { annotations: { "networking.gke.io/load-balancer-type": "Internal" } },
        spec: { type: "LoadBalancer" },
      },
    ],
  ])("takes a private %s", (type, props) => {
    expect(check("no-public-endpoints", type, props)).toEqual([]);
  });
  test.each([
    ["aws:eks/cluster:Cluster", { vpcConfig: {} }],
    ["aws:eks/cluster:Cluster", { vpcConfig: { publicAccessCidrs: ["0.0.0.0/0"] } }],
    ["gcp:container/cluster:Cluster", {}],
    ["azure-native:containerservice:ManagedCluster", {}],
    [
      "azure-native:containerservice:ManagedCluster",
      { apiServerAccessProfile: { authorizedIPRanges: ["10.0.0.0/8", "0.0.0.0/0"] } },
    ],
    ["aws:rds/instance:Instance", { publiclyAccessible: true }],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      { settings: { ipConfiguration: { ipv4Enabled: true } } },
    ],
    ["gcp:sql/databaseInstance:DatabaseInstance", {}],
    ["azure-native:storage:StorageAccount", { allowBlobPublicAccess: true }],
    ["azure-native:dbforpostgresql:Server", { network: { publicNetworkAccess: "Enabled" } }],
    ["azure-native:dbforpostgresql:Server", {}],
    ["azure-native:redisenterprise:RedisEnterprise", { publicNetworkAccess: "Enabled" }],
    ["azure-native:redisenterprise:RedisEnterprise", {}],
    ["azure-native:cache:Redis", {}],
    ["kubernetes:core/v1:Service", { spec: { type: "LoadBalancer" } }],
  ])("refuses a public %s", (type, props) => {
    expect(check("no-public-endpoints", type, props)).toHaveLength(1);
  });
});

describe("no-wildcard-permissions", () => {
  const policy = (statement: object) => ({
    policy: JSON.stringify({ Statement: [{ Effect: "Allow", ...statement }] }),
  });
  const arn = "arn:aws:s3:::bucket/*";
  test.each([
    [{ Action: "s3:GetObject", Resource: arn }],
    [{ Action: ["ec2:DescribeInstances"], Resource: "*" }],
    [{ Action: ["ec2:RunInstances"], Resource: "*", Condition: { StringEquals: {} } }],
    [{ Effect: "Deny", Action: "*", Resource: "*" }],
  ])("takes %j", (statement) => {
    expect(check("no-wildcard-permissions", "aws:iam/policy:Policy", policy(statement))).toEqual(
      [],
    );
  });
  test.each([
    [{ Action: "*", Resource: arn }],
    [{ Action: ["s3:*"], Resource: arn }],
    [{ NotAction: ["iam:*"], Resource: arn }],
    [{ Action: ["ec2:RunInstances"], Resource: "*" }],
  ])("refuses %j", (statement) => {
    const inline = { inlinePolicies: [policy(statement)] };
    expect(
      check("no-wildcard-permissions", "aws:iam/policy:Policy", policy(statement)),
    ).toHaveLength(1);
    expect(check("no-wildcard-permissions", "aws:iam/role:Role", inline)).toHaveLength(1);
  });
  test.each([
    [
      "aws:iam/role:Role",
      { assumeRolePolicy: { Statement: [{ Effect: "Allow", Principal: { AWS: "*" } }] } },
    ],
    ["gcp:projects/iAMMember:IAMMember", { role: "roles/editor", member: "user:a@example.com" }],
    ["gcp:projects/iAMMember:IAMMember", { role: "roles/viewer", member: "allUsers" }],
    [
      "azure-native:authorization:RoleAssignment",
      {
        roleDefinitionId: "/providers/x/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
        scope: "/subscriptions/s",
      },
    ],
    [
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
      { rules: [{ apiGroups: [""], resources: ["*"], verbs: ["*"] }] },
    ],
  ])("refuses it of %s too", (type, props) => {
    expect(check("no-wildcard-permissions", type, props)).toHaveLength(1);
  });
  test.each([
    [
      "gcp:projects/iAMMember:IAMMember",
      { role: "roles/logging.logWriter", member: "user:a@example.com" },
    ],
    [
      "azure-native:authorization:RoleAssignment",
      {
        roleDefinitionId: "/providers/x/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
        scope: "/subscriptions/s/resourceGroups/g",
      },
    ],
    [
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
      { rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["*"] }] },
    ],
  ])("takes a narrower %s", (type, props) => {
    expect(check("no-wildcard-permissions", type, props)).toEqual([]);
  });
});

describe("stateful-guards", () => {
  const database = "aws:rds/instance:Instance";
  test("takes what has both guards", () => {
    const both = check(
      "stateful-guards",
      database,
      { deletionProtection: true },
      { protected: true },
    );
    expect(both).toEqual([]);
  });
  test("names each guard that is missing", () => {
    expect(check("stateful-guards", database, {})).toEqual([
      "it is not protected: set the option `protect`",
      "deletionProtection is not true",
    ]);
    expect(check("stateful-guards", "aws:s3/bucket:Bucket", { forceDestroy: true })).toHaveLength(
      2,
    );
  });
  test.each(["gcp:redis/instance:Instance", "gcp:container/cluster:Cluster"])(
    "the provider protects %s unless it is told not to",
    (type) => {
      const guarded = { protected: true };
      expect(check("stateful-guards", type, {}, guarded)).toEqual([]);
      expect(check("stateful-guards", type, { deletionProtection: true }, guarded)).toEqual([]);
      expect(check("stateful-guards", type, { deletionProtection: false }, guarded)).toEqual([
        "deletionProtection is false",
      ]);
    },
  );
  test("asks nothing of what can be made again", () => {
    expect(check("stateful-guards", "aws:ec2/vpc:Vpc", {})).toEqual([]);
  });
  test("asks nothing of what is recorded as made again, and all of its siblings", () => {
    const key = "tls:index/privateKey:PrivateKey";
    expect(check("stateful-guards", key, {}, { name: "fabric-consul-server-key" })).toEqual([]);
    expect(check("stateful-guards", key, {}, { name: "fabric-consul-ca-key" })).toHaveLength(1);
    const group = "aws:cloudwatch/logGroup:LogGroup";
    expect(check("stateful-guards", group, {}, { name: "f-network-flow-logs" })).toEqual([]);
    expect(check("stateful-guards", group, {}, { name: "fabric-prod-logs" })).toHaveLength(1);
  });
  test("every stateful kind is asked for protection", () => {
    for (const type of statefulKinds) {
      expect(check("stateful-guards", type, {})).toContain(
        "it is not protected: set the option `protect`",
      );
    }
  });
});

describe("no-nested-on-managed-groups", () => {
  const group = "aws:eks/nodeGroup:NodeGroup";
  const template = (nestedVirtualization: string): RuledResource => ({
    ...{
      type: "aws:ec2/launchTemplate:LaunchTemplate",
      name: "kvm",
      stack: "dev",
      protected: false,
    },
    ...{ props: { cpuOptions: { nestedVirtualization } }, madeFrom: {}, usedBy: [] },
  });
  test("refuses a group that is made from such a template, and no other", () => {
    const from = (value: string) => ({ madeFrom: { launchTemplate: [template(value)] } });
    const rule = "no-nested-on-managed-groups";
    expect(check(rule, group, {}, from("enabled"))).toEqual([
      "EKS drops the nested virtualization of launch template kvm",
    ]);
    expect(check(rule, group, {}, from("disabled"))).toEqual([]);
    expect(check(rule, "aws:autoscaling/group:Group", {}, from("enabled"))).toEqual([]);
  });
});

test("every rule says what it asks for, and has a name of its own", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { description } of rules) expect(description.length).toBeGreaterThan(30);
});

test.each([
  ["prod", true],
  ["eu-prod", true],
  ["dr", true],
  ["dev", false],
  ["product", false],
])("stack %s is of production: %s", (stack, expected) => {
  expect(isProduction(stack)).toBe(expected);
});
