import { withOwnLab } from "../../support/own-lab";
import { variant as test } from "../../support/whole";
import { engineRun, mustRun } from "./engine-run";
import { engineOf, requests, settingsOf } from "./stand";

const lab = withOwnLab();

// One story of one stack, told in order: prod as it was a minor version ago, brought to today's.
const { config, fabric } = settingsOf("Pulumi.prod.yaml");
const engine = () => engineOf(lab, "prod");

/** What a minor version of Kubernetes comes with. */
interface Minor {
  kubernetesVersion: string;
  kubeProxy: string;
  /** Of the cluster's own pools. */
  releaseVersion: string;
  /** Of the metal pool. */
  imageId: string;
}

const today: Minor = {
  kubernetesVersion: fabric.aws.cluster.kubernetesVersion,
  kubeProxy: fabric.aws.cluster.addOns.kubeProxy,
  releaseVersion: fabric.aws.cluster.systemPool.releaseVersion,
  imageId: fabric.aws.pools.metal.imageId,
};
const before: Minor = {
  kubernetesVersion: "1.35",
  kubeProxy: "v1.35.4-eksbuild.12",
  releaseVersion: "1.35.6-20260812",
  imageId: "ami-00000000000000135",
};

function become(minor: Minor): void {
  const { cluster, pools } = fabric.aws;
  cluster.kubernetesVersion = minor.kubernetesVersion;
  cluster.addOns.kubeProxy = minor.kubeProxy;
  cluster.systemPool.releaseVersion = minor.releaseVersion;
  cluster.servicesPool.releaseVersion = minor.releaseVersion;
  pools.metal.imageId = minor.imageId;
}

/** Of the control plane alone, the components being told of the version. */
const CONTROL_PLANE = [
  "update AwsCluster fabric-prod",
  "update AwsKvmNodePool fabric-prod-kvm-metal",
  "update Cluster fabric-prod: version",
  "update Karpenter fabric-prod-karpenter",
];

/** Of all of it: no replacement, nothing of network, data or workloads. */
const WHOLE = [
  "update Addon fabric-prod-kube-proxy: addonVersion",
  ...CONTROL_PLANE.slice(0, 2),
  "update Cluster fabric-prod: version",
  "update Group fabric-prod-kvm-metal: launchTemplate.version",
  "update Karpenter fabric-prod-karpenter",
  "update LaunchTemplate fabric-prod-kvm-metal: imageId",
  "update NodeGroup fabric-prod-services: releaseVersion, version",
  "update NodeGroup fabric-prod-system: releaseVersion, version",
];

test("prod stood at 1.35, and is at 1.36 today", async () => {
  expect(today.kubernetesVersion).toBe("1.36");
  become(before);
  await mustRun(engine(), "up", config);
});

test("two minor versions at once are refused at the preview, by the version that runs", async () => {
  become({ ...before, kubernetesVersion: "1.37" });
  // Karpenter's table ends before, and would speak first.
  const others = { ...fabric.aws, karpenter: undefined };
  const without = { ...config, "kvm-fabric:fabric": { ...fabric, aws: others } };
  const { code, output } = await engineRun(engine(), "preview", without);
  expect(code).not.toBe(0);
  expect(output).toContain("skips minor versions: the control plane runs 1.35");
  expect(output).toContain("try 1.36 first, with nodes and add-ons");
});

test("the new version alone previews as the control plane alone: nodes may follow later", async () => {
  become({ ...before, kubernetesVersion: "1.36" });
  const { steps } = await mustRun(engine(), "preview", config);
  expect(steps.sort()).toEqual(CONTROL_PLANE);
});

test("all of it at once is one update of exactly what runs Kubernetes, as its preview says", async () => {
  become(today);
  const preview = await mustRun(engine(), "preview", config);
  expect(preview.steps.sort()).toEqual(WHOLE);
  const calls = requests(lab).length;
  const up = await mustRun(engine(), "up", config);
  expect(up.steps.sort()).toEqual(WHOLE);
  const updated = requests(lab)
    .slice(calls)
    .filter(({ operation }) => operation === "update");
  // The control plane first, then the add-on that every node needs, then nodes in any order.
  expect(updated.map(({ name }) => name).slice(0, 2)).toEqual([
    "fabric-prod",
    "fabric-prod-kube-proxy",
  ]);
  expect(
    updated
      .map(({ name }) => name)
      .slice(2)
      .sort(),
  ).toEqual([
    "fabric-prod-kvm-metal",
    "fabric-prod-kvm-metal",
    "fabric-prod-services",
    "fabric-prod-system",
  ]);
  expect(updated.filter(({ outcome }) => outcome !== "done")).toEqual([]);
});

test("a second up changes nothing", async () => {
  expect((await mustRun(engine(), "up", config)).steps).toEqual([]);
});

test("the way back is refused at the preview, by the version that runs", async () => {
  become(before);
  const { code, output } = await engineRun(engine(), "preview", config);
  expect(code).not.toBe(0);
  expect(output).toContain("a control plane does not go back");
  expect(output).toContain('got "1.35", allowed 1.36 or 1.37');
});
