import fc from "fast-check";
import {
  AksOutbound,
  AksPrincipalType,
  AksPrivateDns,
  AksRole,
  AksTier,
  AksUpgradeChannel,
  type AzureClusterArgs,
} from "../../../../../components/cluster/azure/args";
import {
  type AzureClusterPlan,
  planAzureCluster,
} from "../../../../../components/cluster/azure/plan";
import { renderFault } from "../../../../../components/shared/faults";

const vnetId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/fabric";
const admins = "11111111-1111-1111-1111-111111111111";
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
const today = new Date("2026-11-21T12:00:00Z");

function faultsOf(args: Partial<AzureClusterArgs>, name = "fabric"): string[] {
  const result = planAzureCluster(name, { ...least, ...args }, today);
  return result.ok ? [] : result.faults.map(renderFault);
}

function planOf(args: Partial<AzureClusterArgs>, name = "fabric"): AzureClusterPlan {
  const result = planAzureCluster(name, { ...least, ...args }, today);
  if (!result.ok) throw new Error(result.faults.map(renderFault).join("\n"));
  return result.plan;
}

test("fills in every default", () => {
  const { network, ...plan } = planOf({});
  expect(network).toBe(least.network);
  expect(plan).toEqual({
    name: "fabric",
    access: [],
    adminGroupObjectIds: [admins],
    api: {
      authorizedRanges: [],
      egressRanges: [],
      isPrivate: true,
      privateDnsZone: "system",
      publicName: false,
    },
    auditCategory: "kube-audit",
    clusterName: "fabric",
    defender: false,
    deletionProtection: true,
    dnsPrefix: "fabric",
    dnsServiceIp: "172.16.0.10",
    diskEncryptionSetId: undefined,
    etcdKey: undefined,
    imageCleanerHours: 48,
    kubeconfigLogin: "azurecli",
    kubernetesVersion: "1.36.2",
    location: "westeurope",
    maintenance: { day: "Saturday", durationHours: 6, startHour: 1 },
    managementLock: false,
    nodeAutoProvisioning: false,
    nodeOsUpgradeChannel: "None",
    nodeResourceGroupName: "fabric-nodes",
    outboundType: "userAssignedNATGateway",
    podCidr: "10.244.0.0/16",
    privateDnsZoneId: undefined,
    resourceGroupName: "g",
    retentionDays: 90,
    serviceCidr: "172.16.0.0/16",
    servicesPool: undefined,
    supportPlan: "KubernetesOfficial",
    systemPool: {
      autoscaled: true,
      dedicated: true,
      diskGib: 128,
      ephemeralDisk: false,
      maxNodes: 6,
      maxPodsPerNode: 110,
      minNodes: 3,
      vmSize: "Standard_D4s_v5",
      zones: ["1", "2", "3"],
    },
    tags: {},
    tier: "Standard",
    upgradeChannel: "none",
    warnings: [],
    workspaceId: undefined,
  });
});

const entry = {
  name: "deployer",
  principalId: admins,
  principalType: AksPrincipalType.Group,
  role: AksRole.Admin,
};
const long = "a".repeat(64);
const bad: [string, Partial<AzureClusterArgs>, string[]][] = [
  [
    "no administrators",
    { adminGroupObjectIds: [] },
    [
      "adminGroupObjectIds: empty: nobody could administer the cluster; try the object id of an Entra group that you are in",
    ],
  ],
  [
    "a group's name for its id, and one twice",
    { adminGroupObjectIds: [admins, "platform", admins] },
    [
      'adminGroupObjectIds[1]: not the object id of an Entra principal, got "platform", allowed a GUID, as `az ad group show` prints it as id',
      `adminGroupObjectIds[2]: given twice, got "${admins}"`,
    ],
  ],
  [
    "no version",
    { kubernetesVersion: "latest" },
    ['kubernetesVersion: not a version of AKS, got "latest", allowed as in 1.36 and 1.36.2'],
  ],
  [
    "a version that is no longer run",
    { kubernetesVersion: "1.30" },
    [
      'kubernetesVersion: AKS no longer runs it, got "1.30", allowed 1.33, 1.34, 1.35, 1.36, 1.37 or newer (known on 2026-08-22)',
    ],
  ],
  [
    "a version whose support has ended",
    { kubernetesVersion: "1.33.9" },
    [
      'kubernetesVersion: its standard support by AKS ended on 2026-07-31, got "1.33.9", allowed 1.33, 1.34, 1.35, 1.36, 1.37 or newer (known on 2026-08-22); try a newer minor version, or longTermSupport with tier "Premium"',
    ],
  ],
  [
    "a patch that the channel moves",
    { upgradeChannel: AksUpgradeChannel.Patch },
    [
      'kubernetesVersion: names a patch, which the channel moves, got "1.36.2"; try the minor alone',
    ],
  ],
  [
    "long-term support without its tier",
    { longTermSupport: true, tier: AksTier.Standard },
    ['tier: has no long-term support, got "Standard", allowed Premium'],
  ],
  [
    "a cluster's name of 64 characters",
    { clusterName: long, dnsPrefix: "fabric", nodeResourceGroupName: "nodes" },
    [
      `clusterName: not the name of an AKS cluster, got "${long}", allowed letters, digits, _ and - between them, at most 63 characters`,
    ],
  ],
  [
    "a DNS prefix of 55 characters",
    { dnsPrefix: "a".repeat(55) },
    [
      `dnsPrefix: cannot begin the API server's name, got "${"a".repeat(55)}", allowed letters, digits and - between them, at most 54 characters`,
    ],
  ],
  [
    "a group's name that ends in a dot",
    { nodeResourceGroupName: "nodes." },
    [
      'nodeResourceGroupName: not the name of a resource group, got "nodes.", allowed letters, digits, -, _, . and brackets, last no dot, at most 80 characters',
    ],
  ],
  [
    "the whole internet",
    { publicAccessCidrs: ["0.0.0.0/0"], outbound: AksOutbound.LoadBalancer },
    [
      'publicAccessCidrs[0]: allows too much of the internet, got "0.0.0.0/0", allowed prefixes /8 to /32',
    ],
  ],
  [
    "a public API server without a list",
    { publicAccessCidrs: [], outbound: AksOutbound.LoadBalancer },
    [
      "publicAccessCidrs: empty: a public API server needs an allow-list; try the ranges that may reach it, or to leave it out for a private one",
    ],
  ],
  [
    "a private zone for a public API server",
    {
      egressCidrs: ["198.51.100.7/32"],
      privateDns: AksPrivateDns.None,
      publicAccessCidrs: ["203.0.113.0/24"],
    },
    ["privateDns: has no meaning with a public API server"],
  ],
  [
    "a public API server that no node would reach",
    { publicAccessCidrs: ["203.0.113.0/24"] },
    [
      'egressCidrs: missing: no node could reach the public API server; try network.natPublicCidrs, or outbound "loadBalancer"',
    ],
  ],
  [
    "nodes' addresses for a private API server",
    { egressCidrs: ["198.51.100.7/32"] },
    ["egressCidrs: has no meaning with a private API server"],
  ],
  [
    "two private zones",
    {
      privateDns: AksPrivateDns.System,
      privateDnsZoneId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/z`,
    },
    ['privateDns: given beside privateDnsZoneId, got "system"'],
  ],
  ["no zones", { zones: [] }, ["zones: empty, allowed 1, 2, 3; try to leave it out"]],
  [
    "zones of another cloud, and one twice",
    { zones: ["1", "westeurope-1", "1"] },
    [
      'zones[1]: not a zone of Azure, got "westeurope-1", allowed 1, 2, 3',
      'zones[2]: given twice, got "1"',
    ],
  ],
  [
    "more least nodes than most",
    { systemPool: { minNodes: 4, maxNodes: 3 } },
    ["systemPool.minNodes: more than maxNodes, got 4, allowed at most 3"],
  ],
  [
    "an autoscaled pool beside node auto-provisioning",
    { nodeAutoProvisioning: true, systemPool: { maxNodes: 5 } },
    [
      "systemPool.maxNodes: more than minNodes: no pool is autoscaled beside node auto-provisioning, got 5, allowed 3",
    ],
  ],
  [
    "sizes out of range",
    { systemPool: { diskGib: 20, maxPodsPerNode: 20, minNodes: 0, vmSize: "D4s" } },
    [
      "systemPool.minNodes: out of range, got 0, allowed whole numbers 1 to 1000",
      "systemPool.diskGib: out of range, got 20, allowed whole numbers 30 to 2048",
      "systemPool.maxPodsPerNode: out of range, got 20, allowed whole numbers 30 to 250",
      'systemPool.vmSize: not a size of Azure, got "D4s", allowed as in Standard_D4s_v5',
    ],
  ],
  [
    "pods in the network's range",
    { podCidr: "10.0.0.0/16" },
    ['podCidr: overlaps the network\'s 10.0.0.0/16, got "10.0.0.0/16"'],
  ],
  [
    "Services among pods",
    { serviceCidr: "10.244.4.0/24" },
    ['serviceCidr: overlaps podCidr 10.244.0.0/16, got "10.244.4.0/24"'],
  ],
  [
    "a range of the internet, and one too small",
    { podCidr: "203.0.0.0/16", serviceCidr: "172.16.0.0/25" },
    [
      'podCidr: not a private range, got "203.0.0.0/16", allowed 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16',
      'serviceCidr: of a size that AKS cannot use, got "172.16.0.0/25", allowed prefixes /12 to /24',
    ],
  ],
  [
    "a key without its version",
    {
      etcdKey: {
        keyId: "https://v.vault.azure.net/keys/etcd",
        keyVaultId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v",
      },
    },
    [
      'etcdKey.keyId: not the id of a version of a Key Vault key, got "https://v.vault.azure.net/keys/etcd", allowed https://VAULT.vault.azure.net/keys/KEY/VERSION',
    ],
  ],
  [
    "a key in place of a disk encryption set",
    { diskEncryptionSetId: "https://v.vault.azure.net/keys/disks" },
    [
      'diskEncryptionSetId: not the id of such a resource, got "https://v.vault.azure.net/keys/disks", allowed /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Compute/diskEncryptionSets/NAME',
    ],
  ],
  [
    "logs that are kept too short",
    { logs: { retentionDays: 7 } },
    ["logs.retentionDays: out of range, got 7, allowed whole numbers 30 to 730"],
  ],
  [
    "retention of somebody else's workspace, by no id",
    { logs: { retentionDays: 90, workspaceId: "w" } },
    [
      'logs.workspaceId: not the id of such a resource, got "w", allowed /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.OperationalInsights/workspaces/NAME',
      "logs.retentionDays: has no meaning with a workspace that is there already",
    ],
  ],
  [
    "a maintenance window that is too short",
    { maintenanceWindow: { durationHours: 2, startHour: 24 } },
    [
      "maintenanceWindow.durationHours: out of range, got 2, allowed whole hours 4 to 24",
      "maintenanceWindow.startHour: out of range, got 24, allowed whole hours 0 to 23",
    ],
  ],
  [
    "entries that meet",
    { access: [entry, { ...entry, principalId: "me" }] },
    [
      'access[1].name: given twice, got "deployer"',
      'access[1].principalId: not the object id of an Entra principal, got "me", allowed a GUID, as `az ad group show` prints it as id',
    ],
  ],
  [
    "images that are looked for too often",
    { imageCleanerHours: 1 },
    ["imageCleanerHours: out of range, got 1, allowed whole numbers 24 to 2160"],
  ],
  [
    "a tag that Azure does not take",
    { tags: { "a/b": "c" } },
    [
      'tags.a/b: not a tag of Azure, got "c", allowed keys without < > % & \\ ? /, at most 512 characters; values at most 256',
    ],
  ],
];

test.each(bad)("refuses %s", (_, args, lines) => {
  expect(faultsOf(args)).toEqual(lines);
});

test("refuses what is in none of its sets", () => {
  // A program in plain JavaScript, or another language's, gets past the types.
  const args = JSON.parse(
    '{"kubeconfigLogin":"password","nodeOsUpgradeChannel":"Daily","outbound":"proxy","tier":"Basic","upgradeChannel":"edge"}',
  ) as Partial<AzureClusterArgs>;
  expect(faultsOf(args)).toEqual([
    'tier: not one of the values, got "Basic", allowed Free, Standard, Premium',
    'upgradeChannel: not one of the values, got "edge", allowed none, patch, stable, rapid',
    'kubeconfigLogin: not one of the values, got "password", allowed azurecli, workloadidentity, msi, spn',
    'nodeOsUpgradeChannel: not one of the values, got "Daily", allowed None, SecurityPatch, NodeImage',
    'outbound: not one of the values, got "proxy", allowed userAssignedNATGateway, loadBalancer, userDefinedRouting, none',
  ]);
});

test("takes an old version with long-term support", () => {
  const args = { kubernetesVersion: "1.33.9", longTermSupport: true, tier: AksTier.Premium };
  expect(planOf(args).supportPlan).toBe("AKSLongTermSupport");
});

test("does not look into what is only known later", () => {
  const later = Promise.resolve("anything");
  const args = {
    adminGroupObjectIds: [later, later],
    logs: { workspaceId: later },
    network: { ...least.network, vnetCidr: later },
    podCidr: "10.0.0.0/16",
    privateDnsZoneId: later,
  };
  expect(faultsOf(args)).toEqual([]);
});

test("property: names fit Azure for every logical name", () => {
  const letters = fc.constantFrom("a", "b", "z", "0", "9", "-");
  const names = fc
    .string({ unit: letters, minLength: 0, maxLength: 61 })
    .map((middle) => `a${middle}z`);
  fc.assert(
    fc.property(names, (name) => {
      const { clusterName, dnsPrefix, nodeResourceGroupName } = planOf({}, name);
      expect(clusterName).toMatch(/^[a-z]([-_a-z0-9]{0,61}[a-z0-9])?$/);
      expect(dnsPrefix).toMatch(/^[a-z]([-a-z0-9]{0,52}[a-z0-9])?$/);
      expect(nodeResourceGroupName.length).toBeLessThanOrEqual(80);
    }),
  );
});

test("property: a pool that is taken has room for its least nodes, and none to grow beside auto-provisioning", () => {
  const sizes = fc.record(
    { minNodes: fc.integer({ min: -1, max: 12 }), maxNodes: fc.integer({ min: -1, max: 12 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(sizes, fc.boolean(), (systemPool, nodeAutoProvisioning) => {
      const args = { ...least, nodeAutoProvisioning, systemPool };
      const result = planAzureCluster("fabric", args, today);
      const { minNodes = 3 } = systemPool;
      const { maxNodes = nodeAutoProvisioning ? minNodes : Math.max(6, minNodes) } = systemPool;
      const fits = minNodes >= 1 && maxNodes >= minNodes;
      expect(result.ok).toBe(fits && (!nodeAutoProvisioning || maxNodes === minNodes));
      if (!result.ok) return;
      expect(result.plan.systemPool).toMatchObject({
        autoscaled: maxNodes > minNodes,
        maxNodes,
        minNodes,
      });
    }),
  );
});
