import type { input as k8s } from "@pulumi/kubernetes/types";
import { CONSUL_CA_FOLDER } from "../consul/client-environment";
import { RUN_FOLDER } from "../vm-pod/environment";
import { assetsMount, assetVolumes } from "../vm-pod/volumes";
import type { WorkerPlan } from "./plan";
import { queenVolumes } from "./queen";
import { seccompVolumes } from "./seccomp";
import { Isolation, TapDevices } from "./vmm";

/**
 * All volumes of a worker pod. The node's files are read-only wherever they are mounted. `consulCaConfigMap` has the
 * certificate of Consul's authority; only with Consul.
 */
export function workerVolumes(plan: WorkerPlan, consulCaConfigMap: string): k8s.core.v1.Volume[] {
  return [
    ...assetVolumes(plan),
    { name: "run", emptyDir: { sizeLimit: `${plan.runVolumeGib}Gi` } },
    { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
    ...(needsTun(plan)
      ? [{ name: "tun", hostPath: { path: "/dev/net/tun", type: "CharDevice" } }]
      : []),
    ...seccompVolumes(plan),
    ...queenVolumes(plan.queen),
    ...(plan.consul === undefined
      ? []
      : [{ name: "consul-ca", configMap: { name: consulCaConfigMap } }]),
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

/** For who makes TAP devices and for who opens them. */
export function tunMounts(plan: WorkerPlan): k8s.core.v1.VolumeMount[] {
  return needsTun(plan) ? [{ name: "tun", mountPath: "/dev/net/tun" }] : [];
}

/** A privileged container sees every device of the host; the others need this one handed in. */
function needsTun(plan: WorkerPlan): boolean {
  return plan.isolation !== Isolation.PrivilegedHostNetwork && plan.tapDevices !== TapDevices.None;
}
