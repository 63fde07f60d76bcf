/**
 * A rule of the baseline that a component's defaults do not keep. `docs/security.md` has them all, in these words; a
 * rule that the defaults begin to keep is no exemption any longer, and a test says so.
 */
export interface Exemption {
  /** The scanner's number, or where it is asked for. */
  id: string;
  /** What is asked for. */
  asks: string;
  component: string;
  reason: string;
  /** The argument that keeps the rule. Left out where there is none. */
  argument?: string;
}

/** A rule that asks for what is no more, or that a stricter one covers. */
export interface Obsolete {
  id: string;
  reason: string;
}

/** What the vaults of both stores on Azure do not keep. */
const ofVaults = [
  {
    id: "CKV_AZURE_40",
    asks: "keys that expire",
    reason: "data whose key is past its day cannot be read",
  },
  {
    id: "CKV_AZURE_41",
    asks: "secrets that expire",
    reason:
      "a password does not change on the day that its copy expires: consumers would only lose the copy",
  },
  {
    id: "CKV_AZURE_112",
    asks: "keys in hardware",
    reason: "they want a vault of the premium kind; such a key can be brought along",
  },
  {
    id: "CKV2_AZURE_32",
    asks: "a private endpoint of the vault",
    reason: "nobody calls it but Azure's own services, which do not come by one",
  },
] as const;

/** Every rule that is not kept by default. */
export const exemptions = [
  {
    id: "CKV_AWS_158",
    asks: "a key of one's own for the flow logs",
    component: "AwsNetwork",
    reason:
      "the network is there before the cluster's key; CloudWatch encrypts by itself, and the records are addresses and ports",
    argument: "flowLogs.encryptionKeyArn",
  },
  {
    id: "CKV_GCP_65",
    asks: "a Google group for RBAC",
    component: "GcpCluster",
    reason: "the group must exist in the organisation, under that very name",
    argument: "securityGroup",
  },
  {
    id: "CKV_GCP_66",
    asks: "Binary Authorization",
    component: "GcpCluster",
    reason:
      "its policy is the project's, and keeps every image out that it does not name; images are pinned by digest here",
    argument: "binaryAuthorization",
  },
  {
    id: "CKV_GCP_10",
    asks: "upgrades of nodes by Google",
    component: "GcpKvmNodePool",
    reason: "a node that goes takes its guests along: a new version comes with the program",
    argument: "autoUpgrade",
  },
  {
    id: "CKV_GCP_22",
    asks: "Container-Optimized OS",
    component: "GcpKvmNodePool",
    reason: "Ubuntu's kernel has the modules of the host profile, and takes nesting in any version",
    argument: "imageType",
  },
  {
    id: "CKV_AZURE_4",
    asks: "the agent of Azure Monitor",
    component: "AzureCluster",
    reason:
      "it bills every container's output by the gigabyte; the control plane's logs go to a workspace without it",
  },
  {
    id: "CKV_AZURE_116",
    asks: "the add-on of Azure Policy",
    component: "AzureCluster",
    reason:
      "it needs a resource provider that the subscription may not have, and judges what the namespaces' Pod Security and this project's policy pack judge already",
  },
  {
    id: "CKV_AZURE_117",
    asks: "a key of one's own for disks",
    component: "AzureCluster",
    reason: "the set and its vault are the user's; Azure encrypts disks with keys of its own",
    argument: "diskEncryptionSetId",
  },
  {
    id: "CKV_AZURE_171",
    asks: "an upgrade channel",
    component: "AzureCluster",
    reason: "versions are pinned: a new one comes with the program, and is seen in its preview",
    argument: "upgradeChannel",
  },
  {
    id: "CKV_AZURE_172",
    asks: "rotation by the secrets store driver",
    component: "AzureCluster",
    reason: "the driver is not installed",
  },
  {
    id: "CKV_AZURE_226",
    asks: "system disks on the host",
    component: "AzureCluster",
    reason: "not every size has room for one",
    argument: "systemPool.ephemeralDisk",
  },
  {
    id: "AKS hardening",
    asks: "a key of one's own for etcd",
    component: "AzureCluster",
    reason: "the vault is the user's, and etcd is lost with it; Azure encrypts its disks",
    argument: "etcdKey",
  },
  {
    id: "CIS 1.2.3",
    asks: "the admission plugin DenyServiceExternalIPs",
    component: "BareMetalCluster",
    reason: "external addresses are how Services are reached where no cloud makes load balancers",
  },
  {
    id: "CIS 1.2.11",
    asks: "the admission plugin AlwaysPullImages",
    component: "BareMetalCluster",
    reason: "no pod could start while a registry is away; images are pinned by digest here",
  },
  {
    id: "CKV_AWS_118",
    asks: "Enhanced Monitoring",
    component: "AwsPostgres",
    reason:
      "Performance Insights tells what the load waits for, and CloudWatch has the machine's figures; this one wants a role, and bills its logs",
  },
  {
    id: "CKV2_AWS_57",
    asks: "rotation by Secrets Manager",
    component: "AwsPostgres",
    reason:
      "it would change the password behind the program, and consumers' Secrets in the cluster would keep the old one; a new password comes with the program",
  },
  {
    id: "CKV2_AWS_57",
    asks: "rotation by Secrets Manager",
    component: "AwsRedis",
    reason: "the same: a new password comes with the program",
  },
  {
    id: "CKV_GCP_6",
    asks: "client certificates",
    component: "GcpPostgres",
    reason:
      "consumers log in with a password over TLS, which is forced; each would need a key and a certificate of Google's beside it",
  },
  {
    id: "CKV_GCP_51",
    asks: "log_checkpoints",
    component: "GcpPostgres",
    reason: "Postgres logs them by itself from version 15 on",
    argument: "parameters.log_checkpoints",
  },
  {
    id: "CKV_GCP_57",
    asks: "no log of slow statements",
    component: "GcpPostgres",
    reason: "what takes longer than a second is what one looks for; such a line may hold data",
    argument: "parameters.log_min_duration_statement",
  },
  {
    id: "CKV_GCP_79",
    asks: "the newest major version",
    component: "GcpPostgres",
    reason: "the version has no default, and any is taken that Cloud SQL supports",
    argument: "version",
  },
  {
    id: "CKV_GCP_108",
    asks: "log_hostname",
    component: "GcpPostgres",
    reason:
      "addresses are private: each login would wait for a name that the network's DNS does not know",
    argument: "parameters.log_hostname",
  },
  {
    id: "CKV_GCP_109",
    asks: "log_min_error_statement",
    component: "GcpPostgres",
    reason: "`error` is what Postgres does by itself",
    argument: "parameters.log_min_error_statement",
  },
  {
    id: "CKV_GCP_110",
    asks: "pgAudit",
    component: "GcpPostgres",
    reason: "each database must install the extension too, and say what it audits",
    argument: "parameters.cloudsql.enable_pgaudit",
  },
  {
    id: "CKV_GCP_111",
    asks: "log_statement",
    component: "GcpPostgres",
    reason: "statements hold data, passwords of users among it",
    argument: "parameters.log_statement",
  },
  {
    id: "CKV2_GCP_13",
    asks: "log_duration",
    component: "GcpPostgres",
    reason: "a line for each statement; slow ones are logged with what they were",
    argument: "parameters.log_duration",
  },
  {
    id: "CKV_AZURE_136",
    asks: "backups in a second region",
    component: "AzurePostgres",
    reason:
      "Azure wants a key of one's own in that region too, and takes the setting only when the server is made; zones are two",
  },
  {
    id: "FlexibleServers_EnableEntraOnlyAuthentication",
    asks: "no passwords",
    component: "AzurePostgres",
    reason:
      "a login of Entra ends after an hour, and no Secret could tell a consumer how to log in",
  },
  {
    id: "FlexibleServers_ConnectionThrottling",
    asks: "throttled logins",
    component: "AzurePostgres",
    reason:
      "all pods of a node come by its address: one with a wrong password would lock the others out",
    argument: "parameters.connection_throttle.enable",
  },
  {
    id: "FlexibleServers_EnableLogCheckpoint",
    asks: "log_checkpoints",
    component: "AzurePostgres",
    reason: "Postgres logs them by itself from version 15 on",
    argument: "parameters.log_checkpoints",
  },
  {
    id: "FlexibleServers_EnablePgAudit",
    asks: "pgAudit",
    component: "AzurePostgres",
    reason: "each database must install the extension too, and say what it audits",
    argument: "parameters.pgaudit.log",
  },
  ...ofVaults.map((one) => ({ ...one, component: "AzurePostgres" as const })),
  ...ofVaults.map((one) => ({ ...one, component: "AzureRedis" as const })),
  {
    id: "Managed Redis security",
    asks: "no access keys",
    component: "AzureRedis",
    reason:
      "a login of Entra ends after an hour, and no Secret could tell a consumer how to log in",
  },
] as const satisfies readonly Exemption[];

/** Rules of the same scanners that ask for nothing here. */
export const obsolete: readonly Obsolete[] = [
  { id: "CKV_AWS_38", reason: "CKV_AWS_39 is stricter: there is no public endpoint" },
  { id: "CKV_GCP_19", reason: "passwords went with GKE 1.19" },
  { id: "CKV_GCP_24", reason: "PodSecurityPolicy went with Kubernetes 1.25" },
  { id: "CKV_AZURE_8", reason: "the dashboard's add-on went with AKS 1.19" },
];

/** The exemptions as `docs/security.md` lists them. */
export function exemptionLines(): string[] {
  return exemptions.map((exemption: Exemption) => {
    const { id, asks, component, reason, argument } = exemption;
    const way = argument === undefined ? "" : ` Kept with \`${argument}\`.`;
    return `- \`${component}\`, ${id}, ${asks}: ${reason}.${way}`;
  });
}
