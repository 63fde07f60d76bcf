import { is, type Rule, some, testRules } from "./rules";
import { azureStack } from "./stacks";

type Row = [id: string, asks: string, path: string, holds: Rule["holds"], broken: unknown];
const cluster: Row[] = [
  ["CKV_AZURE_5", "RBAC", "enableRBAC", is(true), false],
  [
    "CKV_AZURE_6",
    "no open API: private (CKV_AZURE_115)",
    "apiServerAccessProfile.enablePrivateCluster",
    is(true),
    false,
  ],
  ["CKV_AZURE_7", "network policy", "networkProfile.networkPolicy", is("cilium"), undefined],
  ["CKV_AZURE_141", "no local accounts", "disableLocalAccounts", is(true), false],
  ["CKV_AZURE_170", "a tier with an SLA", "sku.tier", is("Standard"), "Free"],
  ["section 8", "Entra and Azure RBAC", "aadProfile.enableAzureRBAC", is(true), false],
  ["section 8", "workload identity", "securityProfile.workloadIdentity.enabled", is(true), false],
  [
    "section 8",
    "no commands from outside",
    "apiServerAccessProfile.disableRunCommand",
    is(true),
    false,
  ],
  [
    "section 8",
    "no public name",
    "apiServerAccessProfile.enablePrivateClusterPublicFQDN",
    is(false),
    true,
  ],
];
const nodes: Row[] = [
  ["CKV_AZURE_143", "no public addresses", "enableNodePublicIP", is(false), true],
  ["CKV_AZURE_168", "at least 50 pods", "maxPods", (pods) => pods >= 50, 30],
  ["CKV_AZURE_227", "host encryption", "enableEncryptionAtHost", is(true), false],
];

const rule =
  (kind: string, prefix = "") =>
  ([id, asks, path, holds, broken]: Row): Rule => ({
    id,
    asks,
    kind,
    path: `${prefix}${path}`,
    holds,
    broken,
  });
// What the defaults do not keep is in exemptions.ts.
testRules(
  [
    ...cluster.map(rule("ManagedCluster")),
    ...nodes.map(rule("ManagedCluster", "agentPoolProfiles.0.")),
    ...nodes.map(rule("AgentPool")),
    rule("ManagedCluster")([
      "CKV_AZURE_232",
      "a pool for the system alone",
      "agentPoolProfiles.0.nodeTaints",
      some,
      [],
    ]),
    rule("Subnet")([
      "section 8",
      "no address of Azure's own",
      "defaultOutboundAccess",
      is(false),
      true,
    ]),
  ],
  azureStack,
);
