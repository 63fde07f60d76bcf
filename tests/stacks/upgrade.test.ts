import { faultsOf } from "../support/stack-settings";

// What the stack's file alone tells of an upgrade; the engine knows the rest: tests/lab/prod/upgrade.test.ts.
const FILE = "Pulumi.prod.yaml";
const path = (below: string) => `kvm-fabric:fabric.aws.${below}`;
const starting = (below: string) =>
  expect.stringMatching(RegExp(`^${path(below)}`.replace(".", "\\.")));

test("nodes and add-ons ahead of the control plane are refused, each where it was written", () => {
  const faults = faultsOf(FILE, ({ aws }) => (aws.cluster.kubernetesVersion = "1.35"));
  expect(faults).toEqual(
    ["addOns.kubeProxy", "systemPool.releaseVersion", "servicesPool.releaseVersion"].map((place) =>
      starting(`cluster.${place}: newer than the control plane`),
    ),
  );
});

test("the control plane may go first, and nodes follow in an update of their own", () => {
  const faults = faultsOf(FILE, ({ aws: { cluster } }) => {
    cluster.addOns.kubeProxy = "v1.35.4-eksbuild.12";
    cluster.systemPool.releaseVersion = "1.35.6-20260812";
    cluster.servicesPool.releaseVersion = "1.35.6-20260812";
  });
  expect(faults).toEqual([]);
});

test("a Karpenter too old for the new minor version is refused before the control plane is touched", () => {
  const faults = faultsOf(FILE, ({ aws }) => (aws.karpenter.version = "1.12.1"));
  expect(faults).toContainEqual(starting("karpenter.version: cannot run on Kubernetes 1.36"));
});

test("so is a minor version that no Karpenter is known to run on", () => {
  const faults = faultsOf(FILE, ({ aws }) => (aws.cluster.kubernetesVersion = "1.37"));
  expect(faults).toEqual([
    starting(
      'cluster.kubernetesVersion: no Karpenter is known to run on this Kubernetes yet, got "1.37"',
    ),
  ]);
});
