import * as corev1 from "@pulumi/kubernetes/core/v1";
import type { ExternalDataStore } from "../../../components/data-store/external";
import { dataStoreRef } from "../../../components/data-store/data-store-ref";
import type { RedisArgs } from "../../../components/redis/args";
import { Redis } from "../../../components/redis/redis";
import { usersFile } from "../../../components/redis/users";
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

const image = `docker.io/valkey/valkey:8.1.4@sha256:${"a".repeat(64)}`;
const least: RedisArgs = {
  image,
  namespace: "services",
  consumers: [
    { name: "gateway", namespace: "api", podLabels: { app: "gateway" } },
    { name: "jobs", namespace: "services", secretName: "redis-of-jobs" },
  ],
};

/** A password for each user, so that a mix-up shows. */
const outputsOf = (type: string, name: string) =>
  type.endsWith(":RandomPassword") ? { result: `GENERATED-${name}` } : generatedOutputs(type);

const run = remember((args: Partial<RedisArgs> = {}) =>
  deploy(() => void new Redis("redis", { ...least, ...args }), { outputsOf }),
);
const inputs = (deployment: Deployment, type: string, name: string) =>
  reveal(find(deployment, `kubernetes:${type}`, name).inputs);

const AUTHORITY_OBJECTS = [
  "tls:index/certRequest:CertRequest redis-server < redis",
  "tls:index/locallySignedCert:LocallySignedCert redis-server < redis",
  "tls:index/privateKey:PrivateKey redis-ca-key < redis",
  "tls:index/privateKey:PrivateKey redis-server-key < redis",
  "tls:index/selfSignedCert:SelfSignedCert redis-ca < redis",
];

const OBJECTS = [
  "kubernetes:apps/v1:StatefulSet redis < redis",
  "kubernetes:core/v1:ConfigMap redis-config < redis",
  "kubernetes:core/v1:Secret redis-gateway < redis",
  "kubernetes:core/v1:Secret redis-jobs < redis",
  "kubernetes:core/v1:Secret redis-tls < redis",
  "kubernetes:core/v1:Secret redis-users < redis",
  "kubernetes:core/v1:Service redis < redis",
  "kubernetes:core/v1:ServiceAccount redis < redis",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy redis < redis",
  "kubernetes:policy/v1:PodDisruptionBudget redis < redis",
  "kvm-fabric:index:Redis redis < stack",
  "pulumi:index:Stash redis-mode < redis",
  "random:index/randomPassword:RandomPassword redis-gateway-login < redis",
  "random:index/randomPassword:RandomPassword redis-jobs-login < redis",
  "random:index/randomPassword:RandomPassword redis-operator-login < redis",
  "random:index/randomPassword:RandomPassword redis-probe-login < redis",
  ...AUTHORITY_OBJECTS,
];

test("makes exactly its objects, each below it, and the providers take them", async () => {
  const deployment = await run();
  expect(tree(deployment)).toEqual(OBJECTS);
  // The keys here are none.
  const faults = await providerFaults(deployment);
  expect(faults.filter((fault) => !fault.startsWith("tls:"))).toEqual([]);
  expect(reveal(deployment.outputs.get("redis"))).toEqual({
    host: "redis.services.svc",
    namespace: "services",
    podLabels: { "app.kubernetes.io/name": "redis", "app.kubernetes.io/instance": "redis" },
    port: 6379,
    privateAuthority: true,
    secretNames: { gateway: "redis-gateway", jobs: "redis-of-jobs" },
  });
});

test("makes the same tree where nothing is known yet", async () => {
  const later = (name: string, value: string) =>
    new corev1.ConfigMap(name, { metadata: { name: value } }).metadata.name;
  const program = () => {
    new Redis("redis", {
      ...least,
      namespace: later("a", "services"),
      storageClass: later("b", "fast"),
      priorityClassName: later("c", "high"),
      consumers: least.consumers?.map((c, n) => ({ ...c, namespace: later(`d${n}`, "api") })),
    });
  };
  const known = await deploy(program, { outputsOf });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(tree(known).filter((line) => line.endsWith("< redis"))).toHaveLength(OBJECTS.length - 1);
});

test("tells each consumer all that it needs, with a user of its own", async () => {
  const deployment = await run();
  const { metadata, stringData } = inputs(deployment, "core/v1:Secret", "redis-gateway");
  expect(metadata).toMatchObject({ name: "redis-gateway", namespace: "api" });
  expect(stringData).toEqual({
    "ca.crt": "CA CERTIFICATE",
    host: "redis.services.svc",
    password: "GENERATED-redis-gateway-login",
    port: "6379",
    uri: "rediss://gateway:GENERATED-redis-gateway-login@redis.services.svc:6379/0",
    username: "gateway",
  });
  const jobs = inputs(deployment, "core/v1:Secret", "redis-jobs");
  expect(jobs.metadata).toMatchObject({ name: "redis-of-jobs", namespace: "services" });
  expect(jobs.stringData.password).toBe("GENERATED-redis-jobs-login");
});

test("the server knows users by hashes alone, and its pod two passwords of its own", async () => {
  const { stringData } = inputs(await run(), "core/v1:Secret", "redis-users");
  const users = usersFile({
    operator: "GENERATED-redis-operator-login",
    probe: "GENERATED-redis-probe-login",
    consumers: ["gateway", "jobs"].map((name) => ({
      name,
      password: `GENERATED-redis-${name}-login`,
    })),
  });
  expect(stringData).toEqual({
    operator: "GENERATED-redis-operator-login",
    probe: "GENERATED-redis-probe-login",
    "users.acl": users,
  });
  expect(users).not.toContain("GENERATED");
});

test("keeps every generated secret out of sight", async () => {
  const deployment = await run();
  const plain = JSON.stringify([
    deployment.resources.map(({ inputs: i }) => redact(i)),
    redact(Object.fromEntries(deployment.outputs)),
  ]);
  expect(plain).not.toContain("GENERATED");
  const carriers = deployment.resources
    .filter(({ type, inputs: i }) => type.endsWith(":Secret") && isSecret(i.stringData))
    .map(({ name }) => name);
  expect(carriers.sort()).toEqual(["redis-gateway", "redis-jobs", "redis-tls", "redis-users"]);
});

test("goes in order: files and policy, server, then what consumers read", async () => {
  const deployment = await run();
  const on = (type: string, name: string) => find(deployment, type, name).dependsOn;
  expect(on("kubernetes:apps/v1:StatefulSet", "redis")).toEqual(
    expect.arrayContaining(["redis", "redis-config", "redis-tls", "redis-users"]),
  );
  expect(on("kubernetes:core/v1:Secret", "redis-gateway")).toContain("redis");
});

test.each([
  ["by default", undefined, ["PrivateKey redis-ca-key", "StatefulSet redis"]],
  ["not where switched off", false, []],
])("guards the server with its volume, %s", async (_, deletionProtection, guarded) => {
  const deployment = await run({ deletionProtection });
  const named = (which: "protect" | "retainOnDelete") =>
    deployment.resources
      .filter((resource) => resource[which])
      .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
      .sort();
  expect(named("protect")).toEqual(guarded);
  expect(named("retainOnDelete")).toEqual(guarded);
  const { spec } = inputs(deployment, "apps/v1:StatefulSet", "redis");
  expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({
    whenDeleted: "Retain",
    whenScaled: "Retain",
  });
});

test("lets in the consumers' pods alone, and the server calls nobody", async () => {
  const selector = { "app.kubernetes.io/name": "redis", "app.kubernetes.io/instance": "redis" };
  const policy = async (args: Partial<RedisArgs>) =>
    inputs(await run(args), "networking.k8s.io/v1:NetworkPolicy", "redis").spec;
  const pods = (namespace: string, podSelector: object) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector,
  });
  expect(await policy({})).toEqual({
    podSelector: { matchLabels: selector },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [pods("api", { matchLabels: { app: "gateway" } }), pods("services", {})],
        ports: [{ port: 6379, protocol: "TCP" }],
      },
    ],
    egress: [],
  });
  expect((await policy({ consumers: [] })).ingress).toEqual([]);
});

test("the pod is confined, spread over one volume, and asked over TLS as a user of its own", async () => {
  const { spec } = inputs(await run({ memoryMib: 512 }), "apps/v1:StatefulSet", "redis");
  const pod = spec.template.spec;
  expect(spec.replicas).toBe(1);
  expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, fsGroup: 1000 });
  const [server, reloader] = pod.containers;
  for (const { securityContext } of [server, reloader]) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
    });
  }
  expect(server.resources.limits.memory).toBe("1088Mi");
  for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    const [, , script] = server[kind].exec.command;
    expect(script).toMatch(/AUTH probe .*valkey-cli --tls /);
  }
  const passwords = pod.volumes.flatMap(({ name, secret }: any) =>
    (secret?.items ?? []).map(({ key }: any) => `${String(name)} ${String(key)}`),
  );
  expect(passwords).toEqual([
    "users users.acl",
    "users probe",
    "operator users.acl",
    "operator operator",
  ]);
});

test("restarts for another configuration or user of its pod, not for consumers or certificates", async () => {
  const notes = async (args: Partial<RedisArgs>, changed: Record<string, object> = {}) => {
    const deployment = await deploy(() => void new Redis("redis", { ...least, ...args }), {
      outputsOf: (type, name) => changed[name] ?? outputsOf(type, name),
    });
    const { annotations } = find(deployment, "kubernetes:apps/v1:StatefulSet", "redis").inputs.spec
      .template.metadata;
    expect(isSecret(annotations)).toBe(false);
    return annotations;
  };
  const before = await notes({});
  expect(await notes({ consumers: [] })).toEqual(before);
  expect(await notes({}, { "redis-server": { certPem: "RENEWED" } })).toEqual(before);
  expect(await notes({ memoryMib: 300 })).not.toEqual(before);
  expect(await notes({}, { "redis-operator-login": { result: "NEW" } })).not.toEqual(before);
});

test("a drain may move the server, unless told otherwise", async () => {
  const budget = async (allowEviction?: boolean) =>
    inputs(await run({ allowEviction }), "policy/v1:PodDisruptionBudget", "redis").spec;
  expect((await budget()).maxUnavailable).toBe(1);
  expect((await budget(false)).maxUnavailable).toBe(0);
  const { spec } = inputs(await run(), "apps/v1:StatefulSet", "redis");
  expect((await budget()).selector).toEqual(spec.selector);
});

test("an issuer of cert-manager takes the place of the generated authority", async () => {
  const issuer = { name: "internal", caCertificate: AUTHORITY };
  const deployment = await run({ issuer });
  const removed = [...AUTHORITY_OBJECTS, "kubernetes:core/v1:Secret redis-tls < redis"];
  expect(tree(deployment)).toEqual(
    [
      ...OBJECTS.filter((line) => !removed.includes(line)),
      "kubernetes:cert-manager.io/v1:Certificate redis-tls < redis",
    ].sort(),
  );
  const { spec } = inputs(deployment, "cert-manager.io/v1:Certificate", "redis-tls");
  expect(spec).toMatchObject({
    secretName: "redis-tls",
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "internal" },
    privateKey: { rotationPolicy: "Always" },
  });
  expect(spec.dnsNames[0]).toBe("redis.services.svc");
  expect(inputs(deployment, "core/v1:Secret", "redis-gateway").stringData["ca.crt"]).toBe(
    AUTHORITY,
  );
});

test("the generated certificate holds the name that consumers call", async () => {
  const request = find(await run(), "tls:index/certRequest:CertRequest", "redis-server");
  expect(reveal(request.inputs).dnsNames).toEqual([
    "redis.services.svc",
    "redis.services.svc.cluster.local",
    "redis.services",
    "redis",
    "localhost",
  ]);
});

describe("an external store", () => {
  const { consumers } = least;
  const unnamed = consumers?.map(({ name, namespace }) => ({ name, namespace }));
  const external = (args: Omit<ExternalDataStore, "host">) =>
    deploy(
      () =>
        void new Redis("redis", {
          namespace: "unused",
          consumers: "existingSecret" in args ? unnamed : consumers,
          external: { host: "cache.example.com", ...args },
        }),
      { outputsOf },
    );

  test("makes Secrets of what it is told, all of it secret", async () => {
    const deployment = await external({ username: "fabric", password: "pass/word", port: 6380 });
    expect(tree(deployment)).toEqual([
      "kubernetes:core/v1:Secret redis-gateway < redis",
      "kubernetes:core/v1:Secret redis-jobs < redis",
      "kvm-fabric:index:Redis redis < stack",
      "pulumi:index:Stash redis-mode < redis",
    ]);
    const { stringData } = find(deployment, "kubernetes:core/v1:Secret", "redis-jobs").inputs;
    expect(isSecret(stringData)).toBe(true);
    expect(reveal(stringData)).toEqual({
      host: "cache.example.com",
      password: "pass/word",
      port: "6380",
      uri: "rediss://fabric:pass%2Fword@cache.example.com:6380/0",
      username: "fabric",
    });
    expect(reveal(deployment.outputs.get("redis"))).toEqual({
      cidrs: ["0.0.0.0/0", "::/0"],
      host: "cache.example.com",
      port: 6380,
      privateAuthority: false,
      secretNames: { gateway: "redis-gateway", jobs: "redis-of-jobs" },
    });
  });

  test("hands an existing Secret on", async () => {
    const deployment = await external({
      existingSecret: "cache",
      privateAuthority: true,
      cidrs: ["10.0.0.0/24"],
    });
    expect(tree(deployment)).toHaveLength(2);
    expect(reveal(deployment.outputs.get("redis"))).toMatchObject({
      cidrs: ["10.0.0.0/24"],
      privateAuthority: true,
      secretNames: { gateway: "cache", jobs: "cache" },
    });
  });
});

test("a reference tells a caller's policy whom it calls", async () => {
  const refs: Record<string, unknown> = {};
  await deploy(
    () => {
      const own = dataStoreRef(new Redis("redis", least), "gateway");
      const cidrs = ["10.0.0.0/24"];
      const external = { host: "cache.example.com", existingSecret: "cache", cidrs };
      const other = dataStoreRef(
        new Redis("other", {
          namespace: "n",
          consumers: [{ name: "jobs", namespace: "n" }],
          external,
        }),
        "jobs",
      );
      refs.own = { labels: own.podLabels, cidrs: own.cidrs, keys: Object.keys(own).sort() };
      refs.other = { labels: other.podLabels, cidrs: other.cidrs, keys: Object.keys(other).sort() };
    },
    { outputsOf },
  );
  expect(refs).toEqual({
    own: {
      cidrs: undefined,
      labels: { "app.kubernetes.io/name": "redis", "app.kubernetes.io/instance": "redis" },
      keys: ["host", "namespace", "podLabels", "port", "privateAuthority", "secretName"],
    },
    other: {
      cidrs: ["10.0.0.0/24"],
      labels: undefined,
      keys: ["cidrs", "host", "port", "privateAuthority", "secretName"],
    },
  });
});
