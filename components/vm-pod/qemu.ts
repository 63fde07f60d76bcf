import { Accelerator } from "./accelerator";
import { MONITOR_PIPE, RUN_FOLDER } from "./environment";

/** The guest of a QEMU worker, planned. */
export interface QemuPlan {
  accelerator: Accelerator;
  arguments: string[];
  binary: string;
  initrd: string | undefined;
  kernel: string;
  kernelArguments: string;
  launcher: string | undefined;
  memoryMib: number;
  role: string;
}

/** Memory that QEMU takes beside the guest's own, in MiB. */
export const QEMU_OVERHEAD_MIB = 512;

/** QEMU's monitor: it makes this socket once the machine stands, so the probes look for it. */
export const MONITOR_SOCKET = `${RUN_FOLDER}/monitor.sock`;

/**
 * QEMU's command line: memory, kernel and role first, as the guest's documentation states them, then what
 * a machine without a screen on a KVM node needs, then a monitor for the drain. Kubernetes resolves `$(ROLE)`.
 * Source: https://www.qemu.org/docs/master/system/invocation.html
 */
export function qemuCommand(guest: QemuPlan, assetsMountPath: string): string[] {
  const words = ["COHROLE=$(ROLE)", guest.kernelArguments].filter((word) => word !== "");
  return [
    ...(guest.launcher === undefined ? [] : [guest.launcher]),
    guest.binary,
    "-m",
    String(guest.memoryMib),
    "-kernel",
    `${assetsMountPath}/${guest.kernel}`,
    ...(guest.initrd === undefined ? [] : ["-initrd", `${assetsMountPath}/${guest.initrd}`]),
    "-append",
    words.join(" "),
    ...accelerated(guest.accelerator),
    "-display",
    "none",
    "-serial",
    "stdio",
    "-no-reboot",
    "-qmp",
    `unix:${MONITOR_SOCKET},server=on,wait=off`,
    "-chardev",
    `pipe,id=drain,path=${MONITOR_PIPE}`,
    "-mon",
    "chardev=drain,mode=readline",
    ...guest.arguments,
  ];
}

/** Software has no processor of the host's to hand on: it brings its own model. */
function accelerated(accelerator: Accelerator): string[] {
  switch (accelerator) {
    case Accelerator.Kvm:
      return ["-accel", "kvm", "-cpu", "host"];
    case Accelerator.Tcg:
      return ["-accel", "tcg"];
    default:
      return accelerator satisfies never;
  }
}
