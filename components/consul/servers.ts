import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as policyv1 from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { digest, publicDigest } from "./digest";
import { deriveToken, type Keys } from "./keys";
import { consulMetadata, podLabels, podSelector } from "./metadata";
import type { ConsulPlan, ServersPlan } from "./plan";
import { serverPod } from "./pods";
import { CONSUL_COMPONENTS, CONSUL_PORTS } from "./ports";
import { majority, serverKeys } from "./server-config";

/** Makes the objects that the servers' pods read: configuration, keys, certificates, identity. */
export function createServerFiles(
  parent: pulumi.Resource,
  plan: ConsulPlan,
  { names, config }: ServersPlan,
  keys: Keys,
  guard: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const metadata = (object: string) => consulMetadata(plan.name, object, plan.namespace);
  const { name } = plan;
  return [
    new corev1.ServiceAccount(
      name,
      { metadata: metadata(names.servers), automountServiceAccountToken: false },
      { parent },
    ),
    new corev1.ConfigMap(
      `${name}-config`,
      { metadata: metadata(names.config), data: { "server.json": config } },
      { parent },
    ),
    new corev1.ConfigMap(
      `${name}-ca`,
      { metadata: metadata(names.ca), data: { "ca.pem": keys.caCertificate } },
      { parent },
    ),
    ...createServerSecrets(parent, plan, names, keys, guard),
  ];
}

function createServerSecrets(
  parent: pulumi.Resource,
  { name, namespace }: ConsulPlan,
  names: ServersPlan["names"],
  keys: Keys,
  guard: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const metadata = (object: string) => consulMetadata(name, object, namespace);
  return [
    new corev1.Secret(
      `${name}-keys`,
      {
        metadata: metadata(names.keys),
        type: "Opaque",
        stringData: { "keys.json": keysFile(keys) },
      },
      { parent, ...guard },
    ),
    new corev1.Secret(
      `${name}-tls`,
      {
        metadata: metadata(names.tls),
        type: "kubernetes.io/tls",
        stringData: {
          "ca.crt": keys.caCertificate,
          "tls.crt": keys.serverCertificate,
          "tls.key": keys.serverKey,
        },
      },
      { parent },
    ),
  ];
}

function keysFile(keys: Keys): pulumi.Output<string> {
  return pulumi
    .all([keys.gossipKey, deriveToken(keys, "management"), deriveToken(keys, "servers")])
    .apply(([gossipKey, managementToken, agentToken]) =>
      serverKeys({ gossipKey, managementToken, agentToken }),
    );
}

/** Neither Service has an address to wait for before the servers run, and those need both first. */
const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };

/** Makes the two Services: one in which servers find each other, one that leads to a ready server. */
export function createServices(
  parent: pulumi.Resource,
  { name, namespace }: ConsulPlan,
  { names }: ServersPlan,
): { headless: corev1.Service; api: corev1.Service } {
  const metadata = (object: string) => ({
    ...consulMetadata(name, object, namespace),
    annotations: SKIP_AWAIT,
  });
  const selector = podSelector(name, CONSUL_COMPONENTS.server);
  const headless = { metadata: metadata(names.headless), spec: headlessSpec(selector) };
  const api = { metadata: metadata(names.servers), spec: apiSpec(selector) };
  return {
    headless: new corev1.Service(`${name}-servers`, headless, { parent }),
    api: new corev1.Service(name, api, { parent }),
  };
}

const HTTPS = { name: "https", port: CONSUL_PORTS.https, targetPort: "https", protocol: "TCP" };

function headlessSpec(selector: Record<string, string>) {
  return {
    clusterIP: "None",
    // Servers are ready once they have found each other, which they do in this domain.
    publishNotReadyAddresses: true,
    selector,
    ports: [
      HTTPS,
      { name: "rpc", port: CONSUL_PORTS.rpc, targetPort: "rpc", protocol: "TCP" },
      { name: "serf-tcp", port: CONSUL_PORTS.serfLan, targetPort: "serf-tcp", protocol: "TCP" },
      { name: "serf-udp", port: CONSUL_PORTS.serfLan, targetPort: "serf-udp", protocol: "UDP" },
    ],
  };
}

function apiSpec(selector: Record<string, string>) {
  return {
    type: "ClusterIP",
    selector,
    ports: [HTTPS],
    // A worker's entry lives with the server that took it: let it come back to the same one.
    sessionAffinity: "ClientIP",
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_400 } },
  };
}

/** Makes the servers and, where there are several, the budget that keeps their majority. */
export function createServers(
  parent: pulumi.Resource,
  plan: ConsulPlan,
  servers: ServersPlan,
  keys: Keys,
  options: pulumi.CustomResourceOptions,
): appsv1.StatefulSet {
  const { name, namespace } = plan;
  const { names } = servers;
  const selector = podSelector(name, CONSUL_COMPONENTS.server);
  createDisruptionBudget(parent, plan, servers);
  return new appsv1.StatefulSet(
    name,
    {
      metadata: consulMetadata(name, names.servers, namespace),
      spec: {
        serviceName: names.headless,
        replicas: servers.servers,
        // The first servers wait for each other to elect a leader: one by one none would get ready.
        podManagementPolicy: "Parallel",
        updateStrategy: { type: "RollingUpdate" },
        minReadySeconds: 10,
        revisionHistoryLimit: 5,
        selector: { matchLabels: selector },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: {
          metadata: {
            labels: podLabels(name, CONSUL_COMPONENTS.server),
            annotations: fileDigests(servers, keys),
          },
          spec: serverPod(servers, selector),
        },
        volumeClaimTemplates: [dataClaim(servers, selector)],
      },
    },
    { parent, ...options },
  );
}

/** A server reads its files when it starts: other files need other pods. */
function fileDigests({ config }: ServersPlan, keys: Keys) {
  return {
    "kvm-fabric.dev/config": digest(config),
    "kvm-fabric.dev/certificate": keys.serverCertificate.apply(digest),
    "kvm-fabric.dev/keys": publicDigest(keysFile(keys)),
  };
}

function dataClaim({ storageClass, storageGib }: ServersPlan, labels: Record<string, string>) {
  return {
    metadata: { name: "data", labels },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: `${storageGib}Gi` } },
    },
  };
}

/** A budget for a single server would only keep its node from ever being drained. */
function createDisruptionBudget(
  parent: pulumi.Resource,
  { name, namespace }: ConsulPlan,
  { names, servers }: ServersPlan,
): void {
  if (servers === 1) return;
  new policyv1.PodDisruptionBudget(
    name,
    {
      metadata: consulMetadata(name, names.servers, namespace),
      spec: {
        minAvailable: majority(servers),
        selector: { matchLabels: podSelector(name, CONSUL_COMPONENTS.server) },
      },
    },
    { parent },
  );
}
