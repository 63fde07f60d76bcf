import type { input as k8s } from "@pulumi/kubernetes/types";
import { workerTolerations } from "../shared/node-contract";
import { workerLifecycle } from "./drain";
import { workerEnvironment } from "./environment";
import { holdContainer } from "./hold";
import { networkContainer } from "./network-containers";
import type { WorkerPlan } from "./plan";
import { workerProbes } from "./probes";
import type { SeccompNames } from "./seccomp";
import { podSecurity, workerSecurity } from "./security";
import { verifyHostContainer } from "./verify-host";
import { Isolation } from "./vmm";
import { workerMounts, workerVolumes } from "./volumes";

/** What the pod refers to that only the component knows. */
interface PodContext {
  /** Name of the ConfigMap with the certificate of Consul's authority; only with Consul. */
  consulCaConfigMap: string;
  /** What the jailer's seccomp profile is called; only with the jailer. */
  seccomp: SeccompNames;
  serviceAccountName: string;
}

/**
 * Renders the specification of a worker pod. The order of its containers matters: what the worker runs from is held before
 * anything looks at it, and its network is closed before the worker could open it.
 */
export function workerPod(plan: WorkerPlan, context: PodContext): k8s.core.v1.PodSpec {
  return {
    serviceAccountName: context.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: plan.priorityClassName,
    terminationGracePeriodSeconds: plan.terminationGracePeriodSeconds,
    ...placement(plan),
    tolerations: [...workerTolerations(plan.contract), ...plan.tolerations],
    securityContext: podSecurity(plan),
    ...network(plan.isolation),
    initContainers: [
      holdContainer(plan, context.seccomp),
      verifyHostContainer(plan),
      networkContainer(plan),
    ],
    containers: [worker(plan, context.seccomp)],
    volumes: workerVolumes(plan, {
      consulCaConfigMap: context.consulCaConfigMap,
      seccompConfigMap: context.seccomp.configMap,
    }),
  };
}

/** What a worker that must be privileged says of itself, to whoever looks at the DaemonSet or at its pods. */
export function workerAnnotations(plan: WorkerPlan) {
  if (plan.privilegedReasons.length === 0) return {};
  const key = `${plan.contract.domain}/privileged-reasons`;
  return { annotations: { [key]: plan.privilegedReasons.join("; ") } };
}

/**
 * Nodes that are proven, with whatever asset set: while a new one is rolled out the nodes move one by one, and a
 * worker that asked for one set alone would be taken off every node that has another, all at once. Which set it
 * starts with, `hold` sees to.
 */
function placement({ contract, nodeSelector }: WorkerPlan) {
  const others = Object.entries(nodeSelector).filter(([key]) => key !== contract.assetsLabel);
  const proven = { key: contract.assetsLabel, operator: "Exists" };
  return {
    nodeSelector: { ...Object.fromEntries(others), [contract.capabilityLabel]: "true" },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [proven] }],
        },
      },
    },
  };
}

function network(isolation: Isolation) {
  switch (isolation) {
    case Isolation.DevicePlugin:
    case Isolation.Jailer:
      return {};
    case Isolation.PrivilegedHostNetwork:
      // Without this policy a pod in the host's network would not resolve the cluster's names.
      return { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" };
    default:
      return isolation satisfies never;
  }
}

function worker(plan: WorkerPlan, seccomp: SeccompNames): k8s.core.v1.Container {
  return {
    name: "worker",
    image: plan.image,
    ...(plan.command.length === 0 ? {} : { command: plan.command }),
    env: workerEnvironment(plan),
    ...(plan.healthPort === undefined
      ? {}
      : { ports: [{ name: "health", containerPort: plan.healthPort, protocol: "TCP" }] }),
    lifecycle: workerLifecycle(plan),
    ...workerProbes(plan),
    resources: resources(plan),
    securityContext: workerSecurity(plan, seccomp.localhostProfile),
    volumeMounts: workerMounts(plan),
  };
}

/** Memory is requested and limited alike: a worker that may take more than it asked for starves others. */
function resources({ contract, cpu, isolation, memory }: WorkerPlan) {
  // A privileged container sees the device without.
  const device: Record<string, string> =
    isolation === Isolation.PrivilegedHostNetwork ? {} : { [contract.kvmResource]: "1" };
  return { requests: { cpu, memory, ...device }, limits: { memory, ...device } };
}
