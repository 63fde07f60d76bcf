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
   * The kubelet hands the device over through the device plugin; the worker keeps its own network namespace and, unless
   * it makes TAP devices itself, no capability at all.
   */
  DevicePlugin: "device-plugin",
  /**
   * As `DevicePlugin`, with what Firecracker's jailer needs beside: seven capabilities, SYS_ADMIN among them, below a
   * seccomp profile of its own. Each guest gets a user, a root folder and namespaces of its own; whoever takes over the
   * worker itself is near the node. Only with `Vmm.Firecracker`.
   */
  Jailer: "jailer",
  /**
   * UNSAFE: a privileged container in the host's network namespace. Whoever breaks out of a guest's
   * monitor owns the node, and NetworkPolicies do not apply. For worker images that insist on it; wants
   * `privilegedReasons`.
   */
  PrivilegedHostNetwork: "privileged-host-network",
} as const;
/** See the members of the constant of the same name. */
export type Isolation = (typeof Isolation)[keyof typeof Isolation];

/** Who makes the TAP devices of the guests. */
export const TapDevices = {
  /** A container that runs before the worker and has gone when it starts: the worker needs no capability for them. */
  Helper: "helper",
  /** The worker, which holds NET_ADMIN for it. */
  Worker: "worker",
  /** Nobody: guests have QEMU's user networking, or none. */
  None: "none",
} as const;
/** See the members of the constant of the same name. */
export type TapDevices = (typeof TapDevices)[keyof typeof TapDevices];
