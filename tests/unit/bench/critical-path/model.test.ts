import { chainLines, criticalPath } from "../../../../bench/critical-path/model";
import { requirementsOf } from "../../../../bench/critical-path/requirements";
import { resourcesOf, type StateResource } from "../../../../bench/critical-path/state";

const URN = "urn:pulumi:prod::kvm-fabric::";

function resource(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  after: string[] = [],
): StateResource {
  const custom = !type.startsWith("kvm-fabric:");
  const base = { type, name, custom, id: `${name}-id`, inputs, outputs: {} };
  return { ...base, urn: `${URN}${type}::${name}`, after };
}

const vpc = resource("aws:ec2/vpc:Vpc", "net", {});
const subnet = resource("aws:ec2/subnet:Subnet", "a", { vpcId: "net-id" }, [vpc.urn]);
const component = resource("kvm-fabric:index:AwsCluster", "fabric", {}, [subnet.urn]);
const key = resource("aws:kms/key:Key", "key", {}, [component.urn]);
const cluster = resource(
  "aws:eks/cluster:Cluster",
  "fabric",
  { vpcConfig: { subnetIds: ["a-id"] } },
  [subnet.urn, key.urn],
);
const space = resource("kubernetes:core/v1:Namespace", "space", { metadata: { name: "space" } }, [
  cluster.urn,
]);
const resources = [vpc, subnet, component, key, cluster, space];

test("what is needed is what the cloud's table and the rules say, not what the program waits for", () => {
  expect(requirementsOf(resources).map(({ from, to }) => [from, to])).toEqual([
    [subnet.urn, vpc.urn],
    [cluster.urn, subnet.urn],
    [space.urn, cluster.urn],
  ]);
});

test("a needless edge through a component is seen as the difference of both chains", () => {
  const path = criticalPath(resources);
  expect(path.unavoidable.seconds).toBe(15 + 10 + 540 + 1);
  expect(path.modelled.seconds).toBe(15 + 10 + 15 + 540 + 1);
  expect(chainLines(path.modelled, resources)).toEqual([
    "    0 s +  15 s  ec2/vpc Vpc net",
    "   15 s +  10 s  ec2/subnet Subnet a",
    "   25 s +  15 s  kms/key Key key",
    "   40 s + 540 s  eks/cluster Cluster fabric",
    "  580 s +   1 s  core/v1 Namespace space",
  ]);
});

test("a destroy goes the other way with its own times", () => {
  const path = criticalPath(resources, "delete");
  expect(path.unavoidable.seconds).toBe(15 + 150 + 2 + 2);
  expect(chainLines(path.unavoidable, resources, "delete")[1]).toBe(
    "   15 s + 150 s  eks/cluster Cluster fabric",
  );
});

test("nothing that is not awaited takes time, and a chart of definitions next to none", () => {
  const chart = (name: string) => resource("kubernetes:helm.sh/v3:Release", name, { chart: name });
  const annotations = { "pulumi.com/skipAwait": "true" };
  const claim = (metadata: object) =>
    resource("kubernetes:core/v1:PersistentVolumeClaim", "claim", { metadata });
  const alone = (one: StateResource) => criticalPath([one]).modelled.seconds;
  expect([chart("oci://x/karpenter"), chart("oci://x/karpenter-crd")].map(alone)).toEqual([60, 5]);
  expect([claim({}), claim({ annotations })].map(alone)).toEqual([15, 1]);
});

test("an exported state gives edges of every kind, and plain secrets", () => {
  const state = {
    deployment: {
      resources: [
        { urn: `${URN}pulumi:pulumi:Stack::s`, type: "pulumi:pulumi:Stack" },
        {
          ...{ urn: `${URN}aws:kms/key:Key::key`, type: "aws:kms/key:Key", custom: true, id: "k" },
          ...{ parent: "P", provider: "urn:a::b::c::provider::some-id", dependencies: ["D"] },
          propertyDependencies: { policy: ["D", "E"], description: null },
          inputs: {
            policy: { "4dabf18193072939515e22adb298388d": "x", plaintext: JSON.stringify("text") },
          },
        },
      ],
    },
  };
  expect(resourcesOf(JSON.stringify(state))).toEqual([
    {
      ...{ urn: `${URN}aws:kms/key:Key::key`, type: "aws:kms/key:Key", custom: true, id: "k" },
      name: "key",
      after: ["P", "urn:a::b::c::provider", "D", "E"],
      inputs: { policy: "text" },
      outputs: {},
    },
  ]);
});
