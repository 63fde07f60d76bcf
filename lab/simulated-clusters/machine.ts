/** The size of a simulated machine. */
export interface MachineSize {
  cpus: number;
  memoryGib: number;
  architecture: "amd64" | "arm64";
}

const GIB_PER_CPU = 4;

// Of EC2's bare-metal sizes without a number: enough for any pod, and no more than the smallest of them has.
const METAL_CPUS = 48;

const UNKNOWN_CPUS = 16;

/**
 * About what a machine type offers, read from its name: CPUs by the clouds' own naming, 4 GiB each whatever the family.
 * A name that tells nothing counts as 16 CPUs. Good enough for a scheduler; the catalogue of the library has the facts.
 */
export function machineSize(machineType: string): MachineSize {
  const cpus = cpusOf(machineType);
  return { cpus, memoryGib: cpus * GIB_PER_CPU, architecture: architectureOf(machineType) };
}

function cpusOf(machineType: string): number {
  const [, size] = /^[a-z][\w-]*\.([\w-]+)$/.exec(machineType) ?? [];
  if (size !== undefined) return cpusOfEc2(size);
  const [, azure] = /^Standard_[A-Z]+(\d+)/.exec(machineType) ?? [];
  if (azure !== undefined) return Number(azure);
  const [, google] = /-(\d+)(?:-metal|-lssd)?$/.exec(machineType) ?? [];
  return google === undefined ? UNKNOWN_CPUS : Number(google);
}

function cpusOfEc2(size: string): number {
  const [, times] = /(\d+)xl(?:arge)?$/.exec(size) ?? [];
  if (times !== undefined) return 4 * Number(times);
  if (size.startsWith("metal")) return METAL_CPUS;
  return size === "xlarge" ? 4 : 2;
}

function architectureOf(machineType: string): "amd64" | "arm64" {
  const isArm =
    /^(?:[a-z]+\d+g[a-z]*|a1)\./.test(machineType) ||
    /^(?:t2a|c4a|n4a|a4x)-/.test(machineType) ||
    /^Standard_[A-Z]+\d+(?:-\d+)?[a-z]*p[a-z]*_/.test(machineType);
  return isArm ? "arm64" : "amd64";
}
