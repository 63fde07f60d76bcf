/** Architecture of a machine, as Kubernetes spells it in `kubernetes.io/arch`. */
export const MachineArchitecture = {
  /** Intel and AMD: x86_64. */
  Amd64: "amd64",
  /** Arm: aarch64. */
  Arm64: "arm64",
} as const;
/** See the members of the constant of the same name. */
export type MachineArchitecture = (typeof MachineArchitecture)[keyof typeof MachineArchitecture];
