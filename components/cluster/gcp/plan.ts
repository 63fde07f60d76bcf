import type { Input } from "@pulumi/pulumi";
import type { GcpNetworkRef } from "../../network/network-ref";
import { type Planned, planned } from "../../shared/faults";
import { objectName } from "../../shared/names";
import { versionWarnings } from "../versions";
import { type GcpClusterArgs, GkeReleaseChannel, type GkeClusterPool } from "./args";
import { defaults, LONGEST_ACCOUNT_ID, LONGEST_CLUSTER_NAME } from "./defaults";
import { GKE_CALENDAR } from "./calendar";
import { gcpClusterFaults } from "./faults";
import { type RecurringWindow, recurringWindow, scopeOf } from "./maintenance";
import type { ClusterPoolPlan } from "./pools";

/** A range of addresses, as GKE takes it. */
interface AuthorizedNetwork {
  cidrBlock: string;
  displayName: string;
}

/** A maintenance exclusion, as GKE takes it. */
interface Exclusion {
  exclusionName: string;
  startTime: string;
  endTime: string;
  exclusionOptions: { scope: string };
}

/** A GKE cluster, with every default filled in. */
export interface GcpClusterPlan {
  /** Logical name. */
  name: string;
  accountId: string;
  authorizedNetworks: AuthorizedNetwork[];
  binaryAuthorization: boolean;
  clusterName: string;
  databaseKeyId: Input<string> | undefined;
  deletionProtection: boolean;
  dnsEndpoint: boolean;
  exclusions: Exclusion[];
  keyRotationSeconds: number;
  /** Undefined where the channel decides. */
  kubernetesVersion: string | undefined;
  labels: Record<string, string>;
  logComponents: string[];
  managedPrometheus: boolean;
  network: GcpNetworkRef;
  nodeZones: string[] | undefined;
  notificationTopic: Input<string> | undefined;
  project: Input<string> | undefined;
  publicEndpoint: boolean;
  releaseChannel: string;
  securityGroup: string | undefined;
  servicesPool: ClusterPoolPlan | undefined;
  systemPool: ClusterPoolPlan;
  /** What the user should know, though nothing is wrong. */
  warnings: string[];
  window: RecurringWindow;
}

/**
 * Plans a GKE cluster, or names everything that is wrong with its arguments.
 *
 * @param today the day by which a pinned version's support is judged
 */
export function planGcpCluster(
  name: string,
  args: GcpClusterArgs,
  today: Date = new Date(),
): Planned<GcpClusterPlan> {
  return planned(gcpClusterFaults(name, args, today), () => {
    const clusterName = args.clusterName ?? objectName([name], LONGEST_CLUSTER_NAME);
    return {
      ...access(args),
      ...release(args),
      name,
      accountId: accountId(clusterName),
      binaryAuthorization: args.binaryAuthorization ?? false,
      clusterName,
      databaseKeyId: args.databaseKeyId,
      deletionProtection: args.deletionProtection ?? true,
      keyRotationSeconds: (args.keyRotationDays ?? defaults.keyRotationDays) * 86_400,
      labels: { ...args.labels, "managed-by": "pulumi", "part-of": "kvm-fabric" },
      logComponents: [
        ...defaults.logComponents,
        ...((args.workloadLogs ?? true) ? ["WORKLOADS"] : []),
      ],
      managedPrometheus: args.managedPrometheus ?? true,
      network: args.network,
      nodeZones: args.nodeZones,
      notificationTopic: args.notificationTopic,
      project: args.project,
      securityGroup: args.securityGroup,
      servicesPool: args.servicesPool && clusterPool("services", args.servicesPool, args),
      systemPool: clusterPool("system", args.systemPool ?? {}, args),
      warnings: warnings(args, today),
    };
  });
}

/** A service account's id has 6 to 30 characters. */
function accountId(clusterName: string): string {
  return objectName([clusterName, "nodes"], LONGEST_ACCOUNT_ID);
}

function access({ dnsEndpoint, privateAccessCidrs = [], publicAccessCidrs = [] }: GcpClusterArgs) {
  const named = (displayName: string) => (cidrBlock: string) => ({ cidrBlock, displayName });
  return {
    authorizedNetworks: [
      ...privateAccessCidrs.map(named("private")),
      ...publicAccessCidrs.map(named("public")),
    ],
    dnsEndpoint: dnsEndpoint ?? false,
    publicEndpoint: publicAccessCidrs.length > 0,
  };
}

function release(args: GcpClusterArgs) {
  const { kubernetesVersion } = args;
  const channel = args.releaseChannel ?? GkeReleaseChannel.Regular;
  return {
    exclusions: (args.maintenanceExclusions ?? []).map(({ name, startTime, endTime, scope }) => ({
      exclusionName: name,
      startTime,
      endTime,
      exclusionOptions: { scope: scopeOf(scope) },
    })),
    kubernetesVersion,
    releaseChannel: kubernetesVersion === undefined ? channel : "UNSPECIFIED",
    window: recurringWindow(args.maintenanceWindow),
  };
}

/** A channel moves the version by itself; a pinned one has standard support alone. */
function warnings({ kubernetesVersion }: GcpClusterArgs, today: Date): string[] {
  if (kubernetesVersion === undefined) return [];
  return versionWarnings(kubernetesVersion, GKE_CALENDAR, { extended: false, today });
}

// A regional cluster is in three zones, unless its program says otherwise.
const ZONES_OF_A_REGION = 3;

function clusterPool(
  word: ClusterPoolPlan["word"],
  pool: GkeClusterPool,
  { nodeZones }: GcpClusterArgs,
): ClusterPoolPlan {
  const minNodes = pool.minNodes ?? defaults.pool.minNodes;
  return {
    word,
    dedicated: word === "system",
    diskGib: pool.diskGib ?? defaults.pool.diskGib,
    diskKeyId: pool.diskKeyId,
    // The autoscaler brings no pool up to its least by itself: it waits for a pod that needs the node.
    initialNodesPerZone: Math.ceil(minNodes / (nodeZones?.length ?? ZONES_OF_A_REGION)),
    machineType: pool.machineType ?? defaults.pool.machineType,
    maxNodes: pool.maxNodes ?? Math.max(minNodes, defaults.pool.maxNodes),
    maxPodsPerNode: pool.maxPodsPerNode ?? defaults.pool.maxPodsPerNode,
    minNodes,
  };
}
