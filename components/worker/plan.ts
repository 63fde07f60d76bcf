import type { Input } from "@pulumi/pulumi";
import type { ConsulRef } from "../consul/consul-ref";
import { DEFAULT_ASSETS_ROOT } from "../node-provisioner/assets-root";
import { type Planned, planned } from "../shared/faults";
import { nodeContract } from "../shared/node-contract";
import { maxUnavailablePods } from "../shared/rollouts";
import { Accelerator } from "../vm-pod/accelerator";
import { QEMU_OVERHEAD_MIB, type QemuPlan, qemuCommand } from "../vm-pod/qemu";
import type { VmPod } from "../vm-pod/vm-pod";
import type { WorkerDaemonSetArgs, WorkerSecretVariable } from "./args";
import { workerFaults } from "./faults";
import { networkContext, tapDevicesOf } from "./network-context";
import { type GuestNetworkPlan, planGuestNetwork } from "./network/plan";
import { WORKER_HEALTH_PORT } from "./ports";
import type { RegistrationPlan } from "./registration";
import { type WorkerQueen, workerQueen } from "./queen";
import { planSeccomp, type SeccompPlan } from "./seccomp";
import { Isolation, type TapDevices, Vmm } from "./vmm";

/** A worker DaemonSet, with every default filled in. */
export interface WorkerPlan extends VmPod {
  /** A Localhost profile; undefined: the runtime's own, or none at all with the jailer. */
  appArmorProfile: string | undefined;
  /** Empty: the image's own command. */
  command: string[];
  consul: ConsulRef | undefined;
  cpu: string;
  /** Undefined: the component's own. */
  drainCommand: string[] | undefined;
  environment: Record<string, Input<string>>;
  environmentSecrets: WorkerSecretVariable[];
  guestNetwork: GuestNetworkPlan;
  healthPort: number | undefined;
  ipForwarding: boolean;
  isolation: Isolation;
  kubeletRoot: string;
  maxUnavailable: number | string;
  memory: string;
  minAvailable: number | undefined;
  namespace: Input<string>;
  /** Of the container that makes the guests' network. */
  networkImage: string;
  ownPriorityClass: boolean;
  priorityClassName: Input<string>;
  privilegedReasons: string[];
  qemu: QemuPlan | undefined;
  /** Undefined: workers do not talk to her. */
  queen: WorkerQueen | undefined;
  registration: RegistrationPlan | undefined;
  runVolumeGib: number;
  /** The jailer's; undefined without it. */
  seccomp: SeccompPlan | undefined;
  tapDevices: TapDevices;
  terminationGracePeriodSeconds: number;
  vmm: Vmm;
}

/** What holds where an argument is left out, whatever the monitor. */
export const defaults = Object.freeze({
  assetsRoot: DEFAULT_ASSETS_ROOT,
  cpu: "1",
  isolation: Isolation.DevicePlugin,
  kubeletRoot: "/var/lib/kubelet",
  maxUnavailable: "1",
  memory: "4Gi",
  runVolumeGib: 10,
  terminationGracePeriodSeconds: 120,
  qemu: Object.freeze({
    accelerator: Accelerator.Kvm,
    arguments: [],
    binary: "qemu-system-x86_64",
    initrd: undefined,
    kernel: "vmlinux",
    kernelArguments: "",
    launcher: undefined,
    memoryMib: 2048,
    role: "DroneWorker",
  }),
});

/** Plans a worker DaemonSet, or names everything that is wrong with its arguments. */
export function planWorker(name: string, args: WorkerDaemonSetArgs): Planned<WorkerPlan> {
  return planned(workerFaults(name, args), () => {
    const vmm = args.vmm ?? Vmm.Firecracker;
    return {
      ...placement(name, args),
      ...confinement(name, vmm, args),
      ...byMonitor(vmm, args),
      consul: args.consul,
      drainCommand: args.drainCommand,
      environment: args.environment ?? {},
      environmentSecrets: args.environmentSecrets ?? [],
      ...guestNetwork(name, vmm, args),
      image: args.image,
      ipForwarding: args.ipForwarding ?? false,
      queen: workerQueen(name, args),
      registration: registration(name, vmm, args),
      runVolumeGib: args.runVolumeGib ?? defaults.runVolumeGib,
      terminationGracePeriodSeconds:
        args.terminationGracePeriodSeconds ?? defaults.terminationGracePeriodSeconds,
      vmm,
    };
  });
}

function placement(name: string, args: WorkerDaemonSetArgs) {
  return {
    assetSet: args.assetSet,
    assetsRoot: args.assetsRoot ?? defaults.assetsRoot,
    contract: nodeContract(args.domain),
    cpu: args.resources?.cpu ?? defaults.cpu,
    maxUnavailable: maxUnavailablePods(args.maxUnavailable ?? defaults.maxUnavailable),
    minAvailable: args.minAvailable,
    namespace: args.namespace,
    nodeSelector: args.nodeSelector ?? {},
    ownPriorityClass: args.priorityClassName === undefined,
    priorityClassName: args.priorityClassName ?? name,
    tolerations: args.tolerations ?? [],
  };
}

/** How a worker is kept apart from its node. */
function confinement(name: string, vmm: Vmm, args: WorkerDaemonSetArgs) {
  const isolation = args.isolation ?? defaults.isolation;
  return {
    appArmorProfile: args.appArmorProfile,
    isolation,
    kubeletRoot: args.kubeletRoot ?? defaults.kubeletRoot,
    privilegedReasons: args.privilegedReasons ?? [],
    seccomp: isolation === Isolation.Jailer ? planSeccomp(name) : undefined,
    tapDevices: tapDevicesOf(vmm, args),
  };
}

function guestNetwork(name: string, vmm: Vmm, args: WorkerDaemonSetArgs) {
  return {
    guestNetwork: planGuestNetwork(args.guestNetwork, networkContext(name, vmm, args)),
    networkImage: args.guestNetwork?.image ?? args.image,
  };
}

/** What differs from one monitor to the other. */
function byMonitor(vmm: Vmm, args: WorkerDaemonSetArgs) {
  switch (vmm) {
    case Vmm.Firecracker:
      return {
        assetFiles: args.assetFiles ?? firecrackerFiles(args),
        assetsMountPath: args.assetsMountPath ?? "/var/firecracker",
        command: args.command ?? [],
        healthPort: args.healthPort ?? WORKER_HEALTH_PORT,
        memory: args.resources?.memory ?? defaults.memory,
        qemu: undefined,
      };
    case Vmm.Qemu: {
      const qemu = { ...defaults.qemu, ...args.qemu };
      const assetsMountPath = args.assetsMountPath ?? "/assets";
      return {
        assetFiles: args.assetFiles ?? [
          qemu.kernel,
          ...(qemu.initrd === undefined ? [] : [qemu.initrd]),
        ],
        assetsMountPath,
        command: args.command ?? qemuCommand(qemu, assetsMountPath),
        healthPort: args.healthPort,
        memory: args.resources?.memory ?? `${qemu.memoryMib + QEMU_OVERHEAD_MIB}Mi`,
        qemu,
      };
    }
    default:
      return vmm satisfies never;
  }
}

function firecrackerFiles({ isolation }: WorkerDaemonSetArgs): string[] {
  const jailer = isolation === Isolation.Jailer ? ["jailer"] : [];
  return ["firecracker", ...jailer, "vmlinux", "rootfs.ext4"];
}

function registration(
  name: string,
  vmm: Vmm,
  args: WorkerDaemonSetArgs,
): RegistrationPlan | undefined {
  if (args.consul === undefined) return undefined;
  return {
    serviceName: args.registration?.serviceName ?? name,
    tags: args.registration?.tags ?? ["worker", vmm, "kvm"],
    meta: args.registration?.meta ?? {},
    healthPort: args.healthPort ?? WORKER_HEALTH_PORT,
  };
}
