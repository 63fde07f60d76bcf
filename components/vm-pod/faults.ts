import type { Fault } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { wholeNumberFaults } from "../shared/numbers";
import { Accelerator } from "./accelerator";

/** Checks a folder of the node or of a container. Nothing at all is no fault. */
export function pathFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(got)) return [];
  return [
    { path, problem: "not an absolute path", got, allowed: "/a/b without a dash at the end" },
  ];
}

/** Checks the name of a file of the asset set. */
export function fileFaults(path: string, got: string): Fault[] {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(got)) return [];
  return [{ path, problem: "not the name of a file", got, allowed: "letters, digits, . _ and -" }];
}

/** Checks labels that a node must have. */
export function selectorFaults(labels: Record<string, string> = {}): Fault[] {
  const word = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
  const key = new RegExp(`^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?${word}$`);
  const value = new RegExp(`^(${word})?$`);
  return Object.entries(labels).flatMap(([label, wanted]) =>
    key.test(label) && value.test(wanted)
      ? []
      : [{ path: `nodeSelector.${label}`, problem: "not a label", got: `${label}=${wanted}` }],
  );
}

/** What of a QEMU's guest is checked. */
interface Machine {
  accelerator?: Accelerator;
  binary?: string;
  initrd?: string;
  kernel?: string;
  memoryMib?: number;
  role?: string;
}

/** Checks a QEMU's guest; `at` is the path of the argument. */
export function machineFaults(at: string, machine: Machine): Fault[] {
  const files = (["initrd", "kernel", "role"] as const).flatMap((name) => {
    const file = machine[name];
    return file === undefined ? [] : fileFaults(`${at}.${name}`, file);
  });
  return [
    ...memberFaults(`${at}.accelerator`, machine.accelerator, Object.values(Accelerator)),
    ...wholeNumberFaults(`${at}.memoryMib`, machine.memoryMib, 16, 16_777_216),
    ...files,
    ...programFaults(`${at}.binary`, machine.binary),
  ];
}

/** Checks a program of an image. Nothing at all is no fault. */
export function programFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || /^\/?[A-Za-z0-9_][A-Za-z0-9._/+-]*$/.test(got)) return [];
  const allowed = "a name or a path of letters, digits, . _ + and -";
  return [{ path, problem: "not a program", got, allowed }];
}
