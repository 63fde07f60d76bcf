import { BackupCloud } from "./backup-args";
import type { BackupPlan, InstancesPlan, RecoveryPlan } from "./plan";
import { BARMAN_PLUGIN } from "./ports";

/** From so many instances on, each write waits for another instance, and the loss of one takes neither writes nor data. */
const QUORUM = 3;

const PART_OF = "app.kubernetes.io/part-of";

/** The name under which the cluster knows what it recovers from. */
const ORIGIN = "origin";

/**
 * Renders the specification of CloudNativePG's Cluster.
 * Source: https://cloudnative-pg.io/docs/1.29/cloudnative-pg.v1/
 */
export function clusterSpec(plan: InstancesPlan) {
  const { backups, instances, names, recovery } = plan;
  return {
    description: `Postgres ${names.cluster} of kvm-fabric`,
    imageName: plan.image,
    instances,
    // A budget for a single instance would only keep its node from ever being drained.
    enablePDB: instances > 1,
    enableSuperuserAccess: false,
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: instances > 1 ? "switchover" : "restart",
    ...(plan.priorityClassName === undefined ? {} : { priorityClassName: plan.priorityClassName }),
    certificates: {
      serverCASecret: names.serverCa,
      ...(plan.issuer !== undefined && { serverTLSSecret: names.serverTls }),
    },
    bootstrap: bootstrap(plan),
    ...(recovery !== undefined && { externalClusters: [origin(recovery)] }),
    ...(backups !== undefined && { plugins: [archiver(backups)] }),
    postgresql: postgresql(plan),
    storage: volume(plan, plan.storageGib),
    walStorage: volume(plan, plan.walStorageGib),
    resources: {
      requests: { cpu: plan.cpu, memory: plan.memory },
      limits: { memory: plan.memory },
    },
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: "required",
      topologyKey: "kubernetes.io/hostname",
    },
    topologySpreadConstraints: [
      {
        labelSelector: {
          matchLabels: { "cnpg.io/cluster": names.cluster, "cnpg.io/podRole": "instance" },
        },
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
      },
    ],
    monitoring: { tls: { enabled: true } },
    seccompProfile: { type: "RuntimeDefault" },
    // The other recommended labels of what it makes are the operator's.
    inheritedMetadata: { labels: { [PART_OF]: "kvm-fabric", ...identityLabels(backups) } },
    ...identity(backups),
  };
}

/** Passwords over TLS from 1.2 on, everything else is refused: the operator's own last rule would take them in the clear. */
function postgresql({ instances, parameters }: InstancesPlan) {
  return {
    parameters: {
      ...parameters,
      password_encryption: "scram-sha-256",
      ssl_min_protocol_version: "TLSv1.2",
    },
    pg_hba: ["hostssl all all all scram-sha-256", "host all all all reject"],
    ...(instances >= QUORUM && {
      synchronous: { method: "any", number: 1, dataDurability: "required", failoverQuorum: true },
    }),
  };
}

function bootstrap({ database, names, recovery, username }: InstancesPlan) {
  const owner = { database, owner: username, secret: { name: names.owner } };
  if (recovery === undefined) {
    return { initdb: { ...owner, dataChecksums: true, encoding: "UTF8" } };
  }
  const { targetTime } = recovery;
  return {
    recovery: {
      ...owner,
      source: ORIGIN,
      ...(targetTime !== undefined && { recoveryTarget: { targetTime } }),
    },
  };
}

function origin({ objectStore, serverName }: RecoveryPlan) {
  const parameters = { barmanObjectName: objectStore, serverName };
  return { name: ORIGIN, plugin: { name: BARMAN_PLUGIN, parameters } };
}

function archiver({ objectStore }: BackupPlan) {
  const parameters = { barmanObjectName: objectStore };
  return { name: BARMAN_PLUGIN, enabled: true, isWALArchiver: true, parameters };
}

function volume({ storageClass }: InstancesPlan, gib: number) {
  return {
    size: `${gib}Gi`,
    resizeInUseVolumes: true,
    ...(storageClass === undefined ? {} : { storageClass }),
  };
}

/**
 * What ties the instances' ServiceAccount to an identity at the cloud.
 * Source: https://cloudnative-pg.io/plugin-barman-cloud/docs/object_stores/
 */
function identity(backups: BackupPlan | undefined) {
  const { store, workloadIdentity } = backups ?? {};
  if (store === undefined || workloadIdentity === undefined) return {};
  const annotations = { [ANNOTATIONS[store.cloud]]: workloadIdentity };
  return { serviceAccountTemplate: { metadata: { annotations } } };
}

const ANNOTATIONS: Record<BackupCloud, string> = {
  [BackupCloud.S3]: "eks.amazonaws.com/role-arn",
  [BackupCloud.Gcs]: "iam.gke.io/gcp-service-account",
  [BackupCloud.Azure]: "azure.workload.identity/client-id",
};

/** Azure's webhook gives a token to pods with this label alone. */
function identityLabels(backups: BackupPlan | undefined): Record<string, string> {
  const azure = backups?.store.cloud === BackupCloud.Azure;
  if (!azure || backups.workloadIdentity === undefined) return {};
  return { "azure.workload.identity/use": "true" };
}

/** Renders the schedule of base backups. The first is made at once: without one the archive brings nothing back. */
export function scheduledBackupSpec(cluster: string, schedule: string) {
  return {
    schedule,
    immediate: true,
    backupOwnerReference: "self",
    cluster: { name: cluster },
    method: "plugin",
    pluginConfiguration: { name: BARMAN_PLUGIN },
  };
}
