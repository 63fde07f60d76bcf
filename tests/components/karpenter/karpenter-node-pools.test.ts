import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { KarpenterNodePools } from "../../../components/karpenter/karpenter-node-pools";
import type { KarpenterNodePoolsArgs } from "../../../components/karpenter/node-pools-args";
import { deploy, find, tree } from "../../support/deploy";

const subnetId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
const pause = `registry.k8s.io/pause@sha256:${"b".repeat(64)}`;
const aks = { name: "kvm", aks: { sizes: ["Standard_D8s_v5", "Standard_E8s_v5"] } };
const kwok = {
  name: "lab",
  nodeClass: { group: "karpenter.kwok.sh", kind: "KWOKNodeClass", name: "default" },
};

const run = (args: KarpenterNodePoolsArgs) => deploy(() => new KarpenterNodePools("pools", args));

test("makes exactly its objects, each below it", async () => {
  const deployment = await run({
    pools: [aks, { ...kwok, warm: { image: pause, namespace: "services", nodes: 2 } }],
  });
  expect(tree(deployment)).toEqual([
    "kubernetes:apps/v1:Deployment pools-lab-warm < pools",
    "kubernetes:karpenter.azure.com/v1beta1:AKSNodeClass pools-kvm-class < pools",
    "kubernetes:karpenter.sh/v1:NodePool pools-kvm < pools",
    "kubernetes:karpenter.sh/v1:NodePool pools-lab < pools",
    "kubernetes:karpenter.sh/v1alpha1:NodeOverlay pools-kvm-overlay < pools",
    "kubernetes:karpenter.sh/v1alpha1:NodeOverlay pools-lab-overlay < pools",
    "kubernetes:scheduling.k8s.io/v1:PriorityClass pools-lab-warm < pools",
    "kvm-fabric:index:KarpenterNodePools pools < stack",
  ]);
  expect(deployment.outputs.get("pools")).toEqual({ nodePoolNames: ["pools-kvm", "pools-lab"] });
});

test("makes the same tree where nothing is known yet", async () => {
  const program = () => {
    const later = (name: string, value: string) =>
      new ConfigMap(name, { metadata: { name: value } }).metadata.name;
    new KarpenterNodePools("pools", {
      pools: [
        {
          ...aks,
          aks: { ...aks.aks, subnetId: later("subnet", subnetId) },
          warm: { image: pause, namespace: later("namespace", "services"), nodes: 1 },
        },
      ],
    });
  };
  const known = await deploy(program);
  expect(tree(await deploy(program, { preview: true }))).toEqual(tree(known));
  const type = "kubernetes:karpenter.azure.com/v1beta1:AKSNodeClass";
  expect(find(known, type, "pools-kvm-class").inputs.spec).toEqual({
    imageFamily: "Ubuntu",
    osDiskSizeGB: 128,
    security: { encryptionAtHost: true },
    tags: {},
    vnetSubnetID: subnetId,
  });
});

test("a pool of AKS takes only sizes that are known to give /dev/kvm", async () => {
  const deployment = await run({ pools: [aks], overlays: false });
  expect(tree(deployment).join()).not.toContain("NodeOverlay");
  const pool = find(deployment, "kubernetes:karpenter.sh/v1:NodePool", "pools-kvm");
  expect(pool.inputs.spec.template.spec.nodeClassRef).toEqual({
    group: "karpenter.azure.com",
    kind: "AKSNodeClass",
    name: "pools-kvm",
  });
  expect(pool.inputs.spec.template.spec.requirements).toContainEqual({
    key: "karpenter.azure.com/sku-name",
    operator: "In",
    values: ["Standard_D8s_v5", "Standard_E8s_v5"],
  });
  expect(pool.dependsOn).toEqual(["pools-kvm-class"]);
  expect(pool.inputs.metadata.annotations["pulumi.com/deletionPropagationPolicy"]).toBe(
    "foreground",
  );
});

test("two instances side by side share no object", async () => {
  const deployment = await deploy(() => {
    new KarpenterNodePools("one", { pools: [kwok] });
    new KarpenterNodePools("two", { pools: [kwok] });
  });
  const names = deployment.resources
    .filter(({ custom }) => custom)
    .map(({ type, inputs }) => `${type} ${inputs.metadata.name}`);
  expect(new Set(names).size).toBe(4);
});
