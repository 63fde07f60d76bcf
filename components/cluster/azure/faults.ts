import type { Fault } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { nameFaults } from "../../shared/names";
import { wholeNumberFaults } from "../../shared/numbers";
import { patternFaults } from "../../shared/patterns";
import { publicAccessFaults } from "../allow-list";
import { type SupportQuestion, versionFaults } from "../versions";
import { accessFaults, adminFaults } from "./access-faults";
import {
  AksLogin,
  AksNodeOsChannel,
  AksOutbound,
  AksPrivateDns,
  AksTier,
  AksUpgradeChannel,
  type AzureClusterArgs,
} from "./args";
import { AKS_CALENDAR } from "./calendar";
import { LONGEST_CLUSTER_NAME, LONGEST_DNS_PREFIX, LONGEST_NODE_GROUP_NAME } from "./defaults";
import { maintenanceFaults } from "./maintenance";
import { overlayFaults } from "./overlay";
import { resourceIdFaults } from "./field-faults";
import { poolFaults, zoneFaults } from "./pool-faults";

/** Most ranges of an AKS allow-list. */
const MOST_RANGES = 200;

/** Most tags that AKS passes on to what it makes. */
const MOST_TAGS = 50;

/** Finds everything that is wrong with the arguments of an AKS cluster. */
export function azureClusterFaults(name: string, args: AzureClusterArgs, today: Date): Fault[] {
  return [
    ...nameFaults("name", name),
    ...adminFaults("adminGroupObjectIds", args.adminGroupObjectIds),
    ...versionOfFaults(args, today),
    ...cloudNameFaults(args),
    ...accessFaults("access", args.access ?? []),
    ...apiServerFaults(args),
    ...egressFaults(args),
    ...wholeNumberFaults("imageCleanerHours", args.imageCleanerHours, 24, 2160),
    ...memberFaults("kubeconfigLogin", args.kubeconfigLogin, Object.values(AksLogin)),
    ...keyFaults(args),
    ...logFaults(args),
    ...maintenanceFaults("maintenanceWindow", args.maintenanceWindow),
    ...memberFaults(
      "nodeOsUpgradeChannel",
      args.nodeOsUpgradeChannel,
      Object.values(AksNodeOsChannel),
    ),
    ...memberFaults("outbound", args.outbound, Object.values(AksOutbound)),
    ...overlayFaults(args),
    ...poolFaults("servicesPool", args.servicesPool ?? {}, args.nodeAutoProvisioning ?? false),
    ...poolFaults("systemPool", args.systemPool ?? {}, args.nodeAutoProvisioning ?? false),
    ...tagFaults("tags", args.tags ?? {}),
    ...zoneFaults("zones", args.zones),
  ];
}

/** What is to be known about a version of this cluster beside the version itself. */
export function supportOf({ longTermSupport }: AzureClusterArgs, today: Date): SupportQuestion {
  return {
    extended: longTermSupport ?? false,
    extendedFix: `longTermSupport with tier "${AksTier.Premium}"`,
    today,
  };
}

function versionOfFaults(args: AzureClusterArgs, today: Date): Fault[] {
  const { kubernetesVersion: got, tier, upgradeChannel } = args;
  const support = supportOf(args, today);
  const path = "kubernetesVersion";
  const version = /^1\.\d+(\.\d+)?$/.test(got)
    ? versionFaults(path, got, AKS_CALENDAR, support)
    : [{ path, problem: "not a version of AKS", got, allowed: "as in 1.36 and 1.36.2" }];
  const patch = upgradeChannel === AksUpgradeChannel.Patch && got.split(".").length > 2;
  return [
    ...version,
    ...(patch
      ? [{ path, problem: "names a patch, which the channel moves", got, fix: "the minor alone" }]
      : []),
    ...memberFaults("tier", tier, Object.values(AksTier)),
    ...(support.extended && tier !== AksTier.Premium
      ? [{ path: "tier", problem: "has no long-term support", got: tier, allowed: AksTier.Premium }]
      : []),
    ...memberFaults("upgradeChannel", upgradeChannel, Object.values(AksUpgradeChannel)),
  ];
}

function cloudNameFaults({ clusterName, dnsPrefix, nodeResourceGroupName }: AzureClusterArgs) {
  return [
    ...patternFaults(
      "clusterName",
      clusterName,
      /^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
      "not the name of an AKS cluster",
      `letters, digits, _ and - between them, at most ${String(LONGEST_CLUSTER_NAME)} characters`,
    ),
    ...patternFaults(
      "dnsPrefix",
      dnsPrefix,
      /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,52}[a-zA-Z0-9])?$/,
      "cannot begin the API server's name",
      `letters, digits and - between them, at most ${String(LONGEST_DNS_PREFIX)} characters`,
    ),
    ...patternFaults(
      "nodeResourceGroupName",
      nodeResourceGroupName,
      /^[-\w.()]{0,79}[-\w()]$/,
      "not the name of a resource group",
      `letters, digits, -, _, . and brackets, last no dot, at most ${String(LONGEST_NODE_GROUP_NAME)} characters`,
    ),
  ];
}

function apiServerFaults(args: AzureClusterArgs): Fault[] {
  const { privateDns, privateDnsZoneId, publicAccessCidrs } = args;
  const count = publicAccessCidrs?.length ?? 0;
  const path = "publicAccessCidrs";
  const privateOnly = Object.entries({ privateDns, privateDnsZoneId }).filter(
    ([, value]) => value !== undefined,
  );
  return [
    ...publicAccessFaults(path, publicAccessCidrs),
    ...(count > MOST_RANGES
      ? [
          {
            path,
            problem: "too many ranges",
            got: count,
            allowed: `at most ${String(MOST_RANGES)}`,
          },
        ]
      : []),
    ...memberFaults("privateDns", privateDns, Object.values(AksPrivateDns)),
    ...resourceIdFaults("privateDnsZoneId", privateDnsZoneId, "Microsoft.Network/privateDnsZones"),
    ...(publicAccessCidrs === undefined
      ? []
      : privateOnly.map(([key]) => ({
          path: key,
          problem: "has no meaning with a public API server",
        }))),
    ...(privateOnly.length > 1
      ? [{ path: "privateDns", problem: "given beside privateDnsZoneId", got: privateDns }]
      : []),
  ];
}

/** A load balancer's address is let in by AKS itself, which made it. */
function egressFaults({ egressCidrs, outbound, publicAccessCidrs }: AzureClusterArgs): Fault[] {
  const path = "egressCidrs";
  if (publicAccessCidrs === undefined) {
    if (egressCidrs === undefined) return [];
    return [{ path, problem: "has no meaning with a private API server" }];
  }
  const byAks = outbound === AksOutbound.LoadBalancer || outbound === AksOutbound.None;
  if (egressCidrs !== undefined || byAks) return [];
  const problem = "missing: no node could reach the public API server";
  const fix = `network.natPublicCidrs, or outbound "${AksOutbound.LoadBalancer}"`;
  return [{ path, problem, fix }];
}

function keyFaults({ diskEncryptionSetId, etcdKey }: AzureClusterArgs): Fault[] {
  const set = "Microsoft.Compute/diskEncryptionSets";
  const disks = resourceIdFaults("diskEncryptionSetId", diskEncryptionSetId, set);
  if (etcdKey === undefined) return disks;
  return [
    ...disks,
    ...patternFaults(
      "etcdKey.keyId",
      etcdKey.keyId,
      /^https:\/\/[-a-zA-Z0-9]+\.vault\.[.a-z]+\/keys\/[-a-zA-Z0-9]+\/[0-9a-f]{32}$/,
      "not the id of a version of a Key Vault key",
      "https://VAULT.vault.azure.net/keys/KEY/VERSION",
    ),
    ...resourceIdFaults("etcdKey.keyVaultId", etcdKey.keyVaultId, "Microsoft.KeyVault/vaults"),
  ];
}

function logFaults({ logs = {} }: AzureClusterArgs): Fault[] {
  const { retentionDays, workspaceId } = logs;
  const path = "logs.retentionDays";
  return [
    ...resourceIdFaults(
      "logs.workspaceId",
      workspaceId,
      "Microsoft.OperationalInsights/workspaces",
    ),
    ...(workspaceId === undefined
      ? wholeNumberFaults(path, retentionDays, 30, 730)
      : retentionDays === undefined
        ? []
        : [{ path, problem: "has no meaning with a workspace that is there already" }]),
  ];
}

/** Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations */
function tagFaults(path: string, tags: Record<string, string>): Fault[] {
  const count = Object.keys(tags).length;
  const allowed = "keys without < > % & \\ ? /, at most 512 characters; values at most 256";
  return [
    ...(count > MOST_TAGS
      ? [{ path, problem: "too many tags", got: count, allowed: `at most ${String(MOST_TAGS)}` }]
      : []),
    ...Object.entries(tags).flatMap(([key, value]) =>
      /^[^<>%&\\?/]{1,512}$/.test(key) && value.length <= 256
        ? []
        : [{ path: `${path}.${key}`, problem: "not a tag of Azure", got: value, allowed }],
    ),
  ];
}
