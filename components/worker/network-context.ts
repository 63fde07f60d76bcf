import type { WorkerDaemonSetArgs } from "./args";
import type { GuestNetworkContext } from "./network/plan";
import { Isolation, TapDevices, Vmm } from "./vmm";

/** TAP devices of a Firecracker worker where the arguments say nothing: one a guest. */
const FIRECRACKER_TAPS = 16;

/** What the guests' network must know of the worker, whether or not the arguments have faults. */
export function networkContext(
  name: string,
  vmm: Vmm,
  args: WorkerDaemonSetArgs,
): GuestNetworkContext {
  return {
    defaultTaps: vmm === Vmm.Qemu ? 1 : FIRECRACKER_TAPS,
    hostNetwork: args.isolation === Isolation.PrivilegedHostNetwork,
    name,
    ownerEach: args.isolation === Isolation.Jailer,
    tapDevices: tapDevicesOf(vmm, args),
    workerMetadata: args.workerMetadata ?? false,
  };
}

/** Firecracker's guests have no other network; an image that asks for the host's makes its own devices there. */
export function tapDevicesOf(vmm: Vmm, { isolation, tapDevices }: WorkerDaemonSetArgs): TapDevices {
  if (tapDevices !== undefined) return tapDevices;
  if (isolation === Isolation.PrivilegedHostNetwork) return TapDevices.Worker;
  return vmm === Vmm.Firecracker ? TapDevices.Helper : TapDevices.None;
}
