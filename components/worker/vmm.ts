/** The virtual machine monitor that a worker runs its guests with. */
export const Vmm = {
  /** Many microVMs a worker: a supervising process starts one Firecracker each. */
  Firecracker: "firecracker",
  /** One virtual machine a worker pod: QEMU itself is the container's process. */
  Qemu: "qemu",
} as const;
/** See the members of the constant of the same name. */
export type Vmm = (typeof Vmm)[keyof typeof Vmm];

/** How a worker pod reaches `/dev/kvm` and the network. */
export const Isolation = {
  /**
   * The kubelet hands the device over through the device plugin; the pod keeps its own network namespace
   * and no privilege beyond what the guests' network needs.
   */
  DevicePlugin: "device-plugin",
  /**
   * UNSAFE: a privileged container in the host's network namespace. Whoever breaks out of a guest's
   * monitor owns the node, and NetworkPolicies do not apply. For worker images that insist on it.
   */
  PrivilegedHostNetwork: "privileged-host-network",
} as const;
/** See the members of the constant of the same name. */
export type Isolation = (typeof Isolation)[keyof typeof Isolation];
