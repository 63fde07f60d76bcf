import type { input as k8s } from "@pulumi/kubernetes/types";
import { vmLifecycle } from "../vm-pod/drain";
import { holdContainer } from "../vm-pod/hold";
import { vmPlacement } from "../vm-pod/placement";
import { verifyHostContainer } from "../vm-pod/verify-host";
import { workerEnvironment } from "./environment";
import { networkContainer } from "./network-containers";
import type { WorkerPlan } from "./plan";
import { workerProbes } from "./probes";
import { queenContainers } from "./queen";
import { seccompEnvironment, seccompMounts } from "./seccomp";
import { podSecurity, workerSecurity } from "./security";
import { Isolation } from "./vmm";
import { workerMounts, workerVolumes } from "./volumes";

/** What the pod refers to that only the component knows. */
interface PodContext {
  /** Name of the ConfigMap with the certificate of Consul's authority; only with Consul. */
  consulCaConfigMap: string;
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
    ...vmPlacement(plan),
    securityContext: podSecurity(plan),
    ...network(plan.isolation),
    initContainers: [
      holdContainer(plan, { env: seccompEnvironment(plan), volumeMounts: seccompMounts(plan) }),
      verifyHostContainer(plan, plan.qemu !== undefined),
      networkContainer(plan),
      // After the packet filter, and before the worker could ask for her.
      ...queenContainers(plan.queen),
    ],
    containers: [worker(plan)],
    volumes: workerVolumes(plan, context.consulCaConfigMap),
  };
}

/** What a worker that must be privileged says of itself, to whoever looks at the DaemonSet or at its pods. */
export function workerAnnotations(plan: WorkerPlan) {
  if (plan.privilegedReasons.length === 0) return {};
  const key = `${plan.contract.domain}/privileged-reasons`;
  return { annotations: { [key]: plan.privilegedReasons.join("; ") } };
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

function worker(plan: WorkerPlan): k8s.core.v1.Container {
  return {
    name: "worker",
    image: plan.image,
    ...(plan.command.length === 0 ? {} : { command: plan.command }),
    env: workerEnvironment(plan),
    ...(plan.healthPort === undefined
      ? {}
      : { ports: [{ name: "health", containerPort: plan.healthPort, protocol: "TCP" }] }),
    lifecycle: vmLifecycle(plan.terminationGracePeriodSeconds, plan.drainCommand),
    ...workerProbes(plan),
    resources: resources(plan),
    securityContext: workerSecurity(plan),
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
