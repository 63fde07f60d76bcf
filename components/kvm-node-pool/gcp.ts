import * as container from "@pulumi/gcp/container";
import * as projects from "@pulumi/gcp/projects";
import * as serviceaccount from "@pulumi/gcp/serviceaccount";
import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../shared/require-plan";
import type { GcpKvmNodePoolArgs } from "./gcp-args";
import { GKE_POOL_NAME, type GcpPoolPlan, planGcpPool } from "./gcp-plan";
import { gkeNodeConfig, gkeUpgradeSettings } from "./gcp-settings";
import { poolName } from "../shared/pool-name";

/**
 * KVM nodes of a GKE Standard cluster: machines with nested virtualisation, or metal ones.
 *
 * Creates, under its logical name `NAME`: the node pool `NAME`, whose cloud name ends in a hash of what forces GKE to
 * replace it (see {@link GcpKvmNodePool.poolName}), and, unless `serviceAccount` is given, the service account `NAME`
 * with one `NAME-ROLE` for each of `serviceAccountRoles`. It costs its machines and their disks; virtual machines
 * inside virtual machines run a tenth or more slower than on metal.
 *
 * ```typescript
 * new GcpKvmNodePool("kvm", {
 *   cluster: cluster.ref, version: "1.36.3-gke.1640000", zones: ["europe-west1-b", "europe-west1-c"],
 *   machineType: "n2-standard-8", threadsPerCore: 2, minNodes: 1, maxNodes: 6,
 * });
 * ```
 *
 * - Each node joins with the contract's labels and taints. GKE adds no label of its own for KVM.
 * - The organisation policy `compute.disableNestedVirtualization` must not be enforced; only Google can tell.
 * - In place: machine type, image, disk, labels, taints, sizes, zones, version, host profile. A new pool beside the
 *   old one: cluster, service account, metadata, spot, secure boot, `maxPodsPerNode`, `threadsPerCore`, KMS key,
 *   nested or metal.
 * - GKE's autoscaler counts the startup taint and knows no `DOMAIN/kvm` of nodes that are not there: keep at least
 *   one node, or let pods that are to bring nodes tolerate the startup taint.
 *
 * Not for Autopilot or auto-created pools: neither has nested virtualisation.
 * Sources: https://cloud.google.com/kubernetes-engine/docs/how-to/nested-virtualization, terraform-provider-google
 * `schemaNodeConfig` (2026-08)
 */
export class GcpKvmNodePool extends pulumi.ComponentResource {
  /** Labels that each node joins with. */
  public readonly nodeLabels: pulumi.Output<Record<string, string>>;
  /** The pool's name in GKE. */
  public readonly poolName: pulumi.Output<string>;
  /** Email of the nodes' service account. */
  public readonly serviceAccountEmail: pulumi.Output<string>;

  constructor(name: string, args: GcpKvmNodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:GcpKvmNodePool", name, args, opts);
    const plan = requirePlan("GcpKvmNodePool", name, planGcpPool(name, args));

    const account = createAccount(this, name, plan, args);
    const pool = createPool(this, name, plan, args, account);

    this.nodeLabels = pulumi.output(plan.labels);
    this.poolName = pool.name;
    this.serviceAccountEmail = account.email;
    this.registerOutputs({
      nodeLabels: this.nodeLabels,
      poolName: this.poolName,
      serviceAccountEmail: this.serviceAccountEmail,
    });
  }
}

/** Who the nodes are to Google. */
interface NodeAccount {
  email: pulumi.Output<string>;
  /** What must be there before a node starts, and outlive it. */
  before: pulumi.Resource[];
}

function createAccount(
  parent: GcpKvmNodePool,
  name: string,
  plan: GcpPoolPlan,
  { cluster, serviceAccount }: GcpKvmNodePoolArgs,
): NodeAccount {
  if (plan.accountId === undefined) {
    return { email: pulumi.output(serviceAccount ?? ""), before: [] };
  }
  const account = new serviceaccount.Account(
    name,
    {
      accountId: plan.accountId,
      displayName: `KVM nodes of ${name}`,
      project: cluster.project,
    },
    { parent },
  );
  const before = plan.accountRoles.map(
    (role) =>
      new projects.IAMMember(
        `${name}-${role.replace(/^roles\//, "").replaceAll("/", "-")}`,
        { project: cluster.project, role, member: account.member },
        { parent },
      ),
  );
  return { email: account.email, before };
}

function poolNameOf(
  name: string,
  { replacing }: GcpPoolPlan,
  { bootDiskKmsKey, cluster, serviceAccount }: GcpKvmNodePoolArgs,
): pulumi.Output<string> {
  return pulumi
    .all([cluster.project, cluster.location, cluster.name, bootDiskKmsKey, serviceAccount])
    .apply(([project, location, clusterName, kmsKey, given]) =>
      poolName(
        name,
        { ...replacing, project, location, cluster: clusterName, kmsKey, given },
        GKE_POOL_NAME,
      ),
    );
}

function createPool(
  parent: GcpKvmNodePool,
  name: string,
  plan: GcpPoolPlan,
  args: GcpKvmNodePoolArgs,
  account: NodeAccount,
): container.NodePool {
  const { bootDiskKmsKey, cluster, version } = args;
  return new container.NodePool(
    name,
    {
      name: poolNameOf(name, plan, args),
      autoscaling: {
        locationPolicy: plan.locationPolicy,
        totalMaxNodeCount: plan.maxNodes,
        totalMinNodeCount: plan.minNodes,
      },
      cluster: cluster.name,
      initialNodeCount: plan.initialNodesPerZone,
      location: cluster.location,
      management: { autoRepair: plan.autoRepair, autoUpgrade: plan.autoUpgrade },
      maxPodsPerNode: plan.maxPodsPerNode,
      networkConfig: { enablePrivateNodes: true },
      nodeConfig: gkeNodeConfig(plan, account.email, bootDiskKmsKey),
      nodeLocations: plan.zones,
      project: cluster.project,
      upgradeSettings: gkeUpgradeSettings(plan),
      version,
    },
    {
      parent,
      dependsOn: account.before,
      // The first count forces a replacement, and the autoscaler moves on from it anyway.
      ignoreChanges: ["initialNodeCount", ...(plan.autoUpgrade ? ["version"] : [])],
    },
  );
}
