import type { input as k8s } from "@pulumi/kubernetes/types";
import { containerSecurity } from "../shared/container-security";
import { ALIVE, READY, REDIS_FOLDERS, RELOADER } from "./files";
import type { RedisServerPlan } from "./plan";
import { REDIS_PORT } from "./ports";

/** The user and group of the official image; any other that owns the volume would do. */
const VALKEY_USER = 999;
const VALKEY_GROUP = 1000;

/** Renders the specification of the server's pod. */
export function redisPod(plan: RedisServerPlan): k8s.core.v1.PodSpec {
  const { names } = plan;
  return {
    serviceAccountName: names.server,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(plan.priorityClassName === undefined ? {} : { priorityClassName: plan.priorityClassName }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: VALKEY_USER,
      runAsGroup: VALKEY_GROUP,
      fsGroup: VALKEY_GROUP,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    // A server that is told to stop saves all first.
    terminationGracePeriodSeconds: 120,
    containers: [serverContainer(plan), reloaderContainer(plan)],
    volumes: [
      { name: "config", configMap: { name: names.config } },
      { name: "tls", secret: { secretName: names.tls, defaultMode: 0o440 } },
      usersVolume("users", names.users, "probe"),
      usersVolume("operator", names.users, "operator"),
    ],
  };
}

/** The users' hashes, and the password of the one user that a container logs in as. */
function usersVolume(name: string, secretName: string, user: string): k8s.core.v1.Volume {
  const items = ["users.acl", user].map((key) => ({ key, path: key }));
  return { name, secret: { secretName, defaultMode: 0o440, items } };
}

function serverContainer(plan: RedisServerPlan): k8s.core.v1.Container {
  return {
    name: "valkey",
    image: plan.image,
    command: ["valkey-server", `${REDIS_FOLDERS.config}/valkey.conf`],
    ports: [{ name: "rediss", containerPort: REDIS_PORT, protocol: "TCP" }],
    // Reading a large file of data takes minutes, and nothing else may end it.
    startupProbe: { ...probe(READY), periodSeconds: 2, failureThreshold: 600 },
    livenessProbe: { ...probe(ALIVE), periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...probe(READY), periodSeconds: 5, failureThreshold: 2 },
    resources: {
      requests: { cpu: plan.cpu, memory: `${plan.limitMib}Mi` },
      limits: { memory: `${plan.limitMib}Mi` },
    },
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: "data", mountPath: REDIS_FOLDERS.data },
      { name: "config", mountPath: REDIS_FOLDERS.config, readOnly: true },
      { name: "tls", mountPath: REDIS_FOLDERS.tls, readOnly: true },
      { name: "users", mountPath: REDIS_FOLDERS.users, readOnly: true },
    ],
  };
}

function probe(script: string): k8s.core.v1.Probe {
  return { exec: { command: ["/bin/sh", "-c", script] }, timeoutSeconds: 5 };
}

function reloaderContainer(plan: RedisServerPlan): k8s.core.v1.Container {
  return {
    name: "reloader",
    image: plan.image,
    command: ["/bin/sh", "-c", RELOADER],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: "tls", mountPath: REDIS_FOLDERS.tls, readOnly: true },
      { name: "operator", mountPath: REDIS_FOLDERS.users, readOnly: true },
    ],
  };
}
