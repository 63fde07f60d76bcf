import type { PostgresArgs } from "../../../components/postgres/args";
import { BackupCloud } from "../../../components/postgres/backup-args";
import { Postgres } from "../../../components/postgres/postgres";
import type { RedisArgs } from "../../../components/redis/args";
import { Redis } from "../../../components/redis/redis";
import type { KubeObject } from "../../../lab/kube/objects";
import { bringDefinitions } from "../../support/definitions";
import { withLab } from "../../support/lab";
import {
  leastPostgres,
  leastRedis,
  wholePostgres,
  wholeRedis,
} from "../../unit/components/data-store/arguments";
import { objectsOf, podsOf } from "../consul/objects";
import { RELEASES } from "./definitions";

const lab = withLab();
let namespace: string;

beforeAll(async () => {
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
  // Admission looks a pod's ServiceAccount up.
  const metadata = { name: "fabric-redis", namespace };
  await lab.client.create({ apiVersion: "v1", kind: "ServiceAccount", metadata });
  await bringDefinitions(lab.client, RELEASES);
});

/** Has the server check all objects and keep none; with strict validation it takes no field that it does not know. */
async function takeAll(objects: readonly KubeObject[]): Promise<string[]> {
  const query = { fieldValidation: "Strict" };
  for (const object of objects) {
    if (object.kind === "ServiceAccount") continue;
    const taken = await lab.client.create(object, { dryRun: true, query });
    const custom = /cnpg|cert-manager/.test(object.apiVersion);
    if (custom) expect(taken).toMatchObject({ spec: (object as any).spec });
  }
  return objects.map(({ kind }) => kind);
}

const clusterKinds = ["Secret", "Secret", "NetworkPolicy", "Cluster"];
const postgres: [string, Partial<PostgresArgs>, string[]][] = [
  ["by default", {}, clusterKinds],
  ["with one instance", { instances: 1 }, clusterKinds],
  [
    "with every argument, backed up to S3 with a key, begun with a backup from GCS",
    { ...wholePostgres, consumers: [] },
    [...clusterKinds, "Certificate", "ObjectStore", "ObjectStore", "ScheduledBackup"],
  ],
  [
    "backed up to GCS, begun with a backup from Azure",
    {
      backups: {
        store: { cloud: BackupCloud.Gcs, path: "gs://backups/fabric" },
        workloadIdentity: "backups@project.iam.gserviceaccount.com",
      },
      recovery: {
        serverName: "old",
        store: {
          cloud: BackupCloud.Azure,
          path: "https://account.blob.core.windows.net/backups/old",
          credentialsSecret: "azure",
        },
        targetTime: "2026-11-22T10:00:00Z",
      },
    },
    [...clusterKinds, "ObjectStore", "ObjectStore", "ScheduledBackup"],
  ],
];

test.each(postgres)(
  "CloudNativePG's own definitions take a Postgres %s",
  async (_, args, expected) => {
    const objects = await objectsOf(
      () => void new Postgres("fabric-postgres", { ...leastPostgres, ...args, namespace }),
    );
    const kinds = await takeAll(objects);
    expect(kinds.sort()).toEqual([...expected].sort());
  },
);

const redis: [string, Partial<RedisArgs>][] = [
  ["by default", {}],
  ["with every argument", { ...wholeRedis, priorityClassName: "system-cluster-critical" }],
];

test.each(redis)(
  "the server takes a Redis %s, and the strictest level its pod",
  async (_, args) => {
    const objects = await objectsOf(
      () => void new Redis("fabric-redis", { ...leastRedis, ...args, namespace }),
    );
    const kinds = await takeAll(objects.filter(({ metadata }) => metadata.namespace === namespace));
    expect(kinds).toEqual(expect.arrayContaining(["StatefulSet", "PodDisruptionBudget"]));
    const pods = objects.flatMap(podsOf);
    expect(pods).toHaveLength(1);
    for (const pod of pods) await lab.client.create(pod, { dryRun: true });
  },
);
