import { UNKNOWN } from "../../../../../../lab/engine/grpc/wire";
import { cloudClient, rememberedEffects } from "./cloud-client";

const GCP = {
  network: "gcp:compute/network:Network",
  subnet: "gcp:compute/subnetwork:Subnetwork",
  account: "gcp:serviceaccount/account:Account",
  cluster: "gcp:container/cluster:Cluster",
  pool: "gcp:container/nodePool:NodePool",
} as const;

const AZURE = {
  group: "azure-native:resources:ResourceGroup",
  network: "azure-native:network:VirtualNetwork",
  subnet: "azure-native:network:Subnet",
  cluster: "azure-native:containerservice:ManagedCluster",
  pool: "azure-native:containerservice:AgentPool",
  lock: "azure-native:authorization:ManagementLockByScope",
} as const;

type Client = ReturnType<typeof cloudClient>;

async function gke(client: Client, more: object = {}) {
  const network = await client.make(GCP.network, "net", { autoCreateSubnetworks: false });
  const subnet = await client.make(GCP.subnet, "net", {
    network: network.state.selfLink,
    ipCidrRange: "10.0.0.0/20",
    region: "europe-west1",
  });
  const inputs = {
    name: "lab",
    location: "europe-west1",
    network: network.id,
    subnetwork: subnet.id,
    initialNodeCount: 1,
    deletionProtection: false,
    ...more,
  };
  return { network, subnet, inputs, cluster: await client.make(GCP.cluster, "lab", inputs) };
}

describe("Google Cloud", () => {
  test("a cluster answers at the lab's server, its pool's machines join in each zone", async () => {
    const { pools, clusters, effects } = rememberedEffects();
    const client = cloudClient({ effects });
    const { cluster, network, subnet } = await gke(client);
    expect(cluster.id).toBe("projects/lab-project/locations/europe-west1/clusters/lab");
    expect(cluster.state).toMatchObject({
      endpoint: "127.0.0.1:6443",
      masterAuth: { clusterCaCertificate: Buffer.from("authority of lab").toString("base64") },
    });
    const pool = await client.make(GCP.pool, "kvm", {
      name: "kvm",
      cluster: cluster.id,
      nodeCount: 1,
      nodeConfig: {
        machineType: "n2-standard-8",
        labels: { pool: "kvm" },
        taints: [{ key: "kvm", value: "true", effect: "NO_SCHEDULE" }],
      },
    });
    expect(pool.id).toBe(`${cluster.id}/nodePools/kvm`);
    expect([...pools.values()]).toMatchObject([
      {
        count: 3,
        zones: ["europe-west1-a", "europe-west1-b", "europe-west1-c"],
        taints: [{ key: "kvm", value: "true", effect: "NoSchedule" }],
      },
    ]);
    await expect(client.remove(network)).rejects.toThrow("Error waiting for Deleting Network");
    await expect(client.remove(subnet)).rejects.toThrow("resourceInUseByAnotherResource");
    for (const kept of [pool, cluster, subnet, network]) await client.remove(kept);
    expect([clusters.size, pools.size, client.clouds.world.all().length]).toEqual([0, 0, 0]);
  });

  test("deletion protection is on where it is not switched off", async () => {
    const client = cloudClient();
    const { cluster, inputs } = await gke(client, { deletionProtection: undefined });
    await expect(client.remove(cluster)).rejects.toThrow("deletion_protection is set to true");
    await client.remove(await client.change(cluster, { ...inputs, deletionProtection: false }));
  });

  test.each([
    ["e2-standard-8", true],
    ["n2d-standard-8", true],
    ["n2-standard-8", false],
    ["c3-standard-8", false],
  ])("nested virtualisation on %s is refused: %s", async (machineType, isRefused) => {
    const client = cloudClient();
    const { cluster } = await gke(client);
    const advancedMachineFeatures = { threadsPerCore: 2, enableNestedVirtualization: true };
    const made = client.make(GCP.pool, "kvm", {
      cluster: cluster.id,
      nodeConfig: { machineType, advancedMachineFeatures },
    });
    if (isRefused) await expect(made).rejects.toThrow("does not support nested virtualization");
    else await made;
  });

  test("a pool needs its cluster at its place, and its service account", async () => {
    const client = cloudClient();
    await gke(client);
    const pool = (more: object) => client.make(GCP.pool, "kvm", { cluster: "lab", ...more });
    await expect(pool({ location: "europe-west2" })).rejects.toThrow("Error 404: Not found: lab");
    const serviceAccount = "lab-nodes@lab-project.iam.gserviceaccount.com";
    const inputs = { location: "europe-west1", nodeConfig: { serviceAccount } };
    await expect(pool(inputs)).rejects.toThrow("does not exist., badRequest");
    await client.make(GCP.account, "nodes", { accountId: "lab-nodes" });
    await pool(inputs);
  });

  test("threads per core are required by the SDK, names are checked", async () => {
    const client = cloudClient();
    const nodeConfig = { advancedMachineFeatures: { enableNestedVirtualization: true } };
    expect(client.check(GCP.pool, "p", { cluster: "c", nodeConfig }).faults).toEqual([
      "nodeConfig.advancedMachineFeatures.threadsPerCore: required, but missing",
    ]);
    expect(client.check(GCP.network, "n", { name: "No_Name" }).faults).toEqual([
      expect.stringContaining('name: got "No_Name"'),
    ]);
    const state = await client.preview(GCP.network, "Net", {});
    expect(state).toMatchObject({ selfLink: UNKNOWN, project: "lab-project" });
    expect(state.name).toMatch(/^net-[0-9a-f]{7}$/);
  });
});

async function aks(client: Client) {
  const group = await client.make(AZURE.group, "lab");
  const resourceGroupName = group.state.name;
  const network = await client.make(AZURE.network, "net", {
    resourceGroupName,
    addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
  });
  const subnet = await client.make(AZURE.subnet, "nodes", {
    resourceGroupName,
    virtualNetworkName: network.state.name,
    addressPrefix: "10.0.0.0/20",
  });
  const profile = { name: "system", mode: "System", count: 2, vmSize: "Standard_D4s_v5" };
  const inputs = {
    resourceGroupName,
    resourceName: "lab",
    dnsPrefix: "lab",
    agentPoolProfiles: [{ ...profile, vnetSubnetID: subnet.id, availabilityZones: ["1", "2"] }],
  };
  const cluster = await client.make(AZURE.cluster, "lab", inputs);
  return { group, network, subnet, cluster, inputs };
}

describe("Azure", () => {
  test("a cluster answers at the lab's server with the pool in it and those beside it", async () => {
    const { pools, clusters, effects } = rememberedEffects();
    const client = cloudClient({ effects });
    const { group, network, subnet, cluster } = await aks(client);
    const pool = await client.make(AZURE.pool, "kvm", {
      resourceGroupName: group.state.name,
      resourceName: "lab",
      agentPoolName: "kvm",
      count: 3,
      vmSize: "Standard_D8s_v5",
      vnetSubnetID: subnet.id,
      nodeTaints: ["kvm=true:NoSchedule"],
    });
    expect(cluster.state).toMatchObject({ fqdn: "127.0.0.1:6443" });
    expect(cluster.state).not.toHaveProperty("simulatedAuthority");
    expect([...pools.values()]).toMatchObject([
      { name: "system", count: 2, zones: ["westeurope-1", "westeurope-2"] },
      { name: "kvm", count: 3, taints: [{ key: "kvm", value: "true", effect: "NoSchedule" }] },
    ]);
    const token = "azure-native:containerservice:listManagedClusterUserCredentials";
    const args = { resourceGroupName: group.state.name, resourceName: "lab" };
    const { kubeconfigs } = await client.invoke(token, args);
    const [{ value }] = kubeconfigs as [{ value: string }];
    const kubeconfig = Buffer.from(value, "base64").toString();
    expect(kubeconfig).toContain("https://127.0.0.1:6443");
    expect(kubeconfig).toContain(Buffer.from("authority of lab").toString("base64"));

    await expect(client.remove(subnet)).rejects.toThrow("InUseSubnetCannotBeDeleted");
    await expect(client.remove(network)).rejects.toThrow("InUseSubnetCannotBeDeleted");
    for (const kept of [pool, cluster, subnet, network, group]) await client.remove(kept);
    expect([clusters.size, pools.size, client.clouds.world.all().length]).toEqual([0, 0, 0]);
  });

  test("a lock keeps what lies below it; a group takes along what lies in it", async () => {
    const client = cloudClient();
    const { group, cluster } = await aks(client);
    const lock = await client.make(AZURE.lock, "lock", {
      scope: cluster.id,
      level: "CanNotDelete",
    });
    await expect(client.remove(cluster)).rejects.toThrow("ScopeLocked");
    await client.remove(lock);
    await client.remove(group);
    expect(client.clouds.world.all()).toEqual([]);
  });

  test("names of groups and clusters are made up, ids are paths, the location is the provider's", async () => {
    const client = cloudClient();
    const { group, cluster, inputs } = await aks(client);
    expect(group.state.name).toMatch(/^lab[0-9a-f]{8}$/);
    expect(group.state).toMatchObject({ location: "westeurope" });
    expect(cluster.id).toMatch(
      /^\/subscriptions\/[-0-9a-f]{36}\/resourceGroups\/lab[0-9a-f]{8}\/providers\/Microsoft.ContainerService\/managedClusters\/lab$/,
    );
    expect(client.diff(cluster, { ...inputs, dnsPrefix: "new" })).toEqual({
      changed: ["dnsPrefix"],
      replaces: ["dnsPrefix"],
      deletesFirst: true,
    });
    expect(client.diff(cluster, { ...inputs, kubernetesVersion: "1.36.2" }).replaces).toEqual([]);
  });

  test("a cluster has a system pool, a child has a parent", async () => {
    const client = cloudClient();
    const { group } = await aks(client);
    const profiles = [{ name: "user", mode: "User" }];
    const resourceGroupName = group.state.name;
    expect(
      client.check(AZURE.cluster, "c", { resourceGroupName, agentPoolProfiles: profiles }).faults,
    ).toEqual(["agentPoolProfiles: must define at least one system pool"]);
    const orphan = { resourceGroupName, resourceName: "none", agentPoolName: "kvm" };
    await expect(client.make(AZURE.pool, "kvm", orphan)).rejects.toThrow("ParentResourceNotFound");
    const lost = { resourceGroupName: "none", addressSpace: {} };
    await expect(client.make(AZURE.network, "n", lost)).rejects.toThrow("ResourceGroupNotFound");
  });
});
