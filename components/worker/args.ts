import type { Input } from "@pulumi/pulumi";
import type { ConsulRef } from "../consul/consul-ref";
import type { QueenRef } from "../queen/queen-ref";
import type { Toleration } from "../shared/node-contract";
import type { Accelerator } from "../vm-pod/accelerator";
import type { Isolation, TapDevices, Vmm } from "./vmm";

/** One environment variable of a worker whose value lies in a Secret. */
export interface WorkerSecretVariable {
  /** Name of the variable. */
  name: string;
  /** The key of the Secret that holds the value. */
  secretKey: string;
  /** Name of the Secret, in the workers' namespace. */
  secretName: Input<string>;
}

/** What one worker pod gets of its node. What the guests use counts towards it. */
export interface WorkerResources {
  /** CPU that is kept free for the worker and its guests, as in `2` or `500m`. Defaults to "1". */
  cpu?: string;
  /**
   * Memory that is kept free for, and at most used by, the worker and its guests together, as in `16Gi`.
   * Defaults to "4Gi" with Firecracker, and with QEMU to the guest's memory and 512 MiB for QEMU itself.
   */
  memory?: string;
}

/** How workers show up in Consul's catalogue. */
export interface WorkerRegistration {
  /**
   * Further metadata; `node` and `kvm_enabled` are always there. Defaults to none.
   */
  meta?: Record<string, string>;
  /** Name of the service. Defaults to the component's logical name. */
  serviceName?: string;
  /** Tags of the service. Defaults to "worker", the monitor's name and "kvm". */
  tags?: string[];
}

/** The guest of a QEMU worker. */
export interface QemuGuest {
  /** What runs the guest's instructions. Defaults to `Accelerator.Kvm`. */
  accelerator?: Accelerator;
  /** Further arguments of QEMU, after the component's own. Defaults to none. */
  arguments?: string[];
  /** The QEMU program of the image. Defaults to "qemu-system-x86_64". */
  binary?: string;
  /** The guest's initial RAM disk, a file of the asset set. Defaults to none. */
  initrd?: string;
  /** The asset that QEMU boots, a file of the asset set. Defaults to "vmlinux". */
  kernel?: string;
  /** Further words of the kernel's command line, after `COHROLE=ROLE`. Defaults to none. */
  kernelArguments?: string;
  /**
   * A program of the image that gets QEMU's whole command line as its arguments, starts it and minds it: for images that
   * answer `GET /health` or register the guest. Defaults to none: QEMU is the container's process.
   */
  launcher?: string;
  /** The guest's memory in MiB. Defaults to 2048. */
  memoryMib?: number;
  /** The role that the guest boots into, passed as `COHROLE`. Defaults to "DroneWorker". */
  role?: string;
}

/**
 * The network between guests and pod: TAP devices `tap0`, `tap1` and so on, each with a net of its own, and the packet
 * filter around them. Guests reach neither each other nor the cloud's metadata address, whatever is said here.
 */
export interface GuestNetwork {
  /** Further addresses or CIDR blocks, IPv4 or IPv6, that no guest reaches. Defaults to none. */
  blocked?: string[];
  /** The IPv4 block of the guests, of which each TAP device takes a /30. Defaults to "198.18.0.0/20". */
  cidr?: string;
  /** Lets guests out of the pod, behind its address. Defaults to true. */
  egress?: boolean;
  /** TCP ports of the pod that guests may reach. Defaults to none. */
  guestPorts?: number[];
  /**
   * An image by digest for the container that makes this network: with a POSIX shell, `ip` of iproute2, and `nft`.
   * Defaults to the worker's.
   */
  image?: string;
  /**
   * The interfaces of the host whose packets are guests', `*` at the end for any that begin so; only with
   * `Isolation.PrivilegedHostNetwork`. Defaults to "tap*".
   */
  interfaces?: string[];
  /** The IPv6 block of the guests, of which each TAP device takes a /126. Defaults to "fdcb:6b76:6d::/112". */
  ipv6Cidr?: string;
  /**
   * The user id that may open the TAP devices: with `Isolation.Jailer` `tapN` belongs to this number plus N.
   * Defaults to 0, and to 64000 with `Isolation.Jailer`.
   */
  owner?: number;
  /** How many TAP devices there are, 1 to 1024. Defaults to 16 with Firecracker and to 1 with QEMU. */
  taps?: number;
}

/** Arguments of {@link WorkerDaemonSet}. */
export interface WorkerDaemonSetArgs {
  /**
   * Id of the asset set that workers run from: the output `assetSet` of a `NodeProvisioner`. With another one, workers
   * are replaced `maxUnavailable` at a time, and each waits until its node is proven with it.
   */
  assetSet: Input<string>;
  /** The worker's image, by digest. What it must contain is in docs/worker.md. */
  image: string;
  /** Namespace of the node agents: its Pod Security level must be `privileged`. */
  namespace: Input<string>;
  /**
   * An AppArmor profile, loaded on the nodes beforehand, that confines the workers' container. Defaults to the container
   * runtime's own; with `Isolation.Jailer` to none at all, since that one denies every mount, and the jailer mounts.
   */
  appArmorProfile?: string;
  /**
   * Files of the asset set that are compared with the manifest's SHA-256 before a worker starts. Defaults to
   * `firecracker`, `vmlinux` and `rootfs.ext4` with Firecracker, to `jailer` beside those with `Isolation.Jailer`,
   * and to the guest's kernel and initial RAM disk with QEMU.
   */
  assetFiles?: string[];
  /** Where the worker sees the asset set, read-only. Defaults to "/var/firecracker", or "/assets" with QEMU. */
  assetsMountPath?: string;
  /** The provisioner's folder on the node. Defaults to "/var/lib/kvm-fabric". */
  assetsRoot?: string;
  /** The worker's command. Defaults to the image's own with Firecracker, and to QEMU's command line. */
  command?: string[];
  /** Consul, where workers register themselves. Defaults to no registration. */
  consul?: ConsulRef;
  /** The domain of the node contract. Defaults to "kvm-fabric.dev". */
  domain?: string;
  /**
   * What is run in a worker before it is told to end: it returns once the guests have gone. Defaults to the component's
   * own, which tells the worker to take no more guests and waits until no monitor runs: see docs/worker.md.
   */
  drainCommand?: string[];
  /**
   * Further environment variables; Kubernetes expands `$(NAME)` in their values. Defaults to none.
   */
  environment?: Record<string, Input<string>>;
  /** Further environment variables whose values lie in Secrets. Defaults to none. */
  environmentSecrets?: WorkerSecretVariable[];
  /** The network between guests and pod. Defaults to what {@link GuestNetwork} says. */
  guestNetwork?: GuestNetwork;
  /**
   * Port of `GET /health`. Defaults to 8081 with Firecracker; with QEMU to none, since a guest answers
   * nothing in the pod's network by itself: there QEMU's monitor socket says that it runs.
   */
  healthPort?: number;
  /**
   * Lets the pod's own network namespace forward packets (`net.ipv4.ip_forward`), which guests behind NAT
   * need. The kubelet must allow that sysctl (`--allowed-unsafe-sysctls`). Defaults to false.
   */
  ipForwarding?: boolean;
  /** How a worker reaches KVM and the network. Defaults to `Isolation.DevicePlugin`. */
  isolation?: Isolation;
  /** The kubelet's folder on the nodes; only with `Isolation.Jailer`. Defaults to "/var/lib/kubelet". */
  kubeletRoot?: string;
  /** How many workers a rollout may take down at once: a count or a percentage. Defaults to "1". */
  maxUnavailable?: string;
  /**
   * Makes a PodDisruptionBudget that refuses evictions below so many ready workers. Only a count works for
   * a DaemonSet, and a budget can keep an autoscaler from removing the last nodes. Defaults to none.
   */
  minAvailable?: number;
  /** Further labels that a node must have. Defaults to none. */
  nodeSelector?: Record<string, string>;
  /** An existing PriorityClass. Defaults to one of the component's own, with value 1,000,000. */
  priorityClassName?: Input<string>;
  /**
   * Why the workers must be privileged: required with `Isolation.PrivilegedHostNetwork`, and recorded on the DaemonSet
   * and its pods as the annotation `DOMAIN/privileged-reasons`. With any other isolation there must be none.
   */
  privilegedReasons?: string[];
  /** The guest of a QEMU worker; only with `Vmm.Qemu`. Defaults to what {@link QemuGuest} says. */
  qemu?: QemuGuest;
  /**
   * Queen, the fabric's primary, which each worker reaches in plain 9P at `KVM_FABRIC_QUEEN_ADDRESS`: a proxy of the pod
   * speaks TLS for it. Not with `Isolation.PrivilegedHostNetwork`. Defaults to none.
   */
  queen?: QueenRef;
  /** Ghostunnel's image, by digest; required with `queen`. Its entry point must be `ghostunnel`. Defaults to none. */
  queenProxyImage?: string;
  /** How workers show up in Consul; only with `consul`. Defaults to what {@link WorkerRegistration} says. */
  registration?: WorkerRegistration;
  /** What a worker gets of its node. Defaults to what {@link WorkerResources} says. */
  resources?: WorkerResources;
  /** Room for sockets, logs and guests' writable disks on the node, in GiB. Defaults to 10. */
  runVolumeGib?: number;
  /**
   * Who makes the TAP devices of the guests. Defaults to `TapDevices.Helper` with Firecracker, which has no other
   * network, to `TapDevices.None` with QEMU, and to `TapDevices.Worker`, the only one there, in the host's network.
   */
  tapDevices?: TapDevices;
  /** How long guests have to end before a worker is killed, in seconds. Defaults to 120. */
  terminationGracePeriodSeconds?: number;
  /** Further taints to tolerate beside the worker taint. Defaults to none. */
  tolerations?: Toleration[];
  /** The virtual machine monitor. Defaults to `Vmm.Firecracker`. */
  vmm?: Vmm;
  /**
   * Lets the worker itself reach the cloud's metadata address, for workers that take their identity from it: then only
   * guests behind TAP devices are kept from it, not those behind QEMU's user networking. Defaults to false.
   */
  workerMetadata?: boolean;
}
