import type { Fault } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { nameFaults } from "../../shared/names";
import { nodeCountFaults, wholeNumberFaults } from "../../shared/numbers";
import { patternFaults } from "../../shared/patterns";
import { allowListFaults, publicAccessFaults } from "../allow-list";
import { versionFaults } from "../versions";
import { type GcpClusterArgs, GkeReleaseChannel, type GkeClusterPool } from "./args";
import { GKE_CALENDAR } from "./calendar";
import { defaults, LONGEST_CLUSTER_NAME } from "./defaults";
import { exclusionFaults, windowFaults } from "./maintenance";

/** Most authorised networks of a GKE cluster. */
const MOST_NETWORKS = 100;

/** Finds everything that is wrong with the arguments of a GKE cluster. */
export function gcpClusterFaults(name: string, args: GcpClusterArgs, today: Date): Fault[] {
  const pinned = args.kubernetesVersion !== undefined;
  return [
    ...nameFaults("name", name),
    ...clusterNameFaults(args.clusterName),
    ...accessFaults(args),
    ...releaseFaults(args, today),
    ...keyFaults(args),
    ...windowFaults("maintenanceWindow", args.maintenanceWindow),
    ...exclusionFaults("maintenanceExclusions", args.maintenanceExclusions ?? [], pinned),
    ...zoneFaults(args.nodeZones),
    ...poolFaults("systemPool", args.systemPool ?? {}),
    ...poolFaults("servicesPool", args.servicesPool ?? {}),
    ...labelFaults("labels", args.labels ?? {}),
    ...patternFaults(
      "securityGroup",
      args.securityGroup,
      /^gke-security-groups@[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/,
      "not the group that GKE looks in",
      "gke-security-groups@DOMAIN",
    ),
    ...patternFaults(
      "notificationTopic",
      args.notificationTopic,
      /^projects\/[^/]+\/topics\/[^/]+$/,
      "not the id of a Pub/Sub topic",
      "projects/PROJECT/topics/TOPIC",
    ),
  ];
}

function clusterNameFaults(got: string | undefined): Fault[] {
  const most = String(LONGEST_CLUSTER_NAME);
  return patternFaults(
    "clusterName",
    got,
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    "not the name of a GKE cluster",
    `a-z, 0-9 and -, first a letter, last not a dash, at most ${most} characters`,
  );
}

function accessFaults(args: GcpClusterArgs): Fault[] {
  const { privateAccessCidrs = [], publicAccessCidrs } = args;
  const count = privateAccessCidrs.length + (publicAccessCidrs?.length ?? 0);
  return [
    ...allowListFaults("privateAccessCidrs", privateAccessCidrs),
    ...publicAccessFaults("publicAccessCidrs", publicAccessCidrs),
    ...(count <= MOST_NETWORKS
      ? []
      : [
          {
            path: "publicAccessCidrs",
            problem: "too many ranges with those of privateAccessCidrs",
            got: count,
            allowed: `at most ${String(MOST_NETWORKS)}`,
          },
        ]),
  ];
}

function releaseFaults(args: GcpClusterArgs, today: Date): Fault[] {
  const { kubernetesVersion: got, releaseChannel } = args;
  const path = "kubernetesVersion";
  const channel = memberFaults("releaseChannel", releaseChannel, Object.values(GkeReleaseChannel));
  if (got === undefined) return channel;
  if (releaseChannel !== undefined) {
    const problem = "given beside releaseChannel: the channel moves the version";
    return [...channel, { path, problem, got, allowed: "one of the two" }];
  }
  if (!/^1\.\d+\.\d+-gke\.\d+$/.test(got)) {
    const allowed = "as in 1.36.3-gke.1640000";
    return [{ path, problem: "not a whole version of GKE", got, allowed }];
  }
  const extendedFix = `releaseChannel "${GkeReleaseChannel.Extended}" instead of a version`;
  return versionFaults(path, got, GKE_CALENDAR, { extended: false, extendedFix, today });
}

function keyFaults({ databaseKeyId, keyRotationDays }: GcpClusterArgs): Fault[] {
  const id = patternFaults(
    "databaseKeyId",
    databaseKeyId,
    /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/,
    "not the id of a Cloud KMS key",
    "projects/PROJECT/locations/REGION/keyRings/RING/cryptoKeys/KEY",
  );
  if (keyRotationDays === undefined) return id;
  const path = "keyRotationDays";
  if (databaseKeyId !== undefined) {
    return [...id, { path, problem: "has no meaning with a key that is there already" }];
  }
  return [...id, ...wholeNumberFaults(path, keyRotationDays, 7, 365)];
}

function zoneFaults(zones: readonly string[] | undefined): Fault[] {
  const path = "nodeZones";
  if (zones === undefined) return [];
  if (zones.length === 0) {
    return [{ path, problem: "empty", fix: "to leave it out, or zones of the region" }];
  }
  return zones.flatMap((got, index) => {
    const at = `${path}[${String(index)}]`;
    if (!/^[a-z]+-[a-z]+\d+-[a-z]$/.test(got)) {
      return [{ path: at, problem: "not a zone", got, allowed: "as in europe-west1-b" }];
    }
    return zones.indexOf(got) < index ? [{ path: at, problem: "given twice", got }] : [];
  });
}

function poolFaults(path: string, pool: GkeClusterPool): Fault[] {
  const { diskGib, machineType, maxNodes, maxPodsPerNode } = pool;
  const minNodes = pool.minNodes ?? defaults.pool.minNodes;
  const sizes = [
    ...wholeNumberFaults(`${path}.minNodes`, minNodes, 1, 1000),
    ...wholeNumberFaults(`${path}.maxNodes`, maxNodes, 1, 1000),
  ];
  return [
    ...sizes,
    ...(sizes.length > 0 ? [] : nodeCountFaults(`${path}.`, minNodes, maxNodes ?? minNodes)),
    ...wholeNumberFaults(`${path}.diskGib`, diskGib, 20, 65_536),
    ...wholeNumberFaults(`${path}.maxPodsPerNode`, maxPodsPerNode, 8, 256),
    ...patternFaults(
      `${path}.machineType`,
      machineType,
      /^[a-z][a-z0-9]*-[-a-z0-9]+$/,
      "not a machine type",
      "as in e2-standard-4",
    ),
  ];
}

/** Source: https://cloud.google.com/compute/docs/labeling-resources#requirements */
function labelFaults(path: string, labels: Record<string, string>): Fault[] {
  const allowed = "a-z, 0-9, _ and -, keys first a letter, at most 63 characters";
  return Object.entries(labels).flatMap(([key, value]) =>
    /^[a-z][-_a-z0-9]{0,62}$/.test(key) && /^[-_a-z0-9]{0,63}$/.test(value)
      ? []
      : [{ path: `${path}.${key}`, problem: "not a label of Google Cloud", got: value, allowed }],
  );
}
