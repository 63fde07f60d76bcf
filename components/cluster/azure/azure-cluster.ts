import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../../shared/after";
import { requirePlan } from "../../shared/require-plan";
import { renderKubeconfig } from "../kubeconfig";
import { type ApiServer, apiServer } from "./api-server";
import type { AzureClusterArgs } from "./args";
import { createControlPlane } from "./control-plane";
import { assign, createClusterIdentity } from "./identity";
import { createDiagnostics, createWorkspace } from "./logs";
import { type AzureClusterPlan, planAzureCluster } from "./plan";
import { createServicesPool } from "./pools";
import { createSchedules } from "./schedules";

/** The application that stands for every AKS API server in Entra: https://azure.github.io/kubelogin/concepts/aks.html */
const SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * An AKS cluster, private and hardened: Entra alone signs in, Azure RBAC decides, Cilium routes.
 *
 * Creates, under its logical name `NAME`: the control plane's identity `NAME-identity` with its grant on the nodes'
 * subnet, `NAME-subnet` (and `NAME-api-subnet`, `NAME-dns-zone`, `NAME-vnet`, `NAME-key-user` where the network, a zone
 * and a key ask for them), the cluster `NAME` with its system pool, unless a workspace is given `NAME-logs`, the logs'
 * way there `NAME-diagnostics`, the maintenance window `NAME-releases` (and `NAME-upgrades`, `NAME-images` for channels
 * that are on), for each entry of `access` a role `NAME-access-ENTRY`, with `servicesPool` the pool `NAME-services` for
 * ordinary pods, and with `managementLock` the lock `NAME-lock`.
 *
 * It costs the tier's fee, three to six Standard_D4s_v5 with 128 GiB each, as many more with `servicesPool`, and logs by
 * volume.
 *
 * ```typescript
 * const network = new AzureNetwork("fabric", { resourceGroupName: "fabric" });
 * const cluster = new AzureCluster("fabric", {
 *   network, kubernetesVersion: "1.36.2", adminGroupObjectIds: [platformTeam],
 * });
 * ```
 *
 * The component itself is an `AzureClusterRef`. `kubeconfig` holds no credential and needs `kubelogin`; it is only there
 * once cluster, pools and access are, so what is made through it goes before them. Whoever runs the program has to be
 * in an admin group or in `access`.
 *
 * - AKS works on one node pool at a time: give each further pool `dependsOn` the one before.
 * - AKS cannot replace the system pool; a change that would need it is refused at the preview. A change of its counts
 *   touches the whole cluster for some minutes.
 * - `managementLock` keeps node pools from being rolled and deleted too, by Azure's own rule.
 * - `etcdKey` is AKS's first way to a key of one's own, and not the one that Microsoft recommends from 1.33 on: that one
 *   is in no API version of the SDK used here. Give it at creation. Switching it off needs another tool.
 * - A public API server needs `egressCidrs` too where nodes leave by a NAT gateway: they come from its address.
 * - Encryption at host has to be registered in the subscription once:
 *   `az feature register --namespace Microsoft.Compute --name EncryptionAtHost`.
 *
 * Not for Windows nodes, nor for AKS Automatic.
 */
export class AzureCluster extends pulumi.ComponentResource {
  /** The certificate of the cluster's authority: PEM in base64. */
  public readonly certificateAuthorityData: pulumi.Output<string>;
  /** Resource id of the cluster. */
  public readonly clusterId: pulumi.Output<string>;
  /** URL of the API server. */
  public readonly endpoint: pulumi.Output<string>;
  /** Object id of the control plane's identity. */
  public readonly identityPrincipalId: pulumi.Output<string>;
  /** Kubeconfig without a credential; there once cluster, pools and access are. Secret. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** Object id of the nodes' identity: who pulls images from a registry gets its role. */
  public readonly kubeletObjectId: pulumi.Output<string>;
  /** Version of the control plane. */
  public readonly kubernetesVersion: pulumi.Output<string>;
  /** Name of the cluster. */
  public readonly name: pulumi.Output<string>;
  /** Group of machines and disks. */
  public readonly nodeResourceGroupName: pulumi.Output<string>;
  /** URL of the issuer of service accounts' tokens, for federated credentials. */
  public readonly oidcIssuerUrl: pulumi.Output<string>;
  /** Resource group of the cluster. */
  public readonly resourceGroupName: pulumi.Output<string>;
  /** Resource id of the workspace with the control plane's logs. */
  public readonly workspaceId: pulumi.Output<string>;

  constructor(name: string, args: AzureClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AzureCluster", name, args, opts);
    const plan = requirePlan("AzureCluster", name, planAzureCluster(name, args));
    for (const warning of plan.warnings) void pulumi.log.warn(warning, this);

    const identity = createClusterIdentity(this, plan);
    this.workspaceId = createWorkspace(this, plan);
    const cluster = createControlPlane(this, plan, identity, this.workspaceId);
    const services = createServicesPool(this, plan, cluster);
    const access = createAccess(this, plan, cluster);
    const diagnostics = createDiagnostics(this, plan, cluster, this.workspaceId);
    const schedules = createSchedules(this, plan, cluster);
    createLock(this, plan, cluster, [...services, ...access, diagnostics, ...schedules]);

    const server = apiServer(this, plan, cluster);
    this.certificateAuthorityData = server.certificateAuthorityData;
    this.clusterId = cluster.id;
    this.endpoint = server.endpoint;
    this.identityPrincipalId = identity.identity.principalId;
    this.kubeconfig = kubeconfig(plan, server, [cluster, ...services, ...access]);
    this.kubeletObjectId = kubeletObjectId(cluster);
    this.kubernetesVersion = cluster.currentKubernetesVersion;
    // AKS works on one pool at a time: whoever adds one to the cluster of this name comes after.
    this.name = after(cluster.name, services);
    this.nodeResourceGroupName = pulumi.output(plan.nodeResourceGroupName);
    this.oidcIssuerUrl = oidcIssuerUrl(cluster);
    this.resourceGroupName = pulumi.output(plan.resourceGroupName);
    this.registerOutputs({
      certificateAuthorityData: this.certificateAuthorityData,
      clusterId: this.clusterId,
      endpoint: this.endpoint,
      identityPrincipalId: this.identityPrincipalId,
      kubeconfig: this.kubeconfig,
      kubeletObjectId: this.kubeletObjectId,
      kubernetesVersion: this.kubernetesVersion,
      name: this.name,
      nodeResourceGroupName: this.nodeResourceGroupName,
      oidcIssuerUrl: this.oidcIssuerUrl,
      resourceGroupName: this.resourceGroupName,
      workspaceId: this.workspaceId,
    });
  }
}

function createAccess(parent: AzureCluster, plan: AzureClusterPlan, cluster: ManagedCluster) {
  return plan.access.map(({ name, principalId, principalType, role }) =>
    assign(parent, `${plan.name}-access-${name}`, {
      principalId,
      principalType,
      role,
      scope: cluster.id,
    }),
  );
}

/** The lock falls first: Azure lets nothing of the cluster go while it stands. */
function createLock(
  parent: AzureCluster,
  { name, clusterName, managementLock }: AzureClusterPlan,
  cluster: ManagedCluster,
  dependsOn: pulumi.Resource[],
): void {
  if (!managementLock) return;
  new ManagementLockByScope(
    `${name}-lock`,
    {
      level: "CanNotDelete",
      lockName: `${clusterName}-deletion-protection`,
      notes: "Set managementLock to false and run `pulumi up` to lift it",
      scope: cluster.id,
    },
    { parent, dependsOn },
  );
}

function kubeconfig(
  { clusterName, kubeconfigLogin }: AzureClusterPlan,
  { certificateAuthorityData, endpoint }: ApiServer,
  ready: pulumi.Resource[],
): pulumi.Output<string> {
  const rendered = pulumi.all([certificateAuthorityData, endpoint]).apply(([authority, url]) =>
    renderKubeconfig({
      name: clusterName,
      endpoint: url,
      certificateAuthorityData: authority,
      exec: {
        command: "kubelogin",
        args: ["get-token", "--login", kubeconfigLogin, "--server-id", SERVER_APPLICATION],
        installHint:
          "Run: az aks install-cli, or see https://azure.github.io/kubelogin/install.html",
      },
    }),
  );
  return pulumi.secret(after(rendered, ready));
}

function kubeletObjectId(cluster: ManagedCluster): pulumi.Output<string> {
  return cluster.identityProfile.apply((profile) => profile?.kubeletidentity?.objectId ?? "");
}

function oidcIssuerUrl(cluster: ManagedCluster): pulumi.Output<string> {
  return cluster.oidcIssuerProfile.apply((profile) => profile?.issuerURL ?? "");
}
