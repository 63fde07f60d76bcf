import type { input as k8s } from "@pulumi/kubernetes/types";
import type { Input } from "@pulumi/pulumi";
import { workerTolerations } from "../shared/node-contract";
import { CONSUL_CA_FOLDER, RUN_FOLDER, verifyEnvironment, workerEnvironment } from "./environment";
import type { WorkerPlan } from "./plan";
import { workerProbes } from "./probes";
import { verifyHostScript } from "./verify-host";
import { Isolation, TapDevices } from "./vmm";

/** What the pod refers to that only the component knows. */
interface PodContext {
  /** Where the node's current asset set is: a link, which is followed once, when the container starts. */
  assetsFolder: Input<string>;
  /** Name of the ConfigMap with the certificate of Consul's authority; only with Consul. */
  consulCaConfigMap: string;
  serviceAccountName: string;
}

/** Renders the specification of a worker pod. */
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
    initContainers: [verifyHost(plan)],
    containers: [worker(plan)],
    volumes: volumes(plan, context),
  };
}

/**
 * Nodes that are proven, with whatever asset set: while a new one is rolled out the nodes move one by one, and a
 * worker that asked for one set alone would be taken off every node that has another, all at once. Which set it
 * starts with, `verify-host` sees to.
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

function podSecurity(plan: WorkerPlan): k8s.core.v1.PodSecurityContext {
  return {
    // The device and the assets belong to root on the node, and an added capability takes effect for
    // root alone; all that makes root powerful is dropped from the containers.
    runAsUser: 0,
    runAsGroup: 0,
    seccompProfile: {
      type: plan.isolation === Isolation.DevicePlugin ? "RuntimeDefault" : "Unconfined",
    },
    ...(plan.ipForwarding ? { sysctls: [{ name: "net.ipv4.ip_forward", value: "1" }] } : {}),
  };
}

function verifyHost(plan: WorkerPlan): k8s.core.v1.Container {
  return {
    name: "verify-host",
    image: plan.image,
    command: ["/bin/sh", "-c", verifyHostScript()],
    env: verifyEnvironment(plan),
    resources: resources(plan, "50m", "64Mi"),
    securityContext: containerSecurity(plan, []),
    volumeMounts: [{ name: "assets", mountPath: plan.assetsMountPath, readOnly: true }],
  };
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
    ...workerProbes(plan),
    resources: resources(plan, plan.cpu, plan.memory),
    securityContext: containerSecurity(
      plan,
      plan.tapDevices === TapDevices.Worker ? ["NET_ADMIN"] : [],
    ),
    volumeMounts: mounts(plan),
  };
}

/** Memory is requested and limited alike: a worker that may take more than it asked for starves others. */
function resources(plan: WorkerPlan, cpu: string, memory: string) {
  const device: Record<string, string> =
    plan.isolation === Isolation.DevicePlugin ? { [plan.contract.kvmResource]: "1" } : {};
  return { requests: { cpu, memory, ...device }, limits: { memory, ...device } };
}

/**
 * Opening `/dev/kvm` takes no capability, only the device that the plugin hands over. Making TAP devices,
 * bridges and packet filter rules takes NET_ADMIN, here over the pod's own network namespace alone.
 * Source: https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
function containerSecurity(plan: WorkerPlan, capabilities: string[]): k8s.core.v1.SecurityContext {
  switch (plan.isolation) {
    case Isolation.DevicePlugin:
    case Isolation.Jailer:
      return {
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: {
          drop: ["ALL"],
          ...(capabilities.length === 0 ? {} : { add: capabilities }),
        },
      };
    case Isolation.PrivilegedHostNetwork:
      return { privileged: true, readOnlyRootFilesystem: true };
    default:
      return plan.isolation satisfies never;
  }
}

function mounts(plan: WorkerPlan): k8s.core.v1.VolumeMount[] {
  return [
    { name: "assets", mountPath: plan.assetsMountPath, readOnly: true },
    { name: "run", mountPath: RUN_FOLDER },
    { name: "tmp", mountPath: "/tmp" },
    ...(needsTun(plan) ? [{ name: "tun", mountPath: "/dev/net/tun" }] : []),
    ...(plan.consul === undefined
      ? []
      : [{ name: "consul-ca", mountPath: CONSUL_CA_FOLDER, readOnly: true }]),
  ];
}

function volumes(plan: WorkerPlan, context: PodContext): k8s.core.v1.Volume[] {
  return [
    { name: "assets", hostPath: { path: context.assetsFolder, type: "Directory" } },
    { name: "run", emptyDir: { sizeLimit: `${plan.runVolumeGib}Gi` } },
    { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
    ...(needsTun(plan)
      ? [{ name: "tun", hostPath: { path: "/dev/net/tun", type: "CharDevice" } }]
      : []),
    ...(plan.consul === undefined
      ? []
      : [{ name: "consul-ca", configMap: { name: context.consulCaConfigMap } }]),
  ];
}

/** A privileged container sees every device of the host; the other needs this one handed in. */
function needsTun(plan: WorkerPlan): boolean {
  return plan.tapDevices !== TapDevices.None && plan.isolation !== Isolation.PrivilegedHostNetwork;
}
