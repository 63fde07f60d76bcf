import type { input as k8s } from "@pulumi/kubernetes/types";
import { containerSecurity } from "../shared/container-security";
import { RUN_FOLDER } from "../vm-pod/environment";
import { TAPS_FILE } from "./environment";
import {
  metadataGuardEnvironment,
  metadataGuardReady,
  metadataGuardScript,
} from "./network/metadata-guard";
import { networkEnvironment, networkMemoryMib, networkScript } from "./network/network-script";
import type { WorkerPlan } from "./plan";
import { WORKER_CAPABILITIES } from "./security";
import { tunMounts } from "./volumes";

/** What makes the network between guests and pod, before the worker starts. */
export function networkContainer(plan: WorkerPlan): k8s.core.v1.Container {
  return plan.guestNetwork.hostNetwork ? metadataGuard(plan) : network(plan);
}

/** Ends once the packet filter and the TAP devices are there: they belong to the pod's namespace, which stays. */
function network(plan: WorkerPlan): k8s.core.v1.Container {
  return {
    name: "network",
    image: plan.networkImage,
    command: ["/bin/sh", "-c", networkScript()],
    env: networkEnvironment(plan.guestNetwork, TAPS_FILE),
    resources: {
      requests: { cpu: "50m", memory: "32Mi" },
      limits: { memory: `${networkMemoryMib(plan.guestNetwork)}Mi` },
    },
    ...confined(plan),
    volumeMounts: [{ name: "run", mountPath: RUN_FOLDER }, ...tunMounts(plan)],
  };
}

/** In the host's namespace, which outlives the pod, the filter goes with the pod: a sidecar takes it along. */
function metadataGuard(plan: WorkerPlan): k8s.core.v1.Container {
  return {
    name: "metadata-guard",
    image: plan.networkImage,
    command: ["/bin/sh", "-c", metadataGuardScript()],
    env: metadataGuardEnvironment(plan.guestNetwork),
    restartPolicy: "Always",
    startupProbe: {
      exec: { command: metadataGuardReady(plan.guestNetwork) },
      periodSeconds: 1,
      timeoutSeconds: 10,
      failureThreshold: 60,
    },
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
    ...confined(plan),
  };
}

function confined(plan: WorkerPlan) {
  return {
    securityContext: containerSecurity(WORKER_CAPABILITIES[plan.isolation].network),
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}
