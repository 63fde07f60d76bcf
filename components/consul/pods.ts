import type { input as k8s } from "@pulumi/kubernetes/types";
import { containerSecurity } from "../shared/container-security";
import { CONSUL_PORTS } from "./ports";
import type { ObjectNames, ServersPlan, SnapshotPlan } from "./plan";
import { SERVER_FOLDERS } from "./server-config";
import { SNAPSHOT_SCRIPT } from "./snapshot-script";
import type { ObjectLabels } from "../shared/labels";

/** Where the ACL Job and the snapshot CronJob find their files. */
const FILES = "/etc/consul-job";
const SECRETS = "/etc/consul-secret";
const CA_FOLDER = "/etc/consul-ca";
const SNAPSHOTS = "/snapshots";

/** The user and group of the official image; it needs no other to run. */
const CONSUL_USER = 100;
const CONSUL_GROUP = 1000;

/** Renders the specification of a server's pod. */
export function serverPod(plan: ServersPlan, selector: ObjectLabels): k8s.core.v1.PodSpec {
  const { names } = plan;
  return {
    ...restricted(names),
    ...(plan.priorityClassName === undefined ? {} : { priorityClassName: plan.priorityClassName }),
    // A leaving server hands its part of the cluster over first.
    terminationGracePeriodSeconds: 60,
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: selector }, topologyKey: "kubernetes.io/hostname" },
        ],
      },
    },
    topologySpreadConstraints: [
      {
        labelSelector: { matchLabels: selector },
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
      },
    ],
    containers: [serverContainer(plan)],
    volumes: [
      { name: "config", configMap: { name: names.config } },
      { name: "keys", secret: { secretName: names.keys, defaultMode: 0o440 } },
      { name: "tls", secret: { secretName: names.tls, defaultMode: 0o440 } },
      { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
    ],
  };
}

function serverContainer(plan: ServersPlan): k8s.core.v1.Container {
  const leader = `https://127.0.0.1:${CONSUL_PORTS.https}/v1/status/leader`;
  const curl = `curl --silent --fail --max-time 4 --cacert ${SERVER_FOLDERS.tls}/ca.crt ${leader}`;
  return {
    name: "consul",
    image: plan.image,
    command: [
      "consul",
      "agent",
      `-config-file=${SERVER_FOLDERS.config}/server.json`,
      `-config-file=${SERVER_FOLDERS.keys}/keys.json`,
      "-node=$(POD_NAME)",
      "-bind=$(POD_IP)",
    ],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ],
    ports: [
      { name: "https", containerPort: CONSUL_PORTS.https, protocol: "TCP" },
      { name: "rpc", containerPort: CONSUL_PORTS.rpc, protocol: "TCP" },
      { name: "serf-tcp", containerPort: CONSUL_PORTS.serfLan, protocol: "TCP" },
      { name: "serf-udp", containerPort: CONSUL_PORTS.serfLan, protocol: "UDP" },
    ],
    // Alive: the API answers at all. Ready: it knows a leader, whose address it then names in quotes.
    startupProbe: { ...apiProbe, periodSeconds: 3, failureThreshold: 100 },
    livenessProbe: { ...apiProbe, periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: {
      exec: { command: ["/bin/sh", "-c", `${curl} | grep -q '"[^"]'`] },
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 2,
    },
    resources: resources(plan.cpu, plan.memory),
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: "data", mountPath: SERVER_FOLDERS.data },
      { name: "config", mountPath: SERVER_FOLDERS.config, readOnly: true },
      { name: "keys", mountPath: SERVER_FOLDERS.keys, readOnly: true },
      { name: "tls", mountPath: SERVER_FOLDERS.tls, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

const apiProbe = {
  httpGet: { path: "/v1/status/leader", port: "https", scheme: "HTTPS" },
  timeoutSeconds: 5,
};

/** Renders the specification of the ACL Job's pod. */
export function aclPod({ image, names }: ServersPlan): k8s.core.v1.PodSpec {
  return {
    ...restricted(names),
    restartPolicy: "Never",
    containers: [
      {
        name: "acl",
        image,
        command: ["/bin/sh", `${FILES}/apply.sh`],
        env: [
          ...apiEnvironment(names),
          { name: "FILES", value: FILES },
          { name: "SECRETS", value: SECRETS },
        ],
        resources: resources("50m", "64Mi"),
        securityContext: containerSecurity(),
        volumeMounts: [
          { name: "files", mountPath: FILES, readOnly: true },
          { name: "secrets", mountPath: SECRETS, readOnly: true },
          { name: "ca", mountPath: CA_FOLDER, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "files", configMap: { name: names.acl } },
      { name: "secrets", secret: { secretName: names.acl, defaultMode: 0o440 } },
      { name: "ca", configMap: { name: names.ca } },
      // Consul's answers hold tokens: they stay in memory.
      { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
    ],
  };
}

/** Renders the specification of the snapshot CronJob's pods. */
export function snapshotPod(
  { image, names }: ServersPlan,
  snapshots: SnapshotPlan,
): k8s.core.v1.PodSpec {
  return {
    ...restricted(names),
    restartPolicy: "Never",
    containers: [
      {
        name: "snapshot",
        image,
        command: ["/bin/sh", "-c", SNAPSHOT_SCRIPT],
        env: [
          ...apiEnvironment(names),
          { name: "CONSUL_HTTP_TOKEN_FILE", value: `${SECRETS}/token` },
          { name: "FOLDER", value: SNAPSHOTS },
          { name: "RETAINED", value: String(snapshots.retained) },
        ],
        resources: resources("50m", "128Mi"),
        securityContext: containerSecurity(),
        volumeMounts: [
          { name: "snapshots", mountPath: SNAPSHOTS },
          { name: "token", mountPath: SECRETS, readOnly: true },
          { name: "ca", mountPath: CA_FOLDER, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "snapshots", persistentVolumeClaim: { claimName: names.snapshots } },
      { name: "token", secret: { secretName: names.snapshots, defaultMode: 0o440 } },
      { name: "ca", configMap: { name: names.ca } },
      { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
    ],
  };
}

function apiEnvironment({ servers }: ObjectNames) {
  return [
    { name: "CONSUL_HTTP_ADDR", value: `https://${servers}:${CONSUL_PORTS.https}` },
    { name: "CONSUL_CACERT", value: `${CA_FOLDER}/ca.pem` },
  ];
}

/** What Pod Security's level `restricted` asks of a pod, and a little more. */
function restricted({ servers }: ObjectNames) {
  return {
    serviceAccountName: servers,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: CONSUL_USER,
      runAsGroup: CONSUL_GROUP,
      fsGroup: CONSUL_GROUP,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

function resources(cpu: string, memory: string) {
  return { requests: { cpu, memory }, limits: { memory } };
}
