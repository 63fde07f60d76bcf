import type { input as k8s } from "@pulumi/kubernetes/types";
import { containerSecurity } from "../shared/container-security";
import { JAILER_CAPABILITIES } from "./jailer/seccomp";
import type { WorkerPlan } from "./plan";
import { Isolation, TapDevices } from "./vmm";

/** Capabilities that containers of a worker pod get beyond none. */
interface Capabilities {
  /** Of the container that makes the guests' network. */
  network: readonly string[];
  /** Of the worker. */
  worker: readonly string[];
}

/** Over the network namespace that the pod has: TAP devices, addresses, the packet filter. */
const NETWORK = ["NET_ADMIN"] as const;

/**
 * All capabilities of a worker pod by isolation. A worker that makes its own TAP devices has those of `network` beside;
 * a privileged one has all there are, whatever is said here.
 */
export const WORKER_CAPABILITIES: Readonly<Record<Isolation, Capabilities>> = Object.freeze({
  [Isolation.DevicePlugin]: { network: NETWORK, worker: [] },
  [Isolation.Jailer]: { network: NETWORK, worker: JAILER_CAPABILITIES },
  [Isolation.PrivilegedHostNetwork]: { network: NETWORK, worker: [] },
});

/**
 * The pod's own. The device and the assets belong to root on the node, and an added capability takes effect for root
 * alone; all that makes root powerful is dropped from the containers.
 */
export function podSecurity(plan: WorkerPlan): k8s.core.v1.PodSecurityContext {
  return {
    runAsUser: 0,
    runAsGroup: 0,
    seccompProfile: { type: "RuntimeDefault" },
    ...(plan.ipForwarding ? { sysctls: [{ name: "net.ipv4.ip_forward", value: "1" }] } : {}),
  };
}

/**
 * The worker's own. `SYS_ADMIN` is written without `CAP_`, as everywhere: beside that spelling of it alone the API server
 * refuses `allowPrivilegeEscalation: false`, which keeps set-user-id programs of the image from giving any more.
 */
export function workerSecurity(plan: WorkerPlan): k8s.core.v1.SecurityContext {
  const { network, worker } = WORKER_CAPABILITIES[plan.isolation];
  const localhostProfile = plan.seccomp?.localhostProfile;
  switch (plan.isolation) {
    case Isolation.DevicePlugin:
      return {
        ...containerSecurity(plan.tapDevices === TapDevices.Worker ? network : worker),
        ...appArmor(plan.appArmorProfile),
      };
    case Isolation.Jailer:
      return {
        ...containerSecurity(worker),
        seccompProfile: { type: "Localhost", localhostProfile },
        appArmorProfile: { type: "Unconfined" },
        ...appArmor(plan.appArmorProfile),
      };
    case Isolation.PrivilegedHostNetwork:
      return {
        privileged: true,
        readOnlyRootFilesystem: true,
        seccompProfile: { type: "Unconfined" },
        ...appArmor(plan.appArmorProfile),
      };
    default:
      return plan.isolation satisfies never;
  }
}

function appArmor(profile: string | undefined): k8s.core.v1.SecurityContext {
  if (profile === undefined) return {};
  return { appArmorProfile: { type: "Localhost", localhostProfile: profile } };
}
