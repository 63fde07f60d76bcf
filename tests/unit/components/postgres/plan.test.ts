import type { PostgresArgs } from "../../../../components/postgres/args";
import { planPostgres } from "../../../../components/postgres/plan";
import { renderFault } from "../../../../components/shared/faults";

const image = `ghcr.io/cloudnative-pg/postgresql:17.6@sha256:${"a".repeat(64)}`;
const least: PostgresArgs = { namespace: "services", image };
const store = { cloud: "s3", path: "s3://backups/fabric" };
const elsewhere = { cloud: "gcs", path: "gs://backups/fabric" };

function faults(args: object, name = "db"): string[] {
  const result = planPostgres(name, { ...least, ...args });
  return result.ok ? [] : result.faults.map(renderFault);
}

test.each<[string, object]>([
  ["by default", {}],
  ["a tag with more than a version", { image: image.replace("17.6", "17.6-standard-trixie") }],
  ["a major version alone", { image: image.replace("17.6", "18") }],
  ["settings of an extension", { parameters: { "pg_stat_statements.max": "1" } }],
  [
    "backups to Azure",
    { backups: { store: { cloud: "azure", path: "https://acc.blob.core.windows.net/con/f" } } },
  ],
  ["a schedule", { backups: { store, schedule: "0 0 */6 * * 1-5" } }],
  [
    "a recovery of its own name from another place",
    { backups: { store }, recovery: { serverName: "db", store: elsewhere } },
  ],
  ["a recovery without backups", { recovery: { serverName: "db", store } }],
])("takes %s", (_, args) => {
  expect(faults(args)).toEqual([]);
});

test.each<[string, object, string]>([
  ["no image", { image: undefined }, "image: missing"],
  ["an image by tag", { image: "postgresql:17" }, "image: an image that is not pinned by digest"],
  [
    "an image whose version nobody can read",
    { image: `postgresql@sha256:${"a".repeat(64)}` },
    "image: has no tag that begins with the version of Postgres",
  ],
  [
    "a tag of another kind",
    { image: image.replace("17.6", "latest") },
    "image: has no tag that begins with the version of Postgres",
  ],
  ["no instance", { instances: 0 }, "instances: out of range"],
  ["ten instances", { instances: 10 }, "instances: out of range"],
  ["the superuser's database", { database: "postgres" }, "database: belongs to Postgres itself"],
  ["a name with a dash", { database: "a-b" }, "database: not a name that needs no quotes"],
  ["the superuser", { username: "postgres" }, "username: belongs to Postgres itself"],
  ["the user of replication", { username: "streaming_replica" }, "username: belongs to Postgres"],
  ["a setting that switches TLS off", { parameters: { ssl: "off" } }, 'parameters["ssl"]: fixed'],
  [
    "a setting that keeps passwords badly",
    { parameters: { password_encryption: "md5" } },
    'parameters["password_encryption"]: fixed',
  ],
  [
    "a setting that is none",
    { parameters: { "max connections": "1" } },
    'parameters["max connections"]: not the name of a setting',
  ],
  ["no storage", { storageGib: 0 }, "storageGib: out of range"],
  ["no storage of changes", { walStorageGib: 0 }, "walStorageGib: out of range"],
  ["no amount of CPU", { resources: { cpu: "x" } }, "resources.cpu: not an amount of CPU"],
  ["no amount of memory", { resources: { memory: "x" } }, "resources.memory: not an amount"],
  ["no certificate", { issuer: { name: "i", caCertificate: "x" } }, "issuer.caCertificate: not"],
  [
    "labels that are none",
    { monitoring: { namespace: "m", podLabels: { a: "b c" } } },
    'monitoring.podLabels["a"]: not a label',
  ],
  [
    "labels of the operator that are none",
    { operator: { namespace: "m", podLabels: { a: "b c" } } },
    'operator.podLabels["a"]: not a label',
  ],
  [
    "a consumer whose Secret the operator writes",
    { consumers: [{ name: "app", namespace: "n" }] },
    "consumers[0].name: a name that the store needs itself",
  ],
  [
    "no such cloud",
    { backups: { store: { cloud: "ftp", path: "x" } } },
    "backups.store.cloud: not one of the values",
  ],
  [
    "a path of another cloud",
    { backups: { store: { cloud: "gcs", path: "s3://backups" } } },
    "backups.store.path: not a place in that store",
  ],
  [
    "no name of a Secret",
    { backups: { store: { ...store, credentialsSecret: "A_B" } } },
    "backups.store.credentialsSecret: not the name of a Secret",
  ],
  [
    "an endpoint without TLS",
    { backups: { store: { ...store, endpointUrl: "http://s3:9000" } } },
    "backups.store.endpointUrl: not the https URL of a host",
  ],
  [
    "an endpoint of GCS",
    { backups: { store: { ...elsewhere, endpointUrl: "https://s3" } } },
    "backups.store.endpointUrl: has a meaning with S3 alone",
  ],
  [
    "an authority of no endpoint",
    { backups: { store: { ...store, endpointCaSecret: "ca" } } },
    "backups.store.endpointCaSecret: given without endpointUrl",
  ],
  [
    "an address that is no block",
    { backups: { store, cidrs: ["10.0.0.1"] } },
    "backups.cidrs[0]: not a block of addresses",
  ],
  ["no days", { backups: { store, retentionDays: 0 } }, "backups.retentionDays: out of range"],
  [
    "a schedule of five fields",
    { backups: { store, schedule: "30 2 * * *" } },
    "backups.schedule: not a cron schedule of CloudNativePG",
  ],
  [
    "a recovery from nowhere",
    { recovery: { serverName: "old" } },
    "recovery.store: missing, and there are no backups to take it from",
  ],
  [
    "a recovery that writes over what it reads",
    { backups: { store }, recovery: { serverName: "db" } },
    "recovery.serverName: the store's own name",
  ],
  [
    "a recovery of no store",
    { backups: { store }, recovery: { serverName: "O" } },
    "recovery.serverName: not the name of a store",
  ],
  [
    "a moment without its zone",
    { backups: { store }, recovery: { serverName: "old", targetTime: "2026-11-22 10:00:00" } },
    "recovery.targetTime: not a moment in time with its zone",
  ],
  [
    "a moment that there was not",
    { backups: { store }, recovery: { serverName: "old", targetTime: "2026-13-22T10:00:00Z" } },
    "recovery.targetTime: not a moment in time with its zone",
  ],
])("refuses %s", (_, args, expected) => {
  const found = faults(args);
  expect(found).toHaveLength(1);
  expect(found[0]?.slice(0, expected.length)).toBe(expected);
});

test("names all faults at once", () => {
  expect(faults({ image: undefined, instances: 0, storageGib: 0 }, "D")).toHaveLength(4);
});

test("nothing that shapes instances has a meaning with an external database", () => {
  const own = {
    apiServer: {},
    backups: { store },
    database: "a",
    instances: 1,
    issuer: { name: "i", caCertificate: "x" },
    monitoring: { namespace: "m" },
    operator: { namespace: "o" },
    parameters: {},
    priorityClassName: "p",
    recovery: { serverName: "old" },
    resources: {},
    storageClass: "s",
    storageGib: 1,
    username: "u",
    walStorageGib: 1,
  };
  const external = { host: "db", database: "aetherium-db", existingSecret: "s" };
  expect(faults({ ...own, external })).toEqual(
    [...Object.keys(own), "image"]
      .sort()
      .map((path) => `${path}: has no meaning with an external store`),
  );
  expect(faults({ image: undefined, external })).toEqual([]);
  expect(faults({ image: undefined, external: { ...external, database: "a b" } })).toEqual([
    'external.database: not a name that needs no quotes, got "a b", allowed letters, digits and _$.-, at most 63 characters',
  ]);
});
