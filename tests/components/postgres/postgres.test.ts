import * as corev1 from "@pulumi/kubernetes/core/v1";
import type { PostgresArgs } from "../../../components/postgres/args";
import { BackupCloud, type PostgresBackups } from "../../../components/postgres/backup-args";
import { Postgres } from "../../../components/postgres/postgres";
import {
  deploy,
  type Deployment,
  find,
  isSecret,
  redact,
  reveal,
  tree,
} from "../../support/deploy";
import { generatedOutputs } from "../../support/generated";
import { remember } from "../../support/remember";
import { AUTHORITY } from "../../unit/components/consul/authority";
import { providerFaults } from "../provider-checks/provider-check";

const image = `ghcr.io/cloudnative-pg/postgresql:17.6@sha256:${"a".repeat(64)}`;
const least: PostgresArgs = {
  image,
  namespace: "services",
  consumers: [{ name: "gateway", namespace: "api", podLabels: { app: "gateway" } }],
};
const backups: PostgresBackups = {
  store: { cloud: BackupCloud.S3, path: "s3://backups/fabric" },
  workloadIdentity: "arn:aws:iam::123456789012:role/backups",
};

const outputsOf = (type: string, name: string) =>
  type.endsWith(":RandomPassword") ? { result: `GENERATED-${name}` } : generatedOutputs(type);
const run = remember((args: Partial<PostgresArgs> = {}) =>
  deploy(() => void new Postgres("db", { ...least, ...args }), { outputsOf }),
);
const inputs = (deployment: Deployment, type: string, name = "db") =>
  reveal(find(deployment, `kubernetes:${type}`, name).inputs);
const CLUSTER = "postgresql.cnpg.io/v1:Cluster";
const cluster = async (args: Partial<PostgresArgs> = {}) => inputs(await run(args), CLUSTER).spec;

const AUTHORITY_OBJECTS = [
  "tls:index/privateKey:PrivateKey db-ca-key < db",
  "tls:index/selfSignedCert:SelfSignedCert db-ca < db",
];
const OBJECTS = [
  "kubernetes:core/v1:Secret db-gateway < db",
  "kubernetes:core/v1:Secret db-owner < db",
  "kubernetes:core/v1:Secret db-server-ca < db",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy db < db",
  "kubernetes:postgresql.cnpg.io/v1:Cluster db < db",
  "kvm-fabric:index:Postgres db < stack",
  "pulumi:index:Stash db-mode < db",
  "random:index/randomPassword:RandomPassword db-password < db",
  ...AUTHORITY_OBJECTS,
];

test("makes exactly its objects, each below it, and the providers take them", async () => {
  const deployment = await run();
  expect(tree(deployment)).toEqual(OBJECTS);
  // The keys here are none.
  const faults = await providerFaults(deployment);
  expect(faults.filter((fault) => !fault.startsWith("tls:"))).toEqual([]);
  expect(reveal(deployment.outputs.get("db"))).toEqual({
    database: "app",
    host: "db-rw.services.svc",
    namespace: "services",
    podLabels: { "cnpg.io/cluster": "db" },
    port: 5432,
    privateAuthority: true,
    secretNames: { gateway: "db-gateway" },
  });
});

test("makes the same tree where nothing is known yet", async () => {
  const later = (name: string, value: string) =>
    new corev1.ConfigMap(name, { metadata: { name: value } }).metadata.name;
  const program = () => {
    new Postgres("db", {
      ...least,
      namespace: later("a", "services"),
      backups: {
        store: { ...backups.store, credentialsSecret: later("b", "s3") },
        workloadIdentity: later("c", "role"),
      },
      issuer: { name: later("d", "issuer"), caCertificate: later("e", AUTHORITY) },
      monitoring: { namespace: later("f", "monitoring") },
      operator: { namespace: later("g", "operators") },
      priorityClassName: later("h", "high"),
      storageClass: later("i", "fast"),
    });
  };
  const known = await deploy(program, { outputsOf });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(tree(known).filter((line) => line.endsWith("< db"))).toHaveLength(10);
});

test("the whole Cluster, with every default said", async () => {
  expect(await cluster()).toEqual({
    description: "Postgres db of kvm-fabric",
    imageName: image,
    instances: 3,
    enablePDB: true,
    enableSuperuserAccess: false,
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: "switchover",
    certificates: { serverCASecret: "db-server-ca" },
    bootstrap: {
      initdb: {
        database: "app",
        owner: "app",
        secret: { name: "db-owner" },
        dataChecksums: true,
        encoding: "UTF8",
      },
    },
    postgresql: {
      parameters: { password_encryption: "scram-sha-256", ssl_min_protocol_version: "TLSv1.2" },
      pg_hba: ["hostssl all all all scram-sha-256", "host all all all reject"],
      synchronous: { method: "any", number: 1, dataDurability: "required", failoverQuorum: true },
    },
    storage: { size: "10Gi", resizeInUseVolumes: true },
    walStorage: { size: "5Gi", resizeInUseVolumes: true },
    resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } },
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: "required",
      topologyKey: "kubernetes.io/hostname",
    },
    topologySpreadConstraints: [
      {
        labelSelector: { matchLabels: { "cnpg.io/cluster": "db", "cnpg.io/podRole": "instance" } },
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
      },
    ],
    monitoring: { tls: { enabled: true } },
    seccompProfile: { type: "RuntimeDefault" },
    inheritedMetadata: { labels: { "app.kubernetes.io/part-of": "kvm-fabric" } },
  });
});

test.each([
  [1, false, "restart", undefined],
  [2, true, "switchover", undefined],
  [3, true, "switchover", 1],
])("%d instances: budget %s, update by %s, confirmed by %s", async (instances, ...expected) => {
  const spec = await cluster({ instances });
  const { enablePDB, primaryUpdateMethod, postgresql } = spec;
  expect([enablePDB, primaryUpdateMethod, postgresql.synchronous?.number]).toEqual(expected);
});

test("settings of the user are kept, and none of them undoes TLS or the way passwords are kept", async () => {
  const { postgresql } = await cluster({ parameters: { max_connections: "200" } });
  expect(postgresql.parameters).toEqual({
    max_connections: "200",
    password_encryption: "scram-sha-256",
    ssl_min_protocol_version: "TLSv1.2",
  });
});

test("the operator signs with the authority that consumers are told", async () => {
  const deployment = await run();
  const authority = inputs(deployment, "core/v1:Secret", "db-server-ca");
  expect(authority.stringData).toEqual({ "ca.crt": "CA CERTIFICATE", "ca.key": "GENERATED-KEY" });
  expect(authority.metadata.labels).toMatchObject({ "cnpg.io/reload": "true" });
  const { stringData } = inputs(deployment, "core/v1:Secret", "db-gateway");
  expect(stringData).toEqual({
    "ca.crt": "CA CERTIFICATE",
    database: "app",
    host: "db-rw.services.svc",
    password: "GENERATED-db-password",
    port: "5432",
    uri: "postgresql://app:GENERATED-db-password@db-rw.services.svc:5432/app?sslmode=verify-full",
    username: "app",
  });
  expect(inputs(deployment, "core/v1:Secret", "db-owner")).toMatchObject({
    type: "kubernetes.io/basic-auth",
    metadata: { name: "db-owner", labels: { "cnpg.io/reload": "true" } },
    stringData: { username: "app", password: "GENERATED-db-password" },
  });
});

test("an issuer of cert-manager takes the place of the generated authority", async () => {
  const deployment = await run({ issuer: { name: "internal", caCertificate: AUTHORITY } });
  expect(tree(deployment)).toEqual(
    [
      ...OBJECTS.filter((line) => !AUTHORITY_OBJECTS.includes(line)),
      "kubernetes:cert-manager.io/v1:Certificate db-server-tls < db",
    ].sort(),
  );
  expect(inputs(deployment, CLUSTER).spec.certificates).toEqual({
    serverCASecret: "db-server-ca",
    serverTLSSecret: "db-server-tls",
  });
  const { spec } = inputs(deployment, "cert-manager.io/v1:Certificate", "db-server-tls");
  expect(spec.secretTemplate.labels).toEqual({ "cnpg.io/reload": "true" });
  expect(spec.dnsNames).toHaveLength(12);
  expect(spec.dnsNames).toContain("db-rw.services.svc");
  const authority = inputs(deployment, "core/v1:Secret", "db-server-ca");
  expect(authority.stringData).toEqual({ "ca.crt": AUTHORITY });
});

test("keeps every generated secret out of sight", async () => {
  const deployment = await run({ backups });
  const plain = JSON.stringify([
    deployment.resources.map(({ inputs: i }) => redact(i)),
    redact(Object.fromEntries(deployment.outputs)),
  ]);
  expect(plain).not.toContain("GENERATED");
});

test("waits until the cluster is ready before it tells consumers, and guards what cannot be made again", async () => {
  const deployment = await run({ backups });
  const { dependsOn, inputs: made } = find(deployment, `kubernetes:${CLUSTER}`, "db");
  expect(made.metadata.annotations).toEqual({ "pulumi.com/waitFor": "condition=Ready" });
  expect(dependsOn).toEqual(
    expect.arrayContaining(["db", "db-backups", "db-owner", "db-server-ca"]),
  );
  expect(find(deployment, "kubernetes:core/v1:Secret", "db-gateway").dependsOn).toContain("db");
  const guarded = (of: Deployment) =>
    of.resources
      .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
      .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`);
  expect(guarded(deployment).sort()).toEqual([
    "Cluster db",
    "PrivateKey db-ca-key",
    "RandomPassword db-password",
    "Secret db-owner",
    "Secret db-server-ca",
  ]);
  expect(guarded(await run({ deletionProtection: false }))).toEqual([]);
});

describe("backups", () => {
  const stores: [string, PostgresBackups["store"], object][] = [
    [
      "S3 with the pods' own identity",
      { cloud: BackupCloud.S3, path: "s3://backups/f" },
      { destinationPath: "s3://backups/f", s3Credentials: { inheritFromIAMRole: true } },
    ],
    [
      "a store that speaks S3, with a key",
      {
        cloud: BackupCloud.S3,
        path: "s3://backups",
        credentialsSecret: "k",
        endpointUrl: "https://s3.internal:9000",
        endpointCaSecret: "ca",
      },
      {
        destinationPath: "s3://backups",
        endpointURL: "https://s3.internal:9000",
        endpointCA: { name: "ca", key: "ca.crt" },
        s3Credentials: {
          accessKeyId: { name: "k", key: "ACCESS_KEY_ID" },
          secretAccessKey: { name: "k", key: "ACCESS_SECRET_KEY" },
          region: { name: "k", key: "REGION" },
        },
      },
    ],
    [
      "GCS with the pods' own identity",
      { cloud: BackupCloud.Gcs, path: "gs://backups/f" },
      { destinationPath: "gs://backups/f", googleCredentials: { gkeEnvironment: true } },
    ],
    [
      "GCS with a key",
      { cloud: BackupCloud.Gcs, path: "gs://backups/f", credentialsSecret: "k" },
      {
        destinationPath: "gs://backups/f",
        googleCredentials: { applicationCredentials: { name: "k", key: "gcsCredentials" } },
      },
    ],
    [
      "Azure with the pods' own identity",
      { cloud: BackupCloud.Azure, path: "https://account.blob.core.windows.net/backups/f" },
      {
        destinationPath: "https://account.blob.core.windows.net/backups/f",
        azureCredentials: { inheritFromAzureAD: true },
      },
    ],
    [
      "Azure with a key",
      {
        cloud: BackupCloud.Azure,
        path: "https://account.blob.core.windows.net/backups/f",
        credentialsSecret: "k",
      },
      {
        destinationPath: "https://account.blob.core.windows.net/backups/f",
        azureCredentials: {
          storageAccount: { name: "k", key: "AZURE_STORAGE_ACCOUNT" },
          storageKey: { name: "k", key: "AZURE_STORAGE_KEY" },
        },
      },
    ],
  ];

  test.each(stores)("go to %s", async (_, store, configuration) => {
    const deployment = await run({ backups: { store } });
    const { spec } = inputs(deployment, "barmancloud.cnpg.io/v1:ObjectStore", "db-backups");
    expect(spec).toEqual({
      retentionPolicy: "30d",
      configuration: {
        ...configuration,
        data: { compression: "gzip" },
        wal: { compression: "gzip", maxParallel: 4 },
      },
      instanceSidecarConfiguration: {
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
      },
    });
    expect(inputs(deployment, CLUSTER).spec.plugins).toEqual([
      {
        name: "barman-cloud.cloudnative-pg.io",
        enabled: true,
        isWALArchiver: true,
        parameters: { barmanObjectName: "db-backups" },
      },
    ]);
  });

  test("are made every night, and once at the beginning", async () => {
    const deployment = await run({ backups: { ...backups, retentionDays: 7 } });
    const type = "postgresql.cnpg.io/v1:ScheduledBackup";
    expect(inputs(deployment, type, "db-schedule").spec).toEqual({
      schedule: "0 30 2 * * *",
      immediate: true,
      backupOwnerReference: "self",
      cluster: { name: "db" },
      method: "plugin",
      pluginConfiguration: { name: "barman-cloud.cloudnative-pg.io" },
    });
    const store = inputs(deployment, "barmancloud.cnpg.io/v1:ObjectStore", "db-backups");
    expect(store.spec.retentionPolicy).toBe("7d");
  });

  test.each([
    [BackupCloud.S3, "s3://backups/f", "eks.amazonaws.com/role-arn", false],
    [BackupCloud.Gcs, "gs://backups/f", "iam.gke.io/gcp-service-account", false],
    [
      BackupCloud.Azure,
      "https://account.blob.core.windows.net/backups",
      "azure.workload.identity/client-id",
      true,
    ],
  ])("are written with an identity of %s", async (cloud, path, annotation, labelled) => {
    const spec = await cluster({ backups: { store: { cloud, path }, workloadIdentity: "who" } });
    expect(spec.serviceAccountTemplate).toEqual({
      metadata: { annotations: { [annotation]: "who" } },
    });
    const { labels } = spec.inheritedMetadata;
    expect(labels["azure.workload.identity/use"]).toBe(labelled ? "true" : undefined);
  });

  test("bring a new store back, from the place of its backups or another", async () => {
    const recovery = { serverName: "old", targetTime: "2026-11-22T10:00:00Z" };
    const same = await cluster({ backups, recovery });
    expect(same.bootstrap).toEqual({
      recovery: {
        database: "app",
        owner: "app",
        secret: { name: "db-owner" },
        source: "origin",
        recoveryTarget: { targetTime: "2026-11-22T10:00:00Z" },
      },
    });
    const origin = (barmanObjectName: string) => [
      {
        name: "origin",
        plugin: {
          name: "barman-cloud.cloudnative-pg.io",
          parameters: { barmanObjectName, serverName: "old" },
        },
      },
    ];
    expect(same.externalClusters).toEqual(origin("db-backups"));
    const store = { cloud: BackupCloud.Gcs, path: "gs://elsewhere/old" };
    const other = await run({ recovery: { serverName: "old", store } });
    expect(inputs(other, CLUSTER).spec.externalClusters).toEqual(origin("db-recovery"));
    expect(inputs(other, CLUSTER).spec.plugins).toBeUndefined();
    // What is read for a recovery is never thinned out.
    const { spec } = inputs(other, "barmancloud.cnpg.io/v1:ObjectStore", "db-recovery");
    expect(spec.retentionPolicy).toBeUndefined();
  });
});

describe("the network policy", () => {
  const pods = (namespace: string, labels: object) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: labels },
  });
  const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));
  const instances = pods("services", { "cnpg.io/cluster": "db" });
  const policy = async (args: Partial<PostgresArgs>) =>
    inputs(await run(args), "networking.k8s.io/v1:NetworkPolicy").spec;

  test("lets in each other, the operator and consumers", async () => {
    const { podSelector, ingress } = await policy({});
    expect(podSelector).toEqual({ matchLabels: { "cnpg.io/cluster": "db" } });
    expect(ingress).toEqual([
      { from: [instances], ports: tcp(5432, 8000) },
      {
        from: [pods("cnpg-system", { "app.kubernetes.io/name": "cloudnative-pg" })],
        ports: tcp(5432, 8000),
      },
      { from: [pods("api", { app: "gateway" })], ports: tcp(5432) },
    ]);
    expect((await policy({ consumers: [] })).ingress).toHaveLength(2);
  });

  test("lets metrics be read by whom the user names", async () => {
    const monitoring = { namespace: "monitoring", podLabels: { app: "prometheus" } };
    expect((await policy({ monitoring })).ingress.at(-1)).toEqual({
      from: [pods("monitoring", { app: "prometheus" })],
      ports: tcp(9187),
    });
  });

  test("lets out to each other, DNS, the API server, and to no object store without backups", async () => {
    const apiServer = { cidrs: ["10.0.0.1/32"], ports: [6443] };
    const { egress } = await policy({ apiServer });
    expect(egress).toHaveLength(3);
    expect(egress[0]).toEqual({ to: [instances], ports: tcp(5432, 8000) });
    expect(egress[2]).toEqual({ to: [{ ipBlock: { cidr: "10.0.0.1/32" } }], ports: tcp(6443) });
  });

  test("lets out to the object store, and to where pods without a key get their identity", async () => {
    const rest = async (kept: PostgresBackups) => (await policy({ backups: kept })).egress.slice(3);
    const block = (cidr: string) => [{ ipBlock: { cidr } }];
    const cidrs = ["10.9.0.0/16"];
    expect(await rest({ ...backups, cidrs })).toEqual([
      { to: block("10.9.0.0/16"), ports: tcp(443) },
      { to: block("169.254.170.23/32"), ports: tcp(80) },
    ]);
    const gcs = { cloud: BackupCloud.Gcs, path: "gs://backups/f" };
    expect((await rest({ store: gcs, cidrs })).slice(1)).toEqual([
      { to: block("169.254.169.252/32"), ports: tcp(988) },
      { to: block("169.254.169.254/32"), ports: tcp(80) },
    ]);
    const own = {
      ...backups.store,
      credentialsSecret: "k",
      endpointUrl: "https://s3.internal:9000",
    };
    expect(await rest({ store: own, cidrs })).toEqual([
      { to: block("10.9.0.0/16"), ports: tcp(9000) },
    ]);
  });
});

describe("an external database", () => {
  const external = (more: object) =>
    deploy(
      () =>
        void new Postgres("db", {
          namespace: "unused",
          consumers: [{ name: "gateway", namespace: "api" }],
          external: { host: "db.example.com", database: "aetherium", ...more },
        }),
      { outputsOf },
    );

  test("makes Secrets of what it is told, all of it secret", async () => {
    const login = { username: "u@h", password: "p:w", caCertificate: AUTHORITY, port: 6432 };
    const deployment = await external(login);
    expect(tree(deployment)).toEqual([
      "kubernetes:core/v1:Secret db-gateway < db",
      "kvm-fabric:index:Postgres db < stack",
      "pulumi:index:Stash db-mode < db",
    ]);
    const { stringData } = find(deployment, "kubernetes:core/v1:Secret", "db-gateway").inputs;
    expect(isSecret(stringData)).toBe(true);
    expect(reveal(stringData)).toEqual({
      "ca.crt": AUTHORITY,
      database: "aetherium",
      host: "db.example.com",
      password: "p:w",
      port: "6432",
      uri: "postgresql://u%40h:p%3Aw@db.example.com:6432/aetherium?sslmode=verify-full",
      username: "u@h",
    });
    expect(deployment.outputs.get("db")).toMatchObject({ port: 6432, privateAuthority: true });
  });

  test("hands an existing Secret on", async () => {
    const deployment = await external({ existingSecret: "postgres-credentials" });
    expect(tree(deployment)).toHaveLength(2);
    expect(reveal(deployment.outputs.get("db"))).toEqual({
      cidrs: ["0.0.0.0/0", "::/0"],
      database: "aetherium",
      host: "db.example.com",
      port: 5432,
      privateAuthority: false,
      secretNames: { gateway: "postgres-credentials" },
    });
  });
});
