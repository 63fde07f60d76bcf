import type { MachineArchitecture } from "../../shared/machine-architecture";

/** How a machine gives `/dev/kvm`. */
export const KvmAccess = {
  /** The whole machine is ours: the processor's own virtualisation. */
  Metal: "metal",
  /** A virtual machine that may run virtual machines of its own. */
  Nested: "nested",
} as const;
/** See the members of the constant of the same name. */
export type KvmAccess = (typeof KvmAccess)[keyof typeof KvmAccess];

/**
 * A machine that the catalogue does not list, vouched for by whoever declares it. The node provisioner proves it
 * in the end: a node on which no microVM boots is never given to workers.
 */
export interface DeclaredMachine {
  /** Its architecture. */
  architecture: MachineArchitecture;
  /** How it gives `/dev/kvm`. */
  kvm: KvmAccess;
  /** The cloud's name for it, as in `m9i.2xlarge`. */
  type: string;
}

/** A family of machines that give `/dev/kvm`. */
export interface MachineFamily {
  architecture: MachineArchitecture;
  kvm: KvmAccess;
  /** What the least image must be, as the user reads it. */
  image: string;
  /** The least kernel of the host, as in `6.1`. */
  kernel: string;
}

/** What is known of a machine: of the catalogue or declared. */
export interface Machine {
  architecture: MachineArchitecture;
  kvm: KvmAccess;
  type: string;
}

/** The date (UTC) on which the catalogue's facts were last looked up; families of machines appear all the time. */
export const CATALOGUE_DATE = "2026-08-22";
