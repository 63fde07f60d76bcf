import { RUN_FOLDER } from "./environment";

/** The guest of a QEMU worker, planned. */
export interface QemuPlan {
  arguments: string[];
  binary: string;
  kernel: string;
  memoryMib: number;
  role: string;
}

/** QEMU's monitor: it makes this socket once the machine stands, so the probes look for it. */
export const MONITOR_SOCKET = `${RUN_FOLDER}/monitor.sock`;

/**
 * QEMU's command line: memory, kernel and role first, as the guest's documentation states them, then what
 * a machine without a screen on a KVM node needs. Kubernetes resolves `$(ROLE)`.
 * Source: https://www.qemu.org/docs/master/system/invocation.html
 */
export function qemuCommand(guest: QemuPlan, assetsMountPath: string): string[] {
  return [
    guest.binary,
    "-m",
    String(guest.memoryMib),
    "-kernel",
    `${assetsMountPath}/${guest.kernel}`,
    "-append",
    "COHROLE=$(ROLE)",
    "-accel",
    "kvm",
    "-cpu",
    "host",
    "-display",
    "none",
    "-serial",
    "stdio",
    "-no-reboot",
    "-qmp",
    `unix:${MONITOR_SOCKET},server=on,wait=off`,
    ...guest.arguments,
  ];
}
