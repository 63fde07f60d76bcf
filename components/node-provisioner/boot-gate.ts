import type { Fault } from "../shared/faults";
import { wholeNumberFaults } from "../shared/numbers";

/**
 * How a node shows that its files boot: a throwaway microVM without a network must say a known string on its console
 * before the node counts as proven, and before an upgrade becomes current.
 */
export interface BootGate {
  /**
   * What the microVM must say on its console. Defaults to "as init process", which the kernel says once it has mounted
   * the root file system and starts its init.
   */
  expect?: string;
  /** Bound on the boot, in seconds. Defaults to 60. The microVM is killed then. */
  seconds?: number;
  /** Memory of Firecracker's microVM, in MiB. Defaults to 128. It counts as the container's. */
  memoryMib?: number;
  /** Kernel command line of Firecracker's microVM. Defaults to "console=ttyS0 reboot=k panic=1 pci=off". */
  kernelArguments?: string;
  /**
   * Another VMM's program and arguments. Each may hold `@kernel@`, `@rootfs@`, `@versionFolder@` (the installed files, which
   * must not be changed) and `@gateFolder@` (an empty folder of its own). Defaults to the Firecracker of the set.
   */
  command?: string[];
  /** What the log says of how the microVM ran, as in "TCG". Defaults to "KVM". */
  mode?: string;
}

/** A gate with every default filled in. */
export const gateDefaults = Object.freeze({
  expect: "as init process",
  seconds: 60,
  memoryMib: 128,
  kernelArguments: "console=ttyS0 reboot=k panic=1 pci=off",
  mode: "KVM",
});

/** Every fault of a gate, of a set that has a VMM or brings none. */
export function bootGateFaults(path: string, gate: BootGate, hasVmm: boolean): Fault[] {
  return [
    ...lineFaults(`${path}.expect`, gate.expect),
    ...lineFaults(`${path}.mode`, gate.mode),
    ...lineFaults(`${path}.kernelArguments`, gate.kernelArguments, /^[^"\\]*$/),
    ...wholeNumberFaults(`${path}.seconds`, gate.seconds, 1, 3600),
    ...wholeNumberFaults(`${path}.memoryMib`, gate.memoryMib, 32, 65_536),
    ...commandFaults(`${path}.command`, gate.command, hasVmm),
  ];
}

function commandFaults(path: string, command: string[] | undefined, hasVmm: boolean): Fault[] {
  if (command === undefined && hasVmm) return [];
  if (command === undefined || command.length === 0) {
    return [
      { path, problem: "missing without a VMM in the set", allowed: "a program and its arguments" },
    ];
  }
  return command.flatMap((word, index) => lineFaults(`${path}[${String(index)}]`, word));
}

function lineFaults(path: string, text: string | undefined, more = /^/): Fault[] {
  if (text === undefined || (/^[ -~]{1,1000}$/.test(text) && more.test(text))) return [];
  return [
    { path, problem: "not one line", got: text, allowed: "1 to 1000 printable ASCII characters" },
  ];
}
