import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  AksLogin,
  AksNodeOsChannel,
  AksOutbound,
  AksPrincipalType,
  AksPrivateDns,
  AksRole,
  AksTier,
  AksUpgradeChannel,
  type AzureClusterArgs,
} from "../../../../components/cluster/azure/args";
import { AzureCluster } from "../../../../components/cluster/azure/azure-cluster";
import type { AzureClusterRef } from "../../../../components/cluster/cluster-ref";
import {
  deploy,
  type Deployment,
  type DeployOptions,
  find,
  isSecret,
  reveal,
  tree,
  UNKNOWN,
} from "../../../support/deploy";
import { remember } from "../../../support/remember";

const CLUSTER = "azure-native:containerservice:ManagedCluster";
const ROLE = "azure-native:authorization:RoleAssignment";
const group = "/subscriptions/s/resourceGroups/g/providers";
const vnetId = `${group}/Microsoft.Network/virtualNetworks/fabric`;
const admins = "11111111-1111-1111-1111-111111111111";
const deployer = "22222222-2222-2222-2222-222222222222";
const least: AzureClusterArgs = {
  adminGroupObjectIds: [admins],
  kubernetesVersion: "1.36.2",
  network: {
    location: "westeurope",
    nodeSubnetId: `${vnetId}/subnets/nodes`,
    resourceGroupName: "g",
    vnetCidr: "10.0.0.0/16",
    vnetId,
  },
};

// A version's support is judged by the day: the tests' day never changes.
beforeAll(() => {
  jest.useFakeTimers({
    now: Date.parse("2026-11-21T00:00:00Z"),
    doNotFake: [
      "clearImmediate",
      "clearInterval",
      "clearTimeout",
      "hrtime",
      "nextTick",
      "performance",
      "queueMicrotask",
      "setImmediate",
      "setInterval",
      "setTimeout",
    ],
  });
});
afterAll(() => {
  jest.useRealTimers();
});

const outputsOf: DeployOptions["outputsOf"] = (type, name, inputs) => {
  switch (type) {
    case "azure-native:managedidentity:UserAssignedIdentity":
      return { principalId: "33333333-3333-3333-3333-333333333333" };
    case CLUSTER:
      return {
        name: inputs.resourceName,
        currentKubernetesVersion: "1.36.2",
        fqdn: "fabric-1.hcp.westeurope.azmk8s.io",
        privateFQDN: "fabric-1.7.privatelink.westeurope.azmk8s.io",
        identityProfile: { kubeletidentity: { objectId: "kubelet" } },
        oidcIssuerProfile: { enabled: true, issuerURL: "https://issuer.example/" },
      };
    default:
      return { name };
  }
};

/** What AKS answers: a kubeconfig in base64, with more in it than the certificate. */
const call: DeployOptions["call"] = () => {
  const text = [
    "clusters:",
    "- cluster:",
    "    certificate-authority-data: Q0E=",
    "    server: https://elsewhere.example",
    "users: [{ user: { token: never } }]",
  ].join("\n");
  return { kubeconfigs: [{ name: "user", value: Buffer.from(text).toString("base64") }] };
};

const run = remember((args: Partial<AzureClusterArgs> = {}, options: DeployOptions = {}) =>
  deploy(
    () => {
      const cluster = new AzureCluster("fabric", { ...least, ...args });
      // The component is a reference to itself.
      const ref: AzureClusterRef = cluster;
      new kubernetes.Provider("in-cluster", { kubeconfig: cluster.kubeconfig });
      return { ref };
    },
    { call, outputsOf, ...options },
  ),
);

const made = (done: Deployment) => tree(done).filter((line) => !line.includes("providers"));
const kubeconfigOf = (done: Deployment) =>
  find(done, "pulumi:providers:kubernetes", "in-cluster").inputs.kubeconfig;

test("makes exactly its resources, each below it", async () => {
  expect(made(await run())).toEqual([
    "azure-native:authorization:RoleAssignment fabric-subnet < fabric",
    "azure-native:containerservice:MaintenanceConfiguration fabric-releases < fabric",
    "azure-native:containerservice:ManagedCluster fabric < fabric",
    "azure-native:managedidentity:UserAssignedIdentity fabric-identity < fabric",
    "azure-native:monitor:DiagnosticSetting fabric-diagnostics < fabric",
    "azure-native:operationalinsights:Workspace fabric-logs < fabric",
    "kvm-fabric:index:AzureCluster fabric < stack",
  ]);
});

const everything: Partial<AzureClusterArgs> = {
  access: [
    {
      name: "deployer",
      principalId: deployer,
      principalType: AksPrincipalType.ServicePrincipal,
      role: AksRole.ClusterAdmin,
    },
  ],
  diskEncryptionSetId: `${group}/Microsoft.Compute/diskEncryptionSets/d`,
  etcdKey: {
    keyId: `https://v.vault.azure.net/keys/etcd/${"0".repeat(32)}`,
    keyVaultId: `${group}/Microsoft.KeyVault/vaults/v`,
  },
  logs: { workspaceId: `${group}/Microsoft.OperationalInsights/workspaces/w` },
  network: { ...least.network, apiServerSubnetId: `${vnetId}/subnets/api` },
  managementLock: true,
  nodeOsUpgradeChannel: AksNodeOsChannel.SecurityPatch,
  privateDnsZoneId: `${group}/Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io`,
  kubernetesVersion: "1.36",
  upgradeChannel: AksUpgradeChannel.Patch,
};

test("makes what options ask for, and nothing that is there already", async () => {
  const done = await run(everything);
  expect(made(done)).toEqual([
    "azure-native:authorization:ManagementLockByScope fabric-lock < fabric",
    "azure-native:authorization:RoleAssignment fabric-access-deployer < fabric",
    "azure-native:authorization:RoleAssignment fabric-api-subnet < fabric",
    "azure-native:authorization:RoleAssignment fabric-disk-key-reader < fabric",
    "azure-native:authorization:RoleAssignment fabric-dns-zone < fabric",
    "azure-native:authorization:RoleAssignment fabric-key-user < fabric",
    "azure-native:authorization:RoleAssignment fabric-subnet < fabric",
    "azure-native:authorization:RoleAssignment fabric-vnet < fabric",
    "azure-native:containerservice:MaintenanceConfiguration fabric-images < fabric",
    "azure-native:containerservice:MaintenanceConfiguration fabric-releases < fabric",
    "azure-native:containerservice:MaintenanceConfiguration fabric-upgrades < fabric",
    "azure-native:containerservice:ManagedCluster fabric < fabric",
    "azure-native:managedidentity:UserAssignedIdentity fabric-identity < fabric",
    "azure-native:monitor:DiagnosticSetting fabric-diagnostics < fabric",
    "kvm-fabric:index:AzureCluster fabric < stack",
  ]);
  const cluster = find(done, CLUSTER, "fabric");
  expect(cluster.ignoreChanges).toEqual([
    "agentPoolProfiles[0].count",
    "kubernetesVersion",
    "agentPoolProfiles[0].orchestratorVersion",
  ]);
  expect(cluster.inputs.diskEncryptionSetID).toBe(everything.diskEncryptionSetId);
  expect(cluster.inputs.securityProfile.azureKeyVaultKms).toEqual({
    enabled: true,
    keyId: everything.etcdKey?.keyId,
    keyVaultNetworkAccess: "Public",
    keyVaultResourceId: everything.etcdKey?.keyVaultId,
  });
  expect(cluster.inputs.apiServerAccessProfile).toEqual({
    disableRunCommand: true,
    enablePrivateCluster: true,
    enablePrivateClusterPublicFQDN: false,
    enableVnetIntegration: true,
    privateDNSZone: everything.privateDnsZoneId,
    subnetId: `${vnetId}/subnets/api`,
  });
});

test("makes the same tree where nothing is known yet, and tells and asks nothing then", async () => {
  const program = () => {
    const made = new ResourceGroup("group", {});
    const cluster = new AzureCluster("fabric", {
      ...least,
      ...everything,
      adminGroupObjectIds: [made.id],
      access: [
        {
          name: "deployer",
          principalId: made.id,
          principalType: AksPrincipalType.Group,
          role: AksRole.Reader,
        },
      ],
      diskEncryptionSetId: made.id,
      etcdKey: { keyId: made.id, keyVaultId: made.id },
      logs: { workspaceId: made.id },
      network: {
        apiServerSubnetId: made.id,
        location: made.location,
        nodeSubnetId: made.id,
        resourceGroupName: made.name,
        vnetCidr: made.id,
        vnetId: made.id,
      },
      privateDnsZoneId: made.id,
    });
    new kubernetes.Provider("in-cluster", { kubeconfig: cluster.kubeconfig });
  };
  const known = await deploy(program, { call, outputsOf });
  const unknown = await deploy(program, { call, outputsOf, preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(reveal(kubeconfigOf(unknown))).toBe(UNKNOWN);
  expect([known.invokes.length, unknown.invokes.length]).toEqual([1, 0]);
});

test("a preview of a cluster that is not there yet does not ask for its kubeconfig", async () => {
  const { invokes } = await run({}, { preview: true });
  expect(invokes).toEqual([]);
});

test("is private and hardened", async () => {
  const { inputs } = find(await run(), CLUSTER, "fabric");
  expect(inputs).toMatchObject({
    resourceName: "fabric",
    resourceGroupName: "g",
    location: "westeurope",
    dnsPrefix: "fabric",
    nodeResourceGroup: "fabric-nodes",
    nodeResourceGroupProfile: { restrictionLevel: "ReadOnly" },
    aadProfile: { adminGroupObjectIDs: [admins], enableAzureRBAC: true, managed: true },
    disableLocalAccounts: true,
    enableRBAC: true,
    oidcIssuerProfile: { enabled: true },
    sku: { name: "Base", tier: "Standard" },
    supportPlan: "KubernetesOfficial",
    kubernetesVersion: "1.36.2",
    autoUpgradeProfile: { nodeOSUpgradeChannel: "None", upgradeChannel: "none" },
    metricsProfile: { costAnalysis: { enabled: true } },
    nodeProvisioningProfile: { mode: "Manual", defaultNodePools: "None" },
  });
  expect(inputs.identity).toEqual({
    type: "UserAssigned",
    userAssignedIdentities: ["fabric-identity-id"],
  });
  expect(inputs.apiServerAccessProfile).toEqual({
    disableRunCommand: true,
    enablePrivateCluster: true,
    enablePrivateClusterPublicFQDN: false,
    privateDNSZone: "system",
  });
  expect(inputs.networkProfile).toEqual({
    dnsServiceIP: "172.16.0.10",
    ipFamilies: ["IPv4"],
    loadBalancerSku: "standard",
    networkDataplane: "cilium",
    networkPlugin: "azure",
    networkPluginMode: "overlay",
    networkPolicy: "cilium",
    outboundType: "userAssignedNATGateway",
    podCidr: "10.244.0.0/16",
    serviceCidr: "172.16.0.0/16",
  });
  expect(inputs.securityProfile).toEqual({
    imageCleaner: { enabled: true, intervalHours: 48 },
    workloadIdentity: { enabled: true },
  });
});

test("the system pool is small, tainted and encrypted at host", async () => {
  const { inputs, ignoreChanges } = find(await run(), CLUSTER, "fabric");
  expect(ignoreChanges).toEqual(["agentPoolProfiles[0].count"]);
  expect(inputs.agentPoolProfiles).toEqual([
    {
      availabilityZones: ["1", "2", "3"],
      count: 3,
      enableAutoScaling: true,
      enableEncryptionAtHost: true,
      enableNodePublicIP: false,
      maxCount: 6,
      maxPods: 110,
      minCount: 3,
      mode: "System",
      name: "system",
      nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
      orchestratorVersion: "1.36.2",
      osDiskSizeGB: 128,
      osDiskType: "Managed",
      osSKU: "AzureLinux",
      osType: "Linux",
      securityProfile: { enableSecureBoot: true, enableVTPM: true, sshAccess: "Disabled" },
      tags: {},
      type: "VirtualMachineScaleSets",
      upgradeSettings: { drainTimeoutInMinutes: 30, maxSurge: "1" },
      vmSize: "Standard_D4s_v5",
      vnetSubnetID: least.network.nodeSubnetId,
    },
  ]);
});

test("with node auto-provisioning no pool is autoscaled", async () => {
  const { inputs, ignoreChanges } = find(
    await run({ nodeAutoProvisioning: true }),
    CLUSTER,
    "fabric",
  );
  expect(inputs.nodeProvisioningProfile.mode).toBe("Auto");
  expect(inputs.agentPoolProfiles[0]).toMatchObject({
    count: 3,
    enableAutoScaling: false,
  });
  expect(inputs.agentPoolProfiles[0]).not.toHaveProperty("minCount");
  expect(ignoreChanges).toEqual([]);
});

test("the control plane's identity has its roles before the cluster, each told as what it is", async () => {
  const done = await run(everything);
  const own = [
    "fabric-api-subnet",
    "fabric-disk-key-reader",
    "fabric-dns-zone",
    "fabric-key-user",
    "fabric-subnet",
    "fabric-vnet",
  ];
  expect(find(done, CLUSTER, "fabric").dependsOn).toEqual(["fabric-identity", ...own].sort());
  const subscription = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions";
  const said = own.map((name) => {
    const { principalId, principalType, roleDefinitionId, scope } = find(done, ROLE, name).inputs;
    return [principalId, principalType, roleDefinitionId, scope];
  });
  const identity = ["33333333-3333-3333-3333-333333333333", "ServicePrincipal"];
  const network = `${subscription}/4d97b98b-1d4f-4787-a291-c67834d212e7`;
  expect(said).toEqual([
    [...identity, network, `${vnetId}/subnets/api`],
    [
      ...identity,
      `${subscription}/acdd72a7-3385-48ef-bd42-f606fba81ae7`,
      everything.diskEncryptionSetId,
    ],
    [
      ...identity,
      `${subscription}/b12aa53e-6015-4669-85d0-8515ebb3ae7f`,
      everything.privateDnsZoneId,
    ],
    [
      ...identity,
      `${subscription}/12338af0-0e69-4776-bea7-57ae8d297424`,
      everything.etcdKey?.keyVaultId,
    ],
    [...identity, network, `${vnetId}/subnets/nodes`],
    [...identity, network, vnetId],
  ]);
});

test("the kubeconfig is secret, without credential, and there once cluster and access are", async () => {
  const done = await run(everything);
  const provider = find(done, "pulumi:providers:kubernetes", "in-cluster");
  expect(provider.dependsOn).toEqual(["fabric", "fabric-access-deployer"]);
  expect(isSecret(provider.inputs.kubeconfig)).toBe(true);
  const config = JSON.parse(reveal(provider.inputs.kubeconfig));
  expect(config.clusters[0].cluster).toEqual({
    server: "https://fabric-1.7.privatelink.westeurope.azmk8s.io",
    "certificate-authority-data": "Q0E=",
  });
  expect(config.users[0].user.exec).toMatchObject({
    command: "kubelogin",
    args: [
      "get-token",
      "--login",
      "azurecli",
      "--server-id",
      "6dae42f8-4368-4678-94ff-3960e28e3630",
    ],
  });
  expect(JSON.stringify(config)).not.toMatch(/never|elsewhere/);
});

const found: [string, Partial<AzureClusterArgs>][] = [
  ["a public API server", { publicAccessCidrs: ["203.0.113.0/24"], outbound: AksOutbound.None }],
  ["a private one without a zone", { privateDns: AksPrivateDns.None }],
];

test.each(found)("%s is found in public DNS", async (_, args) => {
  const done = await run(args);
  const config = JSON.parse(reveal(kubeconfigOf(done)));
  expect(config.clusters[0].cluster.server).toBe("https://fabric-1.hcp.westeurope.azmk8s.io");
});

test("a public API server lets in its list and its nodes alone", async () => {
  const publicAccessCidrs = ["203.0.113.0/24"];
  const done = await run({ publicAccessCidrs, egressCidrs: Promise.resolve(["198.51.100.7/32"]) });
  const { inputs } = find(done, CLUSTER, "fabric");
  expect(inputs.apiServerAccessProfile).toEqual({
    authorizedIPRanges: ["203.0.113.0/24", "198.51.100.7/32"],
    disableRunCommand: true,
    enablePrivateCluster: false,
  });
});

test("a user of the kubeconfig signs in as asked", async () => {
  const done = await run({ kubeconfigLogin: AksLogin.WorkloadIdentity });
  const { exec } = JSON.parse(reveal(kubeconfigOf(done))).users[0].user;
  expect(exec.args.slice(0, 3)).toEqual(["get-token", "--login", "workloadidentity"]);
});

test("says where it is, and no secret but the kubeconfig", async () => {
  const { kubeconfig, ...outputs } = (await run()).outputs.get("fabric") ?? {};
  expect(isSecret(kubeconfig)).toBe(true);
  expect(outputs).toEqual({
    certificateAuthorityData: "Q0E=",
    clusterId: "fabric-id",
    endpoint: "https://fabric-1.7.privatelink.westeurope.azmk8s.io",
    identityPrincipalId: "33333333-3333-3333-3333-333333333333",
    kubeletObjectId: "kubelet",
    kubernetesVersion: "1.36.2",
    name: "fabric",
    nodeResourceGroupName: "fabric-nodes",
    oidcIssuerUrl: "https://issuer.example/",
    resourceGroupName: "g",
    workspaceId: "fabric-logs-id",
  });
});

test("all that the control plane writes goes to a workspace that outlives it", async () => {
  const done = await run({ logs: { auditReads: false, retentionDays: 365 }, defender: true });
  const workspace = find(done, "azure-native:operationalinsights:Workspace", "fabric-logs");
  expect(workspace.inputs).toMatchObject({ workspaceName: "fabric-logs", retentionInDays: 365 });
  const { inputs } = find(done, "azure-native:monitor:DiagnosticSetting", "fabric-diagnostics");
  expect(inputs).toMatchObject({ resourceUri: "fabric-id", workspaceId: "fabric-logs-id" });
  expect(inputs.logs.every(({ enabled }: any) => enabled)).toBe(true);
  expect(inputs.logs.map(({ category }: any) => category)).toEqual([
    "kube-audit-admin",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "cloud-controller-manager",
    "cluster-autoscaler",
    "csi-azuredisk-controller",
    "csi-azurefile-controller",
    "csi-snapshot-controller",
    "guard",
  ]);
  const cluster = find(done, CLUSTER, "fabric");
  expect(cluster.inputs.securityProfile.defender.logAnalyticsWorkspaceResourceId).toBe(
    "fabric-logs-id",
  );
  expect(cluster.dependsOn).toContain("fabric-logs");
});

test("the lock is the last to stand and the first to fall", async () => {
  const done = await run(everything);
  const lock = find(done, "azure-native:authorization:ManagementLockByScope", "fabric-lock");
  expect(lock.inputs).toMatchObject({ level: "CanNotDelete", scope: "fabric-id" });
  expect(lock.dependsOn).toEqual([
    "fabric",
    "fabric-access-deployer",
    "fabric-diagnostics",
    "fabric-images",
    "fabric-releases",
    "fabric-upgrades",
  ]);
});

test("cluster and logs are guarded until that is switched off", async () => {
  const guarded = (done: Deployment) =>
    done.resources.filter(({ protect }) => protect).map(({ name }) => name);
  expect(guarded(await run()).sort()).toEqual(["fabric", "fabric-logs"]);
  expect(guarded(await run({ deletionProtection: false }))).toEqual([]);
});

test("maintenance configurations follow each other, with the window of each", async () => {
  const done = await run(everything);
  const type = "azure-native:containerservice:MaintenanceConfiguration";
  const [releases, upgrades, images] = ["releases", "upgrades", "images"].map((suffix) =>
    find(done, type, `fabric-${suffix}`),
  );
  expect(releases?.inputs).toEqual({
    configName: "default",
    resourceGroupName: "g",
    resourceName: "fabric",
    timeInWeek: [{ day: "Saturday", hourSlots: [1, 2, 3, 4, 5, 6] }],
  });
  expect(upgrades?.inputs).toEqual({
    configName: "aksManagedAutoUpgradeSchedule",
    maintenanceWindow: {
      durationHours: 6,
      schedule: { weekly: { dayOfWeek: "Saturday", intervalWeeks: 1 } },
      startTime: "01:00",
      utcOffset: "+00:00",
    },
    resourceGroupName: "g",
    resourceName: "fabric",
  });
  expect(upgrades?.dependsOn).toEqual(["fabric", "fabric-releases"]);
  expect(images?.dependsOn).toEqual(["fabric", "fabric-upgrades"]);
});

test("an update is asked for its version and its system pool first", async () => {
  const hooks: string[] = [];
  await deploy(
    () => {
      const monitor: any = pulumi.runtime.getMonitor();
      monitor.registerResourceHook = (request: any, callback: any) => {
        hooks.push(request.getName());
        callback(null, {});
      };
      new AzureCluster("fabric", least);
    },
    { call, outputsOf },
  );
  expect(hooks).toEqual([
    "AzureCluster:fabric:one-minor-upgrade",
    "AzureCluster:fabric:fixed-system-pool",
  ]);
});

test("long-term support comes with its tier", async () => {
  const { inputs } = find(
    await run({ longTermSupport: true, tier: AksTier.Premium }),
    CLUSTER,
    "fabric",
  );
  expect([inputs.sku.tier, inputs.supportPlan]).toEqual(["Premium", "AKSLongTermSupport"]);
});

test("refuses bad arguments before anything is made", async () => {
  const done = await deploy(() => {
    expect(() => new AzureCluster("fabric", { ...least, adminGroupObjectIds: [] })).toThrow(
      'AzureCluster "fabric" has 1 fault:',
    );
  });
  expect(made(done)).toEqual(["kvm-fabric:index:AzureCluster fabric < stack"]);
});
