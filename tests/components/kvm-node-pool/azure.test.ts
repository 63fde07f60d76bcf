import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import type * as pulumi from "@pulumi/pulumi";
import { AzureKvmNodePool } from "../../../components/kvm-node-pool/azure";
import {
  AksImage,
  AksOsDisk,
  type AzureKvmNodePoolArgs,
} from "../../../components/kvm-node-pool/azure-args";
import { deploy, find, tree } from "../../support/deploy";
import { azureLeast } from "../../unit/components/kvm-node-pool/least";

const POOL = "azure-native:containerservice:AgentPool";

const outputsOf = (type: string, _name: string, inputs: any) =>
  type === POOL ? { name: inputs.agentPoolName } : {};

async function poolOf(args: Partial<AzureKvmNodePoolArgs> = {}, name = "kvm") {
  const deployment = await deploy(
    () => {
      new AzureKvmNodePool(name, { ...azureLeast, ...args });
    },
    { outputsOf },
  );
  return find(deployment, POOL, name);
}

test("makes exactly one agent pool, below it", async () => {
  const deployment = await deploy(
    () => {
      new AzureKvmNodePool("kvm", azureLeast);
    },
    { outputsOf },
  );
  expect(tree(deployment)).toEqual([
    "azure-native:containerservice:AgentPool kvm < kvm",
    "kvm-fabric:index:AzureKvmNodePool kvm < stack",
  ]);
  expect(deployment.outputs.get("kvm")).toEqual({
    nodeLabels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "kvm" },
    poolName: find(deployment, POOL, "kvm").inputs.agentPoolName,
  });
});

test("the nodes may nest: nothing that forbids it is on, and it is said so", async () => {
  const { agentPoolName, ...inputs } = (await poolOf()).inputs;
  expect(agentPoolName).toMatch(/^kvm[0-9a-z]{4}$/);
  expect(inputs).toEqual({
    availabilityZones: ["1", "2", "3"],
    count: 1,
    enableAutoScaling: false,
    enableEncryptionAtHost: true,
    enableNodePublicIP: false,
    maxPods: 110,
    mode: "User",
    nodeLabels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "kvm" },
    nodeTaints: ["kvm-fabric.dev/worker=true:NoSchedule"],
    orchestratorVersion: "1.36.2",
    osDiskSizeGB: 128,
    osDiskType: "Managed",
    osSKU: "Ubuntu",
    osType: "Linux",
    resourceGroupName: "fabric-group",
    resourceName: "fabric",
    scaleDownMode: "Delete",
    scaleSetPriority: "Regular",
    securityProfile: { enableSecureBoot: false, enableVTPM: false },
    tags: {},
    type: "VirtualMachineScaleSets",
    upgradeSettings: { drainTimeoutInMinutes: 30, maxSurge: "1" },
    vmSize: "Standard_D8s_v5",
    vnetSubnetID: "/subscriptions/s/subnets/nodes",
    workloadRuntime: "OCIContainer",
  });
});

test("a pool of a fixed size keeps it; an autoscaled one leaves it to the autoscaler", async () => {
  expect((await poolOf({ minNodes: 3 })).ignoreChanges).toEqual([]);
  const scaled = await poolOf({ minNodes: 0, maxNodes: 6 });
  expect(scaled.ignoreChanges).toEqual(["count"]);
  expect(scaled.inputs).toMatchObject({
    count: 0,
    enableAutoScaling: true,
    maxCount: 6,
    minCount: 0,
  });
});

test("a size with a disk on its host keeps the system there", async () => {
  expect((await poolOf({ vmSize: "Standard_D8ds_v5" })).inputs.osDiskType).toBe("Ephemeral");
  expect((await poolOf({ vmSize: "Standard_D8s_v3" })).inputs.osDiskType).toBe("Ephemeral");
  const managed = { vmSize: "Standard_D8ds_v5", osDisk: AksOsDisk.Managed };
  expect((await poolOf(managed)).inputs.osDiskType).toBe("Managed");
});

test("spot nodes say what AKS marks them with", async () => {
  const { inputs } = await poolOf({ spot: { maxPricePerHour: 0.5 } });
  const key = "kubernetes.azure.com/scalesetpriority";
  expect(inputs).toMatchObject({
    nodeLabels: { [key]: "spot" },
    nodeTaints: ["kvm-fabric.dev/worker=true:NoSchedule", `${key}=spot:NoSchedule`],
    scaleSetEvictionPolicy: "Delete",
    scaleSetPriority: "Spot",
    spotMaxPrice: 0.5,
  });
  expect((await poolOf({ spot: {} })).inputs.spotMaxPrice).toBe(-1);
});

test("the host profile comes as AKS takes it", async () => {
  const { inputs } = await poolOf({ hostProfile: {} });
  expect(inputs.linuxOSConfig).toEqual({
    sysctls: {
      netIpv4NeighDefaultGcThresh1: 4096,
      netIpv4NeighDefaultGcThresh2: 8192,
      netIpv4NeighDefaultGcThresh3: 16_384,
    },
  });
});

test("the name in AKS changes with what cannot be changed in place, and with nothing else", async () => {
  const nameOf = async (args: Partial<AzureKvmNodePoolArgs>) =>
    (await poolOf(args)).inputs.agentPoolName;
  const name = await nameOf({});
  const same: Partial<AzureKvmNodePoolArgs>[] = [
    { image: AksImage.Ubuntu2404 },
    { maxNodes: 7 },
    { labels: { a: "b" } },
    { tags: { a: "b" } },
    { version: "1.35.6" },
    { zones: ["3", "1", "2"] },
  ];
  for (const args of same) expect(await nameOf(args)).toBe(name);
  const other: Partial<AzureKvmNodePoolArgs>[] = [
    { vmSize: "Standard_E8s_v5" },
    { subnetId: "/subscriptions/s/subnets/other" },
    { hostProfile: {} },
    { cluster: { ...azureLeast.cluster, name: "other" } },
  ];
  for (const args of other) expect(await nameOf(args)).not.toBe(name);
});

test("a name longer than AKS takes is cut, and stays apart from its like", async () => {
  const one = (await poolOf({}, "production-a")).inputs.agentPoolName;
  const other = (await poolOf({}, "production-b")).inputs.agentPoolName;
  expect(one).toMatch(/^producti[0-9a-z]{4}$/);
  expect(one).not.toBe(other);
});

test("a pool waits for those that it is told to", async () => {
  const deployment = await deploy(
    () => {
      const before = new AzureKvmNodePool("one", azureLeast);
      new AzureKvmNodePool("two", azureLeast, { dependsOn: [before] });
    },
    { outputsOf },
  );
  expect(find(deployment, POOL, "two").dependsOn).toContain("one");
});

test("makes the same tree where nothing is known yet", async () => {
  const program = () => {
    const later = (name: string): pulumi.Output<string> => new ResourceGroup(name, {}).name;
    const cluster = Object.fromEntries(
      Object.keys(azureLeast.cluster).map((key) => [key, later(key)]),
    );
    new AzureKvmNodePool("kvm", {
      ...azureLeast,
      cluster: { ...azureLeast.cluster, ...cluster },
      subnetId: later("subnet"),
    });
  };
  const known = await deploy(program, {
    outputsOf: (_type, name) => ({ name }),
  });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
});
