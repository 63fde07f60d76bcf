import type { input as k8s } from "@pulumi/kubernetes/types";
import type { Input } from "@pulumi/pulumi";
import { DATA_STORE_KEYS } from "../data-store/keys";
import { containerSecurity } from "../shared/container-security";
import { objectName } from "../shared/names";
import { CA_FILE, FOLDERS, gatewayEnvironment } from "./environment";
import type { ApiGatewayPlan } from "./plan";
import { apiGatewayPodLabels } from "./ports";

/** A folder of files that a pod reads, and where they come from. */
interface Files {
  name: string;
  folder: string;
  source: Pick<k8s.core.v1.Volume, "configMap" | "secret">;
}

/** Room for what a gateway writes while it runs: no other folder can be written to. */
const SCRATCH = "256Mi";

/** Renders the specification of a gateway's pod: Pod Security's level `restricted`, and no right to the API server. */
export function gatewayPod(plan: ApiGatewayPlan): k8s.core.v1.PodSpec {
  const files = gatewayFiles(plan);
  const { priorityClassName, userId } = plan;
  return {
    serviceAccountName: objectName([plan.name]),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
    terminationGracePeriodSeconds: plan.terminationGracePeriodSeconds,
    nodeSelector: plan.nodeSelector,
    tolerations: plan.tolerations,
    topologySpreadConstraints: spread(plan),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [gateway(plan, files)],
    volumes: [
      ...files.map(({ name, source }) => ({ name, ...source })),
      { name: "tmp", emptyDir: { sizeLimit: SCRATCH } },
    ],
  };
}

/**
 * Over zones, then over nodes. Each version of the pods is spread by itself, or a rollout would leave it lopsided. A node
 * whose taint keeps the pods away is no place that could be empty, or KVM nodes would keep strictly spread pods waiting.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
function spread({ name, strictSpread }: ApiGatewayPlan) {
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: strictSpread ? "DoNotSchedule" : "ScheduleAnyway",
    labelSelector: { matchLabels: apiGatewayPodLabels(name) },
    nodeTaintsPolicy: "Honor",
    matchLabelKeys: ["pod-template-hash"],
  }));
}

function gateway(plan: ApiGatewayPlan, files: Files[]): k8s.core.v1.Container {
  const { command, metrics, port, preStopSeconds, resources } = plan;
  const { cpu, memory } = resources;
  return {
    name: "gateway",
    image: plan.image,
    ...(command.length === 0 ? {} : { command }),
    env: gatewayEnvironment(plan),
    ports: [
      { name: "http", containerPort: port, protocol: "TCP" },
      ...(metrics === undefined
        ? []
        : [{ name: "metrics", containerPort: metrics.port, protocol: "TCP" }]),
    ],
    // The kubelet waits by itself: the image needs no shell. Balancers learn of the end only while this runs.
    lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
    ...probes(plan),
    resources: { requests: { cpu, memory }, limits: { memory } },
    securityContext: containerSecurity(),
    volumeMounts: [
      ...files.map(({ name, folder }) => ({ name, mountPath: folder, readOnly: true })),
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function probes({ probes: { livenessPath, readinessPath, startupSeconds } }: ApiGatewayPlan) {
  const get = (path: string) => ({ httpGet: { path, port: "http", scheme: "HTTP" } });
  const timing = { periodSeconds: 5, timeoutSeconds: 3 };
  const failureThreshold = Math.ceil(startupSeconds / 2);
  return {
    startupProbe: { ...get(readinessPath), periodSeconds: 2, timeoutSeconds: 3, failureThreshold },
    readinessProbe: { ...get(readinessPath), ...timing, failureThreshold: 2 },
    livenessProbe: { ...get(livenessPath), ...timing, failureThreshold: 6 },
  };
}

/** Certificates of authorities, and the key with which the gateway shows Queen who it is. */
function gatewayFiles({ consul, name, postgres, queen, redis }: ApiGatewayPlan): Files[] {
  return [
    ...(consul === undefined ? [] : [caMap("consul-ca", FOLDERS.consul, name)]),
    ...(postgres?.privateAuthority === true
      ? [caSecret("postgres-ca", FOLDERS.postgres, postgres.secretName)]
      : []),
    ...(redis?.privateAuthority === true
      ? [caSecret("redis-ca", FOLDERS.redis, redis.secretName)]
      : []),
    ...(queen === undefined
      ? []
      : [
          caMap("queen-ca", FOLDERS.queen, name),
          {
            name: "queen-client",
            folder: FOLDERS.queenClient,
            source: { secret: { secretName: queen.clientSecretName, defaultMode: 0o440 } },
          },
        ]),
  ];
}

function caMap(volume: string, folder: string, name: string): Files {
  const items = [{ key: CA_FILE, path: CA_FILE }];
  return {
    name: volume,
    folder,
    source: { configMap: { name: objectName([name, volume]), items } },
  };
}

/** The certificate alone: the password that lies beside it is no file. */
function caSecret(name: string, folder: string, secretName: Input<string>): Files {
  const key = DATA_STORE_KEYS.caCertificate;
  return { name, folder, source: { secret: { secretName, items: [{ key, path: key }] } } };
}
