import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as networkingv1 from "@pulumi/kubernetes/networking/v1";
import * as policyv1 from "@pulumi/kubernetes/policy/v1";
import type * as pulumi from "@pulumi/pulumi";
import { digest, publicDigest } from "../consul/digest";
import { consumerPeers } from "../data-store/consumers";
import { objectLabels, selectorLabels } from "../shared/labels";
import { serverConfig } from "./files";
import type { RedisKeys } from "./keys";
import { metadataOf } from "./metadata";
import type { RedisPlan, RedisServerPlan } from "./plan";
import { redisPod } from "./pods";
import { REDIS_APP, REDIS_PORT } from "./ports";

/** Makes the server and all that leads to it; returns the StatefulSet, which is there once the server answers. */
export function createServer(
  parent: pulumi.Resource,
  plan: RedisPlan,
  server: RedisServerPlan,
  keys: RedisKeys,
  guard: pulumi.CustomResourceOptions,
): appsv1.StatefulSet {
  const { name } = plan;
  const metadata = metadataOf(plan, server.names.server);
  const account = new corev1.ServiceAccount(
    name,
    { metadata, automountServiceAccountToken: false },
    { parent },
  );
  const config = new corev1.ConfigMap(
    `${name}-config`,
    {
      metadata: metadataOf(plan, server.names.config),
      data: { "valkey.conf": serverConfig(server) },
    },
    { parent },
  );
  const before = [account, config, ...keys.before, ...createAccess(parent, plan, server)];
  return new appsv1.StatefulSet(
    name,
    { metadata, spec: statefulSet(name, server, keys) },
    { parent, ...guard, dependsOn: before },
  );
}

/** Service, budget and policy: before the pod, so that it never runs without them. */
function createAccess(
  parent: pulumi.Resource,
  plan: RedisPlan,
  { allowEviction, names }: RedisServerPlan,
): pulumi.Resource[] {
  const { name, consumers } = plan;
  const metadata = metadataOf(plan, names.server);
  const selector = selectorLabels(REDIS_APP, name);
  const port = { name: "rediss", port: REDIS_PORT, targetPort: "rediss", protocol: "TCP" };
  const from = consumerPeers(consumers);
  return [
    new corev1.Service(
      name,
      {
        // It has no address behind it before the server runs, and that comes after it.
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { type: "ClusterIP", selector, ports: [port] },
      },
      { parent },
    ),
    new policyv1.PodDisruptionBudget(
      name,
      {
        metadata,
        spec: { maxUnavailable: allowEviction ? 1 : 0, selector: { matchLabels: selector } },
      },
      { parent },
    ),
    new networkingv1.NetworkPolicy(
      name,
      {
        metadata,
        spec: {
          podSelector: { matchLabels: selector },
          // The server calls nobody. Nobody at all is let in by an empty list of rules, everybody by an empty list of peers.
          policyTypes: ["Ingress", "Egress"],
          ingress:
            from.length === 0 ? [] : [{ from, ports: [{ port: REDIS_PORT, protocol: "TCP" }] }],
          egress: [],
        },
      },
      { parent },
    ),
  ];
}

function statefulSet(name: string, server: RedisServerPlan, keys: RedisKeys) {
  const selector = selectorLabels(REDIS_APP, name);
  return {
    serviceName: server.names.server,
    replicas: 1,
    updateStrategy: { type: "RollingUpdate" },
    revisionHistoryLimit: 5,
    selector: { matchLabels: selector },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    template: {
      metadata: {
        labels: objectLabels(REDIS_APP, name),
        annotations: {
          // Certificates and consumers' users are read without a restart; these two are not.
          "kvm-fabric.dev/config": digest(serverConfig(server)),
          "kvm-fabric.dev/service-users": publicDigest(keys.serviceUsers),
        },
      },
      spec: redisPod(server),
    },
    volumeClaimTemplates: [
      {
        metadata: { name: "data", labels: selector },
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(server.storageClass === undefined ? {} : { storageClassName: server.storageClass }),
          resources: { requests: { storage: `${server.storageGib}Gi` } },
        },
      },
    ],
  };
}
