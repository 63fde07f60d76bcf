import { has, is, type Rule, some, testRules } from "./rules";
import { gcpStack } from "./stacks";

type Row = [id: string, asks: string, path: string, holds: Rule["holds"], broken: unknown];
const cluster: Row[] = [
  ["CKV_GCP_1", "logs", "loggingConfig.enableComponents", has("SYSTEM_COMPONENTS"), []],
  ["CKV_GCP_7", "no legacy ABAC", "enableLegacyAbac", is(false), true],
  ["CKV_GCP_8", "metrics", "monitoringConfig.enableComponents", has("SYSTEM_COMPONENTS"), []],
  [
    "CKV_GCP_12",
    "network policy: Dataplane V2",
    "datapathProvider",
    is("ADVANCED_DATAPATH"),
    "LEGACY_DATAPATH",
  ],
  [
    "CKV_GCP_13",
    "no client certificate",
    "masterAuth.clientCertificateConfig.issueClientCertificate",
    is(false),
    true,
  ],
  [
    "CKV_GCP_18",
    "no public endpoint",
    "privateClusterConfig.enablePrivateEndpoint",
    is(true),
    false,
  ],
  [
    "CKV_GCP_20",
    "authorised networks",
    "masterAuthorizedNetworksConfig.privateEndpointEnforcementEnabled",
    is(true),
    false,
  ],
  ["CKV_GCP_21", "labels", "resourceLabels", some, {}],
  [
    "CKV_GCP_23",
    "alias addresses",
    "ipAllocationPolicy.clusterSecondaryRangeName",
    is("pods"),
    undefined,
  ],
  ["CKV_GCP_25", "private", "privateClusterConfig", some, undefined],
  ["CKV_GCP_61", "visibility in a node", "enableIntranodeVisibility", is(true), false],
  ["CKV_GCP_64", "private nodes", "privateClusterConfig.enablePrivateNodes", is(true), false],
  ["CKV_GCP_70", "a release channel", "releaseChannel.channel", is("REGULAR"), "UNSPECIFIED"],
  ["CKV_GCP_71", "shielded nodes", "enableShieldedNodes", is(true), false],
  ["section 8", "secrets are encrypted", "databaseEncryption.state", is("ENCRYPTED"), "DECRYPTED"],
  ["section 8", "Workload Identity", "workloadIdentityConfig.workloadPool", some, undefined],
  [
    "section 8",
    "no rights of system:authenticated",
    "rbacBindingConfig.enableInsecureBindingSystemAuthenticated",
    is(false),
    true,
  ],
  ["section 8", "deletion protection", "deletionProtection", is(true), false],
];
const nodes: Row[] = [
  ["CKV_GCP_67", "no legacy metadata", "metadata.disable-legacy-endpoints", is("true"), "false"],
  ["CKV_GCP_68", "secure boot", "shieldedInstanceConfig.enableSecureBoot", is(true), false],
  ["CKV_GCP_69", "GKE_METADATA", "workloadMetadataConfig.mode", is("GKE_METADATA"), "GCE_METADATA"],
  [
    "CKV_GCP_72",
    "integrity monitoring",
    "shieldedInstanceConfig.enableIntegrityMonitoring",
    is(true),
    false,
  ],
];
const pool: Row[] = [
  ["CKV_GCP_9", "repair", "management.autoRepair", is(true), false],
  ["section 8", "no public addresses", "networkConfig.enablePrivateNodes", is(true), false],
];
// KVM nodes roll by their hash and run Ubuntu, for its kernel: both rules are the system pool's.
const system: Row[] = [
  ["CKV_GCP_10", "upgrades", "management.autoUpgrade", is(true), false],
  ["CKV_GCP_22", "the container image", "nodeConfig.imageType", is("COS_CONTAINERD"), "UBUNTU"],
];
// What the defaults do not keep is in exemptions.ts.

const rule =
  (kind: string, prefix = "", only?: string[]) =>
  (row: Row): Rule => {
    const [id, asks, path, holds, broken] = row;
    return { id, asks, kind, path: `${prefix}${path}`, holds, broken, ...(only && { only }) };
  };
testRules(
  [
    ...cluster.map(rule("Cluster")),
    ...["Cluster", "NodePool"].flatMap((kind) => nodes.map(rule(kind, "nodeConfig."))),
    ...pool.map(rule("NodePool")),
    ...system.map(rule("NodePool", "", ["fabric-system"])),
    rule("Subnetwork")([
      "CKV_GCP_26",
      "flow logs",
      "logConfig.flowSampling",
      (share) => share > 0,
      0,
    ]),
  ],
  gcpStack,
);
