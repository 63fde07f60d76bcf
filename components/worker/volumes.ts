import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { CONSUL_CA_FOLDER, RUN_FOLDER } from "./environment";
import type { WorkerPlan } from "./plan";
import { seccompVolumes } from "./seccomp";
import { Isolation, TapDevices } from "./vmm";

/** Names of the objects that a pod's volumes come from. */
export interface VolumeSources {
  /** The ConfigMap with the certificate of Consul's authority; only with Consul. */
  consulCaConfigMap: string;
  /** The ConfigMap with the jailer's seccomp profile; only with the jailer. */
  seccompConfigMap: string;
}

/** All volumes of a worker pod. The node's files are read-only wherever they are mounted. */
export function workerVolumes(plan: WorkerPlan, sources: VolumeSources): k8s.core.v1.Volume[] {
  return [
    { name: "assets", hostPath: { path: plan.assetsRoot, type: "Directory" } },
    { name: "hold", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    { name: "run", emptyDir: { sizeLimit: `${plan.runVolumeGib}Gi` } },
    { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
    ...(needsTun(plan)
      ? [{ name: "tun", hostPath: { path: "/dev/net/tun", type: "CharDevice" } }]
      : []),
    ...seccompVolumes(plan, sources.seccompConfigMap),
    ...(plan.consul === undefined
      ? []
      : [{ name: "consul-ca", configMap: { name: sources.consulCaConfigMap } }]),
  ];
}

/** What the worker itself sees. */
export function workerMounts(plan: WorkerPlan): k8s.core.v1.VolumeMount[] {
  return [
    assetsMount(plan),
    { name: "run", mountPath: RUN_FOLDER },
    { name: "tmp", mountPath: "/tmp" },
    ...tunMounts(plan),
    ...(plan.consul === undefined
      ? []
      : [{ name: "consul-ca", mountPath: CONSUL_CA_FOLDER, readOnly: true }]),
  ];
}

/** The files of the pod's own asset set, and of no other: `current` may move on while the pod runs. */
export function assetsMount(plan: WorkerPlan): k8s.core.v1.VolumeMount {
  return {
    name: "assets",
    mountPath: plan.assetsMountPath,
    readOnly: true,
    subPath: pulumi.interpolate`versions/${plan.assetSet}`,
  };
}

/** For who makes TAP devices and for who opens them. */
export function tunMounts(plan: WorkerPlan): k8s.core.v1.VolumeMount[] {
  return needsTun(plan) ? [{ name: "tun", mountPath: "/dev/net/tun" }] : [];
}

/** A privileged container sees every device of the host; the others need this one handed in. */
function needsTun(plan: WorkerPlan): boolean {
  return plan.isolation !== Isolation.PrivilegedHostNetwork && plan.tapDevices !== TapDevices.None;
}
