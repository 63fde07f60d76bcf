import type { Input } from "@pulumi/pulumi";
import type { AzureNetworkRef } from "../../network/network-ref";
import type { Weekday } from "../weekday";

/** What AKS promises for the API server, and charges. */
export const AksTier = {
  /** No uptime agreement; for trials. */
  Free: "Free",
  /** 99.95 % with availability zones. */
  Standard: "Standard",
  /** As Standard, with long-term support. */
  Premium: "Premium",
} as const;
export type AksTier = (typeof AksTier)[keyof typeof AksTier];

/** Which channel moves the cluster's version. */
export const AksUpgradeChannel = {
  /** Nothing but this program. */
  None: "none",
  /** AKS, to new patches of the minor version that this program names. */
  Patch: "patch",
  /** AKS, to the minor version before the newest. */
  Stable: "stable",
  /** AKS, to the newest minor version. */
  Rapid: "rapid",
} as const;
export type AksUpgradeChannel = (typeof AksUpgradeChannel)[keyof typeof AksUpgradeChannel];

/** What brings new node images and their security patches. */
export const AksNodeOsChannel = {
  /** Nothing but an upgrade that somebody starts. */
  None: "None",
  /** A weekly image with security patches alone; nodes are replaced only where one has to be. */
  SecurityPatch: "SecurityPatch",
  /** The weekly image with patches and fixes: nodes are replaced. */
  NodeImage: "NodeImage",
} as const;
export type AksNodeOsChannel = (typeof AksNodeOsChannel)[keyof typeof AksNodeOsChannel];

/** Where the name of a private API server is resolved. */
export const AksPrivateDns = {
  /** In a private zone that AKS makes and keeps. */
  System: "system",
  /** In public DNS, to the private address: no zone to link to other networks. */
  None: "none",
} as const;
export type AksPrivateDns = (typeof AksPrivateDns)[keyof typeof AksPrivateDns];

/** How nodes reach the internet. It is the network that says so; AKS only has to be told. */
export const AksOutbound = {
  /** Through the NAT gateway of the nodes' subnet. */
  NatGateway: "userAssignedNATGateway",
  /** Through a load balancer that AKS makes. */
  LoadBalancer: "loadBalancer",
  /** By the subnet's route table, to a firewall. */
  RouteTable: "userDefinedRouting",
  /** Not at all: images come from a registry inside the network. */
  None: "none",
} as const;
export type AksOutbound = (typeof AksOutbound)[keyof typeof AksOutbound];

/** How `kubelogin` signs in to Entra. */
export const AksLogin = {
  /** As the user of `az login`. */
  AzureCli: "azurecli",
  /** With a federated token, as in a CI job: `AZURE_CLIENT_ID`, `AZURE_TENANT_ID`, `AZURE_FEDERATED_TOKEN_FILE`. */
  WorkloadIdentity: "workloadidentity",
  /** As the managed identity of the machine. */
  ManagedIdentity: "msi",
  /** As a service principal: `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`. */
  ServicePrincipal: "spn",
} as const;
export type AksLogin = (typeof AksLogin)[keyof typeof AksLogin];

/** What a principal may do in the cluster, as Azure's built-in roles. */
export const AksRole = {
  /** Everything, in the whole cluster. */
  ClusterAdmin: "cluster-admin",
  /** Most of every namespace, roles included. */
  Admin: "admin",
  /** Writing most of every namespace. */
  Writer: "writer",
  /** Reading most of every namespace, but Secrets. */
  Reader: "reader",
} as const;
export type AksRole = (typeof AksRole)[keyof typeof AksRole];

/** The kind of an Entra principal. */
export const AksPrincipalType = {
  User: "User",
  Group: "Group",
  /** Managed identities too. */
  ServicePrincipal: "ServicePrincipal",
} as const;
export type AksPrincipalType = (typeof AksPrincipalType)[keyof typeof AksPrincipalType];

/** Somebody who may use the API server. */
export interface AksAccess {
  /** Word for the logical name: a-z, 0-9 and -. */
  name: string;
  /** Object id of the principal in Entra. */
  principalId: Input<string>;
  /** Kind of the principal; told, so that Azure does not look for one that it does not know yet. */
  principalType: AksPrincipalType;
  /** What it may do. */
  role: AksRole;
}

/** A Key Vault key that encrypts Secrets in etcd. */
export interface AksEtcdKey {
  /** Id of the key with its version: `https://VAULT.vault.azure.net/keys/KEY/VERSION`. */
  keyId: Input<string>;
  /** Resource id of the vault, which is reached through its public endpoint and uses Azure RBAC. */
  keyVaultId: Input<string>;
}

/** Where the control plane's logs go. */
export interface AksLogs {
  /**
   * Whether the audit log tells of reading too. Without, it has a tenth of the volume, and whoever read a Secret stays
   * unknown. Defaults to true.
   */
  auditReads?: boolean;
  /** Days that a workspace of the cluster's own keeps them, 30 to 730. Defaults to 90. */
  retentionDays?: number;
  /** Resource id of an existing Log Analytics workspace. Defaults to one of the cluster's own. */
  workspaceId?: Input<string>;
}

/** When AKS may work on the cluster. */
export interface AksMaintenanceWindow {
  /** Day of each week. Defaults to Saturday. */
  day?: Weekday;
  /** Its length in hours, 4 to 24. Defaults to 6. */
  durationHours?: number;
  /** The whole hour in UTC at which it opens, 0 to 23. Defaults to 1. */
  startHour?: number;
}

/**
 * A pool of nodes that the cluster brings along: the system pool, or that of services. Not for KVM. AKS cannot replace
 * the system pool, which a cluster is made with: all but its counts and image version stays as it was made.
 */
export interface AksClusterPool {
  /** Size of each system disk in GiB, 30 to 2048; an ephemeral one must fit the size's cache or local disk. Defaults to 128. */
  diskGib?: number;
  /** Whether system disks are on the host: faster, free, lost with the machine. Defaults to false. */
  ephemeralDisk?: boolean;
  /** Most nodes. Defaults to 6, or to `minNodes` where that is more; to `minNodes` with node auto-provisioning. */
  maxNodes?: number;
  /** Most pods on a node, 30 to 250. Defaults to 110. */
  maxPodsPerNode?: number;
  /** Least nodes. Defaults to 3. */
  minNodes?: number;
  /** Size of the machines: one that can encrypt at host. Defaults to "Standard_D4s_v5". */
  vmSize?: string;
}

/** Arguments of an {@link AzureCluster}. */
export interface AzureClusterArgs {
  /** Object ids of the Entra groups whose members administer the cluster; at least one. */
  adminGroupObjectIds: Input<string>[];
  /**
   * Version of the control plane and the system pool: exact, as in `1.36.2`, or a minor, as in `1.36`, whose newest patch
   * AKS then takes at creation. Goes up by one minor at a time.
   */
  kubernetesVersion: string;
  /** The network that the cluster lives in: an `AzureNetwork`, or the ids of one that is there already. */
  network: AzureNetworkRef;
  /** Further principals that may use the API server, such as the one that runs this program. Defaults to none. */
  access?: AksAccess[];
  /** Name of the cluster in Azure, at most 63 characters. Defaults to the logical name. */
  clusterName?: string;
  /** Whether Microsoft Defender watches the nodes; it costs by core. Defaults to false. */
  defender?: boolean;
  /** Whether the cluster is protected in Pulumi's state; see `managementLock` for Azure itself. Defaults to true. */
  deletionProtection?: boolean;
  /**
   * Resource id of a disk encryption set, whose key encrypts the nodes' disks and the volumes of pods; the cluster's
   * identity is let read it. Another one makes the cluster anew. Defaults to none: Azure's own keys.
   */
  diskEncryptionSetId?: Input<string>;
  /** Beginning of the API server's DNS name, at most 54 characters. Defaults to the cluster's name, cut to fit. */
  dnsPrefix?: string;
  /**
   * Ranges that nodes come from where the API server is public and a NAT gateway or a route table leads them out, as in
   * `network.natPublicCidrs`: without, no node could join. Defaults to none.
   */
  egressCidrs?: Input<Input<string>[]>;
  /** Key for Secrets in etcd. Defaults to none: Azure encrypts etcd's disks with keys of its own. */
  etcdKey?: AksEtcdKey;
  /** Hours after which images that no pod uses are looked for and removed, 24 to 2160. Defaults to 48. */
  imageCleanerHours?: number;
  /** How the kubeconfig's user signs in. Defaults to `AzureCli`. */
  kubeconfigLogin?: AksLogin;
  /** Region. Defaults to the network's. */
  location?: Input<string>;
  /** Where the control plane's logs go. Defaults to a workspace of the cluster's own, for 90 days, reads audited. */
  logs?: AksLogs;
  /** Whether a version is kept for a second year; needs tier `Premium`. Defaults to false. */
  longTermSupport?: boolean;
  /** When AKS may work on the cluster. Defaults to Saturday, 01:00 to 07:00 UTC. */
  maintenanceWindow?: AksMaintenanceWindow;
  /**
   * Whether Azure itself refuses to delete the cluster, by a lock. Node pools inherit it: no update could then roll or
   * remove one, so that it has to be lifted for each. Defaults to false: `deletionProtection` guards in Pulumi's state.
   */
  managementLock?: boolean;
  /** Whether Karpenter, run by AKS, makes nodes for pods that find none; the system pool then has a fixed size. Defaults to false. */
  nodeAutoProvisioning?: boolean;
  /** What brings new node images. Defaults to `None`: they come with the program's upgrades. */
  nodeOsUpgradeChannel?: AksNodeOsChannel;
  /** Group that AKS makes for machines and disks, at most 80 characters. Defaults to the cluster's name with "-nodes". */
  nodeResourceGroupName?: string;
  /** How nodes reach the internet. Defaults to `NatGateway`. */
  outbound?: AksOutbound;
  /** Range of the pods' addresses, an overlay of the cluster's own. Defaults to "10.244.0.0/16". */
  podCidr?: string;
  /** Where a private API server's name is resolved. Defaults to `System`. */
  privateDns?: AksPrivateDns;
  /** Resource id of a private DNS zone of your own, `privatelink.REGION.azmk8s.io`. Defaults to none. */
  privateDnsZoneId?: Input<string>;
  /** Ranges that reach a public API server. Defaults to none: the API server is private. */
  publicAccessCidrs?: string[];
  /** Resource group of the cluster, which exists. Defaults to the network's. */
  resourceGroupName?: Input<string>;
  /** Range of the Services' addresses. Defaults to "172.16.0.0/16". */
  serviceCidr?: string;
  /**
   * Nodes for ordinary pods: untainted, so that whatever asks for no other nodes runs there. Without, such pods wait for
   * nodes of your own: system and KVM pools are tainted. Defaults to none.
   */
  servicesPool?: AksClusterPool;
  /** Nodes for what the cluster itself needs, tainted `CriticalAddonsOnly`. Defaults to three to six Standard_D4s_v5. */
  systemPool?: AksClusterPool;
  /** Tags of every resource that takes some. Defaults to none. */
  tags?: Record<string, string>;
  /** Tier of the API server. Defaults to `Standard`. */
  tier?: AksTier;
  /** Which channel moves the version. Defaults to `None`: pinned. */
  upgradeChannel?: AksUpgradeChannel;
  /** Availability zones of the nodes of both pools. Defaults to "1", "2" and "3". */
  zones?: string[];
}
