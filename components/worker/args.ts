import type { Input } from "@pulumi/pulumi";
import type { ConsulRef } from "../consul/consul-ref";
import type { Toleration } from "../shared/node-contract";
import type { Isolation, Vmm } from "./vmm";

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
  /** Further arguments of QEMU, after the component's own. Defaults to none. */
  arguments?: string[];
  /** The QEMU program of the image. Defaults to "qemu-system-x86_64". */
  binary?: string;
  /** The asset that QEMU boots, a file of the asset set. Defaults to "vmlinux". */
  kernel?: string;
  /** The guest's memory in MiB. Defaults to 2048. */
  memoryMib?: number;
  /** The role that the guest boots into, passed as `COHROLE`. Defaults to "DroneWorker". */
  role?: string;
}

/** Arguments of {@link WorkerDaemonSet}. */
export interface WorkerDaemonSetArgs {
  /**
   * Id of the asset set that workers run from: the output `assetSet` of a `NodeProvisioner`. With another one, workers
   * are replaced `maxUnavailable` at a time, and each waits until its node is proven with it.
   */
  assetSet: Input<string>;
  /** The worker's image, by digest. It must contain a POSIX shell, `grep` and `test`. */
  image: string;
  /** Namespace of the node agents: its Pod Security level must be `privileged`. */
  namespace: Input<string>;
  /**
   * Files of the asset set without which a worker must not start. Defaults to `firecracker`, `vmlinux`
   * and `rootfs.ext4` with Firecracker, and to the guest's kernel with QEMU.
   */
  assetFiles?: string[];
  /** Where the worker sees the asset set. Defaults to "/var/firecracker", or "/assets" with QEMU. */
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
   * Further environment variables; Kubernetes expands `$(NAME)` in their values. Defaults to none.
   */
  environment?: Record<string, Input<string>>;
  /** Further environment variables whose values lie in Secrets. Defaults to none. */
  environmentSecrets?: WorkerSecretVariable[];
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
  /** The guest of a QEMU worker; only with `Vmm.Qemu`. Defaults to what {@link QemuGuest} says. */
  qemu?: QemuGuest;
  /** How workers show up in Consul; only with `consul`. Defaults to what {@link WorkerRegistration} says. */
  registration?: WorkerRegistration;
  /** What a worker gets of its node. Defaults to what {@link WorkerResources} says. */
  resources?: WorkerResources;
  /** Room for sockets, logs and guests' writable disks on the node, in GiB. Defaults to 10. */
  runVolumeGib?: number;
  /**
   * Gives the pod what TAP devices need: `/dev/net/tun` and, in its own network namespace, `NET_ADMIN`.
   * Defaults to true with Firecracker, which has no other network, and to false with QEMU.
   */
  tapNetworking?: boolean;
  /** How long guests have to end before a worker is killed, in seconds. Defaults to 120. */
  terminationGracePeriodSeconds?: number;
  /** Further taints to tolerate beside the worker taint. Defaults to none. */
  tolerations?: Toleration[];
  /** The virtual machine monitor. Defaults to `Vmm.Firecracker`. */
  vmm?: Vmm;
}
