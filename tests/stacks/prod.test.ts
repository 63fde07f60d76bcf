import * as path from "node:path";
import { awsOrder } from "../lab/prod/destroy-order";
import { awsStackOutputs } from "../support/cloud-outputs";
import { type Deployment, find, tree } from "../support/deploy";
import { describeDestroyOrder } from "../support/destroy-order";
import { stackRuns } from "../support/stack-runs";
import { faultsOf, golden, strayNames, topResources } from "../support/stack-settings";

const run = stackRuns("Pulumi.prod.yaml", { outputsOf: awsStackOutputs });

describeDestroyOrder(awsOrder, run);

test("the prod stack is exactly the golden tree, and no less is shown by a preview", async () => {
  const known = tree(await run());
  expect(known).toEqual(golden(path.join(__dirname, "prod.golden.txt"), known));
  expect(tree(await run(undefined, true))).toEqual(known);
});

test("nothing is an orphan, and every name begins with its parent's", async () => {
  const whole = await run();
  const tops = topResources(whole);
  expect(tops).toEqual(["aws", "cluster", "fabric-gp3"]);
  expect(strayNames(whole)).toEqual([]);
});

describe("volumes", () => {
  const claimsOf = (deployment: Deployment) =>
    find(deployment, "kubernetes:apps/v1:StatefulSet", "fabric-consul").inputs.spec
      .volumeClaimTemplates;

  test("Consul's data is on encrypted volumes, of a class that outlives it", async () => {
    const deployment = await run();
    const gp3 = find(deployment, "kubernetes:storage.k8s.io/v1:StorageClass", "fabric-gp3");
    expect(gp3.inputs).toMatchObject({
      metadata: {
        name: "fabric-gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    expect(gp3.provider).toContain("::cluster::");
    const [claim] = claimsOf(deployment);
    expect(claim.spec.storageClassName).toBe("fabric-gp3");
    // A component goes before what it depends on, and its own resources before it.
    const consul = find(deployment, "kvm-fabric:index:Consul", "fabric-consul");
    expect(consul.dependsOn).toContain("fabric-gp3");
  });

  test("a class of the stack's own is taken instead", async () => {
    const [claim] = claimsOf(await run(({ consul }) => (consul.storageClass = "io2-encrypted")));
    expect(claim.spec.storageClassName).toBe("io2-encrypted");
  });
});

test("ordinary pods have nodes, of the system's release where the stack's file says nothing", async () => {
  const poolOf = (deployment: Deployment) =>
    find(deployment, "aws:eks/nodeGroup:NodeGroup", "fabric-prod-services").inputs;
  const own = poolOf(await run());
  expect(own).not.toHaveProperty("taints");
  const without = await run(({ aws }) => delete aws.cluster.servicesPool);
  expect(poolOf(without)).toEqual(own);
});

test("zones of another region are refused where they stand", () => {
  const path = "kvm-fabric:fabric.aws.network.zones";
  const one = faultsOf("Pulumi.prod.yaml", ({ aws }) => (aws.network.zones[1] = "us-west-2b"));
  expect(one).toEqual([
    `${path}[1]: in another region than the first, got "us-west-2b", allowed zones of us-east-1`,
  ]);
  const zones = ["us-west-2a", "us-west-2b"];
  const all = faultsOf("Pulumi.prod.yaml", ({ aws }) => (aws.network.zones = zones));
  // The rest are of the first one's region.
  expect(all).toEqual([
    `${path}[0]: a zone of another region than the stack's, got "us-west-2a", allowed zones of us-east-1`,
  ]);
});

describe("hosts that bring the provisioner's files", () => {
  const bring = (fabric: any): void => {
    const { assets } = fabric.provisioner;
    fabric.aws.pools.metal.hostProfile = { assets };
    fabric.aws.karpenter.pools[0].hostProfile = { assets };
  };

  test("say so to each host of a pool, and leave the rest of the stack as it is", async () => {
    const deployment = await run(bring);
    expect(tree(deployment)).toEqual(tree(await run()));
    const { userData } = find(
      deployment,
      "aws:ec2/launchTemplate:LaunchTemplate",
      "fabric-prod-kvm-metal",
    ).inputs;
    expect(Buffer.from(userData, "base64").toString()).toMatch(/asset set assets-[0-9a-f]{20} of/);
  });

  test("are refused with others, or for another folder", () => {
    const faults = faultsOf("Pulumi.prod.yaml", (fabric) => {
      bring(fabric);
      const { assets } = structuredClone(fabric.provisioner);
      assets.amd64.kernel.sha256 = "0".repeat(64);
      fabric.aws.pools.metal.hostProfile = { assets };
      fabric.provisioner.assetsRoot = "/data/kvm";
    });
    const root = "kvm-fabric:fabric.aws";
    expect(faults).toEqual([
      expect.stringContaining(`${root}.pools.metal.hostProfile.assets: another asset set than`),
      expect.stringContaining(`${root}.pools.metal.hostProfile.assetsRoot: another folder than`),
      expect.stringContaining(`${root}.karpenter.pools[0].hostProfile.assetsRoot: another folder`),
    ]);
  });
});
