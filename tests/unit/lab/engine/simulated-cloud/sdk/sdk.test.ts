import { secret, UNKNOWN } from "../../../../../../lab/engine/grpc/wire";
import { typeFaults } from "../../../../../../lab/engine/simulated-cloud/sdk/check";
import { openSdk } from "../../../../../../lab/engine/simulated-cloud/sdk/sdk";

const aws = openSdk("aws");
const gcp = openSdk("gcp");
const azure = openSdk("azure-native");

function faultsOf(sdk: typeof aws, type: string, inputs: Record<string, unknown>) {
  const resource = sdk.resource(type);
  if (!resource) throw new Error(type);
  return typeFaults(sdk, resource.inputs, inputs).map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
}

test("inputs and outputs are those of the declarations", () => {
  const cluster = aws.resource("aws:eks/cluster:Cluster");
  expect(cluster?.inputs.get("roleArn")).toEqual({ isOptional: false, type: { kind: "text" } });
  expect(cluster?.inputs.has("endpoint")).toBe(false);
  expect(cluster?.outputs.get("endpoint")).toEqual({ isOptional: false, type: { kind: "text" } });
  expect(cluster?.outputs.get("outpostConfig")?.isOptional).toBe(true);
});

test.each([
  ["aws:ec2/vpc:Vpc", aws],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", aws],
  ["gcp:projects/iAMMember:IAMMember", gcp],
  ["gcp:container/nodePool:NodePool", gcp],
  ["azure-native:containerservice:ManagedCluster", azure],
  ["azure-native:managedidentity:UserAssignedIdentity", azure],
])("%s is found by its token", (type, sdk) => {
  expect(sdk.resource(type)?.outputs.size).toBeGreaterThan(0);
});

test("a type that the SDK lacks is none, nor is one of another SDK", () => {
  expect(aws.resource("aws:ec2/moon:Moon")).toBeUndefined();
  expect(aws.resource("gcp:compute/network:Network")).toBeUndefined();
});

test("faults name the path, at any depth, and what is near", () => {
  const inputs = {
    roleArn: 3,
    vpcConfig: { subnetIds: ["a", 1], endpointPrivatAccess: true },
    tags: { "a/b": 1 },
  };
  expect(faultsOf(aws, "aws:eks/cluster:Cluster", inputs)).toEqual([
    "roleArn: must be a string, got 3",
    "vpcConfig.subnetIds[1]: must be a string, got 1",
    "vpcConfig.endpointPrivatAccess: unknown property; did you mean endpointPrivateAccess?",
    'tags["a/b"]: must be a string, got 1',
  ]);
});

test("missing properties are named, below given objects too", () => {
  expect(faultsOf(aws, "aws:eks/cluster:Cluster", { vpcConfig: {} })).toEqual([
    "vpcConfig.subnetIds: required, but missing",
    "roleArn: required, but missing",
  ]);
});

test("a closed set takes its members only, an open one any text", () => {
  const identity = { type: "Nobody" };
  const [fault] = faultsOf(azure, "azure-native:containerservice:ManagedCluster", {
    resourceGroupName: "g",
    identity,
  });
  expect(fault).toBe(
    'identity.type: must be "SystemAssigned" or "UserAssigned" or "None", got "Nobody"',
  );
  const pools = [{ name: "a", mode: "AnyText" }];
  expect(
    faultsOf(azure, "azure-native:containerservice:ManagedCluster", {
      resourceGroupName: "g",
      agentPoolProfiles: pools,
    }),
  ).toEqual([]);
});

test("secrets are looked into, values not known yet are taken wherever they stand", () => {
  const type = "aws:eks/cluster:Cluster";
  const vpcConfig = { subnetIds: [UNKNOWN, secret("a")] };
  expect(faultsOf(aws, type, { roleArn: secret(UNKNOWN), vpcConfig })).toEqual([]);
  expect(faultsOf(aws, type, { roleArn: UNKNOWN, vpcConfig: UNKNOWN })).toEqual([]);
  expect(faultsOf(aws, type, { roleArn: secret(1), vpcConfig })).toEqual([
    "roleArn: must be a string, got 1",
  ]);
});

test("a provider's own inputs are known", () => {
  expect([...aws.provider().keys()]).toEqual(expect.arrayContaining(["region", "defaultTags"]));
  expect([...gcp.provider().keys()]).toContain("project");
});
