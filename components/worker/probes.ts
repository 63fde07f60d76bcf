import type { input as k8s } from "@pulumi/kubernetes/types";
import { MONITOR_SOCKET } from "../vm-pod/qemu";
import type { WorkerPlan } from "./plan";

/** The probes of a worker's container. */
type Probes = Pick<k8s.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe">;

/**
 * With a health port: five minutes to start, out of the catalogue after 30 s without an answer, restarted
 * only after 60 s, since a restart ends every guest.
 *
 * QEMU without one: ready once its monitor socket is there. There is nothing to ask later, since QEMU is
 * the container's process and the kubelet sees it end by itself.
 */
export function workerProbes(plan: WorkerPlan): Probes {
  if (plan.healthPort !== undefined) {
    const httpGet = { path: "/health", port: "health", scheme: "HTTP" };
    return {
      startupProbe: { httpGet, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 },
      readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      livenessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    };
  }
  const exec = { command: ["test", "-S", MONITOR_SOCKET] };
  return {
    startupProbe: { exec, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 150 },
    readinessProbe: { exec, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}
