import { partOf } from "../../../../../components/data-store/managed/azure-vault";
import type { AzurePostgresArgs } from "../../../../../components/postgres/azure/args";
import { planAzurePostgres } from "../../../../../components/postgres/azure/plan";
import { faultsOf, networks, planOf, TODAY } from "../../data-store/managed/plans";

const least: AzurePostgresArgs = {
  allowedCidrs: ["10.0.0.0/20"],
  network: networks.azure,
  subnetCidr: "10.0.240.0/28",
  version: "17",
};
const plan = (args: Partial<AzurePostgresArgs> = {}) =>
  planAzurePostgres("db", { ...least, ...args }, TODAY);

const network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
const subnetId = `${network}/virtualNetworks/n/subnets/x`;
const keyVaultId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v";
const encryptionKey = `https://v.vault.azure.net/keys/k/${"0".repeat(32)}`;

test("fills every default in", () => {
  expect(planOf(plan())).toMatchObject({
    backupRetentionDays: 7,
    database: "app",
    deletionProtection: true,
    highAvailability: true,
    maintenanceWindow: { dayOfWeek: 0, startHour: 3 },
    resourceGroupName: "fabric",
    size: "Standard_D2ds_v5",
    storageGib: 128,
    tier: "GeneralPurpose",
    username: "app",
  });
  expect(planOf(plan()).parameters).toMatchObject({ require_secure_transport: "on" });
});

test("the tier is the size's", () => {
  expect(planOf(plan({ size: "Standard_E4ds_v5" })).tier).toBe("MemoryOptimized");
  expect(planOf(plan({ size: "Standard_B2ms", highAvailability: false })).tier).toBe("Burstable");
});

test.each<[Partial<AzurePostgresArgs>, string[]]>([
  [
    { allowedCidrs: [] },
    [
      "allowedCidrs: names no client, so nobody could reach the store; try the range that pods or their nodes call from",
    ],
  ],
  [
    { backupRetentionDays: 6 },
    ["backupRetentionDays: out of range, got 6, allowed whole numbers 7 to 35"],
  ],
  [{ encryptionKey }, ["keyVaultId: missing beside encryptionKey; try the id of its vault"]],
  [{ encryptionKey, keyVaultId }, []],
  [
    { encryptionKey: "https://v.vault.azure.net/keys/k", keyVaultId },
    [
      'encryptionKey: not the URI of a version of a key, got "https://v.vault.azure.net/keys/k", allowed https://VAULT.vault.azure.net/keys/KEY/VERSION',
    ],
  ],
  [
    { keyVaultId: "v" },
    [
      'keyVaultId: not an id of the right kind, got "v", allowed /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.KeyVault/vaults/NAME',
    ],
  ],
  [
    { parameters: { require_secure_transport: "off" } },
    ['parameters.require_secure_transport: TLS is always forced, got "off"; try to leave it out'],
  ],
  [
    { size: "Standard_F2s" },
    [expect.stringMatching(/^size: not a compute size of Flexible Server/)],
  ],
  [
    { size: "Standard_B2ms" },
    [
      'size: too small: Azure gives burstable servers no second copy, got "Standard_B2ms"; try Standard_D2ds_v5, or highAvailability: false',
    ],
  ],
  [
    { storageGib: 100 },
    [
      "storageGib: not a size of Azure's Premium SSD, got 100, allowed 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767",
    ],
  ],
  [
    { subnetCidr: undefined },
    ["subnetCidr: missing: the store needs a place, allowed either subnetCidr or subnetId"],
  ],
  [{ subnetId }, ["subnetCidr: given beside subnetId, allowed either subnetCidr or subnetId"]],
  [{ allowedCidrs: [], subnetCidr: undefined, subnetId }, []],
  [
    { subnetCidr: undefined, subnetId },
    [
      "allowedCidrs: the subnet is another's, and so are the rules of who reaches it; try subnetCidr instead of subnetId",
    ],
  ],
  [
    { subnetCidr: "10.0.240.0/30" },
    [
      'subnetCidr: too small: Azure keeps five addresses, got "10.0.240.0/30", allowed as in 10.0.240.0/28',
    ],
  ],
  [
    { subnetCidr: "10.0.240.1/28" },
    ['subnetCidr: not a range, got "10.0.240.1/28", allowed as in 10.0.240.0/28'],
  ],
  [{ tags: { "a/b": "1" } }, [expect.stringMatching(/^tags\.a\/b: not a tag of Azure/)]],
  [{ version: "14" }, [expect.stringContaining("Flexible Server ended its support on 2026-11-12")]],
  [
    { privateDnsZoneId: "z" },
    [expect.stringMatching(/^privateDnsZoneId: not an id of the right kind/)],
  ],
  [{ workspaceId: "w" }, [expect.stringMatching(/^workspaceId: not an id of the right kind/)]],
])("finds in %j", (args, expected) => {
  expect(faultsOf(plan(args))).toEqual(expected);
});

test("the parts of an id are found whatever its case, and missing ones are an error", () => {
  expect(partOf(keyVaultId, "vaults")).toBe("v");
  expect(partOf("/subscriptions/s/resourcegroups/g", "resourceGroups")).toBe("g");
  expect(() => partOf("/subscriptions/s", "vaults")).toThrow(
    'no vaults in the Azure id "/subscriptions/s"',
  );
});
