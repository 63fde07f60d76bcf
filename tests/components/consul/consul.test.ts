import * as corev1 from "@pulumi/kubernetes/core/v1";
import { type ConsulArgs, ConsulRole } from "../../../components/consul/args";
import { Consul } from "../../../components/consul/consul";
import { consulRef } from "../../../components/consul/consul-ref";
import { tokenFor } from "../../../components/consul/tokens";
import { AUTHORITY } from "../../unit/components/consul/authority";
import {
  deploy,
  type Deployment,
  find,
  isSecret,
  redact,
  reveal,
  tree,
} from "../../support/deploy";
import { generatedOutputs as outputsOf } from "../../support/generated";
import { remember } from "../../support/remember";

const image = `docker.io/hashicorp/consul:2.0.2@sha256:${"a".repeat(64)}`;
const least: ConsulArgs = {
  image,
  namespace: "consul",
  consumers: [
    { name: "workers", namespace: "nodes", role: ConsulRole.Worker, servicePrefix: "aetherium-" },
    { name: "gateway", namespace: "api", role: ConsulRole.Gateway, secretName: "consul" },
  ],
};

const run = remember((args: Partial<ConsulArgs> = {}, name?: string) =>
  deploy(() => void new Consul(name ?? "fabric", { ...least, ...args }), { outputsOf }),
);

const inputs = (deployment: Deployment, type: string, name: string) =>
  reveal(find(deployment, `kubernetes:${type}`, name).inputs);

const SERVER_OBJECTS = [
  "kubernetes:apps/v1:StatefulSet fabric < fabric",
  "kubernetes:batch/v1:CronJob fabric-snapshots < fabric",
  "kubernetes:batch/v1:Job fabric-acl < fabric",
  "kubernetes:core/v1:ConfigMap fabric-acl < fabric",
  "kubernetes:core/v1:ConfigMap fabric-ca < fabric",
  "kubernetes:core/v1:ConfigMap fabric-config < fabric",
  "kubernetes:core/v1:PersistentVolumeClaim fabric-snapshots < fabric",
  "kubernetes:core/v1:Secret fabric-acl < fabric",
  "kubernetes:core/v1:Secret fabric-gateway-token < fabric",
  "kubernetes:core/v1:Secret fabric-keys < fabric",
  "kubernetes:core/v1:Secret fabric-snapshots < fabric",
  "kubernetes:core/v1:Secret fabric-tls < fabric",
  "kubernetes:core/v1:Secret fabric-workers-token < fabric",
  "kubernetes:core/v1:Service fabric < fabric",
  "kubernetes:core/v1:Service fabric-servers < fabric",
  "kubernetes:core/v1:ServiceAccount fabric < fabric",
  "kubernetes:policy/v1:PodDisruptionBudget fabric < fabric",
  "kvm-fabric:index:Consul fabric < stack",
  "random:index/randomBytes:RandomBytes fabric-gossip-key < fabric",
  "random:index/randomPassword:RandomPassword fabric-token-seed < fabric",
  "tls:index/certRequest:CertRequest fabric-server < fabric",
  "tls:index/locallySignedCert:LocallySignedCert fabric-server < fabric",
  "tls:index/privateKey:PrivateKey fabric-ca-key < fabric",
  "tls:index/privateKey:PrivateKey fabric-server-key < fabric",
  "tls:index/selfSignedCert:SelfSignedCert fabric-ca < fabric",
];

test("makes exactly its objects, each below it", async () => {
  const deployment = await run();
  expect(tree(deployment)).toEqual(SERVER_OBJECTS);
  expect(reveal(deployment.outputs.get("fabric"))).toEqual({
    address: "https://fabric.consul.svc:8501",
    caCertificate: "CA CERTIFICATE",
    datacenter: "dc1",
    tokenSecretNames: { workers: "fabric-workers-token", gateway: "consul" },
  });
});

test("a single server without snapshots makes no budget, volume or CronJob", async () => {
  const deployment = await run({ servers: 1, snapshots: { enabled: false } });
  const without = /PodDisruptionBudget|CronJob|PersistentVolumeClaim|Secret fabric-snapshots/;
  expect(tree(deployment)).toEqual(SERVER_OBJECTS.filter((line) => !without.test(line)));
});

test("makes the same tree where nothing is known yet", async () => {
  const later = (name: string, value: string) =>
    new corev1.ConfigMap(name, { metadata: { name: value } }).metadata.name;
  const program = () => {
    new Consul("fabric", {
      ...least,
      namespace: later("a", "consul"),
      storageClass: later("b", "fast"),
      consumers: least.consumers?.map((c, n) => ({ ...c, namespace: later(`c${n}`, "nodes") })),
    });
  };
  const known = await deploy(program, { outputsOf });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(tree(known).filter((line) => line.endsWith("< fabric"))).toHaveLength(24);
});

test("two instances side by side share no object", async () => {
  const deployment = await deploy(
    () => {
      new Consul("one", { ...least, consumers: least.consumers?.slice(0, 1) });
      new Consul("two", { ...least, consumers: least.consumers?.slice(0, 1) });
    },
    { outputsOf },
  );
  const objects = deployment.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const names = objects.map(({ type, inputs: i }) => {
    const { name, namespace } = reveal(i.metadata);
    return `${type} ${String(namespace)}/${String(name)}`;
  });
  expect(new Set(names).size).toBe(objects.length);
  expect(objects).toHaveLength(32);
});

test("keeps every generated secret out of sight", async () => {
  const deployment = await run();
  const purposes = ["management", "servers", "snapshots", "consumer/workers", "consumer/gateway"];
  const secrets = [...purposes.map((purpose) => tokenFor("GENERATED-SEED", purpose)), "GENERATED"];
  const plain = JSON.stringify([
    deployment.resources.map(({ inputs: i }) => redact(i)),
    redact(Object.fromEntries(deployment.outputs)),
  ]);
  for (const secret of secrets) expect(plain).not.toContain(secret);
  // And they are where they belong, so that the search above could have found them.
  const all = JSON.stringify(deployment.resources.map(({ inputs: i }) => reveal(i)));
  for (const secret of secrets) expect(all).toContain(secret);
});

test("writes secrets into Secrets and nowhere else", async () => {
  const deployment = await run();
  const carriers = deployment.resources
    .filter(({ inputs: i }) => /GENERATED|-8[0-9a-f]{3}-/.test(secretsIn(i)))
    .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`);
  expect(carriers.sort()).toEqual([
    "CertRequest fabric-server",
    "LocallySignedCert fabric-server",
    "Secret fabric-acl",
    "Secret fabric-gateway-token",
    "Secret fabric-keys",
    "Secret fabric-snapshots",
    "Secret fabric-tls",
    "Secret fabric-workers-token",
    "SelfSignedCert fabric-ca",
  ]);
});

/** The text of everything that was sent as a secret. */
function secretsIn(value: any): string {
  if (isSecret(value)) return JSON.stringify(reveal(value));
  if (typeof value !== "object" || value === null) return "";
  return Object.values(value).map(secretsIn).join("");
}

test("gives each consumer its own token, that of the Job's plan", async () => {
  const deployment = await run();
  const worker = inputs(deployment, "core/v1:Secret", "fabric-workers-token");
  expect(worker.metadata).toMatchObject({ name: "fabric-workers-token", namespace: "nodes" });
  expect(worker.stringData).toEqual({ token: tokenFor("GENERATED-SEED", "consumer/workers") });
  const gateway = inputs(deployment, "core/v1:Secret", "fabric-gateway-token");
  expect(gateway.metadata).toMatchObject({ name: "consul", namespace: "api" });
  expect(gateway.stringData.token).not.toBe(worker.stringData.token);
  const job = inputs(deployment, "core/v1:Secret", "fabric-acl").stringData;
  expect(JSON.parse(job["token-for-workers.json"])).toMatchObject({
    SecretID: worker.stringData.token,
    Policies: [{ Name: "fabric-for-workers" }],
  });
  const keys = JSON.parse(
    inputs(deployment, "core/v1:Secret", "fabric-keys").stringData["keys.json"],
  );
  expect(job.header).toBe(`X-Consul-Token: ${String(keys.acl.tokens.initial_management)}\n`);
  expect(JSON.parse(job["token-servers.json"]).SecretID).toBe(keys.acl.tokens.agent);
  expect(keys.encrypt).toBe("GENERATED-GOSSIP");
});

test("goes in order: files, servers, Job, then what needs its tokens", async () => {
  const deployment = await run();
  const on = (type: string, name: string) => find(deployment, type, name).dependsOn;
  expect(on("kubernetes:apps/v1:StatefulSet", "fabric")).toEqual(
    expect.arrayContaining(["fabric-config", "fabric-keys", "fabric-tls", "fabric-servers"]),
  );
  expect(on("kubernetes:batch/v1:Job", "fabric-acl")).toEqual(
    expect.arrayContaining(["fabric", "fabric-acl"]),
  );
  expect(on("kubernetes:core/v1:Secret", "fabric-workers-token")).toContain("fabric-acl");
  expect(on("kubernetes:batch/v1:CronJob", "fabric-snapshots")).toEqual(
    expect.arrayContaining(["fabric-acl", "fabric-snapshots"]),
  );
});

const GUARDED = [
  "PersistentVolumeClaim fabric-snapshots",
  "PrivateKey fabric-ca-key",
  "RandomBytes fabric-gossip-key",
  "RandomPassword fabric-token-seed",
  "Secret fabric-keys",
  "StatefulSet fabric",
];

test.each([
  ["by default", undefined, GUARDED],
  ["not where switched off", false, []],
])("guards what cannot be made again, %s", async (_, deletionProtection, guarded) => {
  const deployment = await run({ deletionProtection });
  const named = (which: "protect" | "retainOnDelete") =>
    deployment.resources
      .filter((resource) => resource[which])
      .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
      .sort();
  expect(named("protect")).toEqual(guarded);
  expect(named("retainOnDelete")).toEqual(guarded);
  const { spec } = inputs(deployment, "apps/v1:StatefulSet", "fabric");
  expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({
    whenDeleted: "Retain",
    whenScaled: "Retain",
  });
});

test("servers stand apart, a majority stays, and each keeps its volume", async () => {
  const deployment = await run({ servers: 5, storageClass: "fast", storageGib: 20 });
  const { spec } = inputs(deployment, "apps/v1:StatefulSet", "fabric");
  const budget = inputs(deployment, "policy/v1:PodDisruptionBudget", "fabric").spec;
  expect(spec.replicas).toBe(5);
  expect(budget.minAvailable).toBe(3);
  expect(budget.selector).toEqual(spec.selector);
  const [rule] =
    spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  expect(rule.topologyKey).toBe("kubernetes.io/hostname");
  expect(rule.labelSelector).toEqual(spec.selector);
  expect(spec.volumeClaimTemplates[0].spec).toEqual({
    accessModes: ["ReadWriteOnce"],
    storageClassName: "fast",
    resources: { requests: { storage: "20Gi" } },
  });
});

test("no pod has a token of the API server, a privilege or a writable root", async () => {
  const deployment = await run();
  const { template } = inputs(deployment, "apps/v1:StatefulSet", "fabric").spec;
  const job = inputs(deployment, "batch/v1:Job", "fabric-acl").spec.template;
  const cron = inputs(deployment, "batch/v1:CronJob", "fabric-snapshots").spec.jobTemplate.spec;
  for (const { spec } of [template, job, cron.template]) {
    expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(spec.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 100,
      runAsGroup: 1000,
      fsGroup: 1000,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    for (const container of spec.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        readOnlyRootFilesystem: true,
      });
      expect(container.resources.limits.memory).toBe(container.resources.requests.memory);
    }
  }
});

test("selectors tell servers, ACL Job and snapshots apart", async () => {
  const deployment = await run();
  const server = inputs(deployment, "apps/v1:StatefulSet", "fabric").spec;
  const job = inputs(deployment, "batch/v1:Job", "fabric-acl").spec.template;
  const cron = inputs(deployment, "batch/v1:CronJob", "fabric-snapshots").spec.jobTemplate.spec;
  const selector = server.selector.matchLabels;
  for (const service of ["fabric", "fabric-servers"]) {
    expect(inputs(deployment, "core/v1:Service", service).spec.selector).toEqual(selector);
  }
  expect(server.template.metadata.labels).toMatchObject(selector);
  expect(job.metadata.labels).not.toMatchObject(selector);
  expect(cron.template.metadata.labels).not.toMatchObject(selector);
});

test("servers restart for a new configuration or certificate, not for a new consumer", async () => {
  const notes = async (args: Partial<ConsulArgs>, certificate = "SERVER CERTIFICATE") => {
    const type = "tls:index/locallySignedCert:LocallySignedCert";
    const deployment = await deploy(() => void new Consul("fabric", { ...least, ...args }), {
      outputsOf: (t) => (t === type ? { certPem: certificate } : outputsOf(t)),
    });
    return inputs(deployment, "apps/v1:StatefulSet", "fabric").spec.template.metadata.annotations;
  };
  const before = await notes({});
  expect(await notes({ consumers: [] })).toEqual(before);
  expect(await notes({ datacenter: "dc2" })).not.toEqual(before);
  expect(await notes({}, "RENEWED")).not.toEqual(before);
});

test("other keys need other pods: servers restart, and the Job runs anew under its name", async () => {
  const made = async (type: string, output: Record<string, string>) => {
    const deployment = await deploy(() => void new Consul("fabric", least), {
      outputsOf: (t) => (t.endsWith(type) ? output : outputsOf(t)),
    });
    const annotationsOf = (kind: string, name: string) => {
      const object = find(deployment, `kubernetes:${kind}`, name).inputs;
      // In plain sight, or a preview would not show what else changes.
      expect(isSecret(object.spec.template.metadata.annotations)).toBe(false);
      expect(JSON.stringify(reveal(object))).toBe(JSON.stringify(object));
      return object.spec.template.metadata.annotations;
    };
    const job = find(deployment, "kubernetes:batch/v1:Job", "fabric-acl").inputs;
    return {
      servers: annotationsOf("apps/v1:StatefulSet", "fabric"),
      job: annotationsOf("batch/v1:Job", "fabric-acl"),
      jobName: job.metadata.name,
    };
  };
  const before = await made("none", {});
  const seed = await made(":RandomPassword", { result: "ANOTHER-SEED" });
  expect(seed.servers).not.toEqual(before.servers);
  expect(seed.job).not.toEqual(before.job);
  expect(seed.jobName).toBe(before.jobName);
  const gossip = await made(":RandomBytes", { base64: "ANOTHER-GOSSIP" });
  expect(gossip.servers).not.toEqual(before.servers);
  expect(gossip.job).toEqual(before.job);
});

test("the certificate holds every name that servers are called by", async () => {
  const deployment = await run({ datacenter: "dc7" });
  const request = reveal(
    find(deployment, "tls:index/certRequest:CertRequest", "fabric-server").inputs,
  );
  expect(request.dnsNames).toEqual([
    "server.dc7.consul",
    "localhost",
    "fabric",
    "fabric.consul",
    "fabric.consul.svc",
    "fabric.consul.svc.cluster.local",
    "*.fabric-servers.consul.svc",
  ]);
  expect(request.ipAddresses).toEqual(["127.0.0.1"]);
});

test("with an external Consul it writes the consumers' Secrets and nothing else", async () => {
  const deployment = await deploy(() => {
    new Consul("fabric", {
      namespace: "consul",
      external: { address: "https://consul.example.com:8501", caCertificate: AUTHORITY },
      consumers: [
        { name: "workers", namespace: "nodes", role: ConsulRole.Worker, token: "EXISTING" },
      ],
    });
  });
  expect(tree(deployment)).toEqual([
    "kubernetes:core/v1:Secret fabric-workers-token < fabric",
    "kvm-fabric:index:Consul fabric < stack",
  ]);
  const secret = find(deployment, "kubernetes:core/v1:Secret", "fabric-workers-token").inputs;
  expect(reveal(secret).stringData).toEqual({ token: "EXISTING" });
  expect(JSON.stringify(redact(secret))).not.toContain("EXISTING");
  expect(reveal(deployment.outputs.get("fabric"))).toEqual({
    address: "https://consul.example.com:8501",
    caCertificate: AUTHORITY,
    datacenter: "dc1",
    tokenSecretNames: { workers: "fabric-workers-token" },
  });
});

test("a faulty Consul makes nothing and says everything in one message", async () => {
  let message = "";
  const deployment = await deploy(() => {
    try {
      new Consul("fabric", { ...least, image: "consul:2", servers: 2 });
    } catch (error) {
      message = String(error);
    }
  });
  expect(message).toMatch(/Consul "fabric" has 2 faults:\n {2}image: .*\n {2}servers: /);
  expect(deployment.resources.filter(({ custom }) => custom)).toEqual([]);
});

test("a reference to a consumer that is not there is one fault of the first preview", async () => {
  const failed: unknown[] = [];
  const program = () => {
    const consul = new Consul("fabric", least);
    consulRef(consul, "gateway");
    for (const consumer of ["gatway", "constructor"]) {
      try {
        consulRef(consul, consumer);
      } catch (error) {
        failed.push(error);
      }
    }
  };
  await deploy(program, { preview: true });
  expect(failed).toEqual([
    expect.objectContaining({
      message: 'consul has no consumer "gatway", allowed gateway, workers',
      hideStack: true,
      resource: expect.objectContaining({ __name: "fabric" }),
    }),
    expect.objectContaining({
      message: 'consul has no consumer "constructor", allowed gateway, workers',
    }),
  ]);
});
