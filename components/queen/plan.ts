import type { Input } from "@pulumi/pulumi";
import { DEFAULT_ASSETS_ROOT } from "../node-provisioner/assets-root";
import { type Planned, planned } from "../shared/faults";
import { selectorLabels } from "../shared/labels";
import { objectName } from "../shared/names";
import { nodeContract } from "../shared/node-contract";
import { Accelerator } from "../vm-pod/accelerator";
import { QEMU_OVERHEAD_MIB, qemuCommand, type QemuPlan } from "../vm-pod/qemu";
import type { VmPod } from "../vm-pod/vm-pod";
import { WORKER_APP } from "../worker/ports";
import type { QueenArgs, QueenConsumer, QueenGuest, QueenIssuer, QueenLoadBalancer } from "./args";
import { diskArguments, diskGib } from "./disk";
import { queenFaults } from "./faults";
import { networkArguments } from "./guest-network";
import { identityUri } from "./identity";
import { QUEEN_APP } from "./ports";
import { QueenRole } from "./roles";
import { clientSecretName, serverSecretName } from "./secret-names";

/** A consumer, with every default filled in. */
export interface QueenConsumerPlan {
  name: string;
  namespace: Input<string>;
  podLabels: Record<string, string>;
  role: QueenRole;
  secretName: string;
  /** The identity: a URI in its certificate. */
  uri: Input<string>;
}

/** The names of the objects of an instance. */
interface QueenNames {
  /** StatefulSet, ServiceAccount, PriorityClass, NetworkPolicy and the Service of workers and gateways. */
  queen: string;
  /** Service of the uploaders. */
  uploads: string;
  /** Service of the uploaders outside the cluster. */
  balancer: string;
  authority: string;
  tls: string;
  volume: string;
}

/** A Queen, with every default filled in. */
export interface QueenPlan extends VmPod {
  name: string;
  command: string[];
  consumers: QueenConsumerPlan[];
  cpu: string;
  deletionProtection: boolean;
  diskGib: number;
  egressCidrs: string[];
  issuer: QueenIssuer | undefined;
  leafDays: number;
  loadBalancer: QueenLoadBalancer | undefined;
  memory: string;
  names: QueenNames;
  namespace: Input<string>;
  ownPriorityClass: boolean;
  podLabels: Record<string, string>;
  priorityClassName: Input<string>;
  proxyImage: string;
  role: string;
  storageClass: Input<string> | undefined;
  storageGib: number;
  terminationGracePeriodSeconds: number;
  trustedCertificates: Input<string>[];
}

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  assetsMountPath: "/assets",
  cpu: "1",
  leafDays: 365,
  leafDaysByIssuer: 90,
  storageGib: 20,
  terminationGracePeriodSeconds: 120,
  guest: Object.freeze({
    accelerator: Accelerator.Kvm,
    binary: "qemu-system-x86_64",
    fabricPort: 564,
    kernel: "vmlinux",
    kernelArguments: "",
    memoryMib: 2048,
    role: "QueenPrimary",
    uploadsPort: 565,
  }),
});

/** The pods of a role, where nobody says otherwise. */
const APPS: Readonly<Record<QueenRole, string>> = Object.freeze({
  [QueenRole.Worker]: WORKER_APP,
  [QueenRole.Gateway]: "api-gateway",
  [QueenRole.Uploader]: "trace-uploader",
});

/** Plans a Queen, or names everything that is wrong with its arguments. */
export function planQueen(name: string, args: QueenArgs): Planned<QueenPlan> {
  return planned(queenFaults(name, args), () => {
    const guest: Guest = { ...defaults.guest, ...args.guest };
    const assetsMountPath = args.assetsMountPath ?? defaults.assetsMountPath;
    return {
      ...placement(name, args),
      ...certificates(args),
      assetFiles: args.assetFiles ?? [
        guest.kernel,
        ...(guest.initrd === undefined ? [] : [guest.initrd]),
      ],
      assetsMountPath,
      command: qemuCommand(machine(guest), assetsMountPath),
      consumers: (args.consumers ?? []).map((consumer) => planConsumer(name, args, consumer)),
      cpu: args.cpu ?? defaults.cpu,
      deletionProtection: args.deletionProtection ?? true,
      diskGib: diskGib(args.storageGib ?? defaults.storageGib),
      egressCidrs: guest.egressCidrs ?? [],
      image: args.image,
      loadBalancer: args.loadBalancer,
      memory: `${guest.memoryMib + QEMU_OVERHEAD_MIB}Mi`,
      name,
      names: objectNames(name),
      podLabels: selectorLabels(QUEEN_APP, objectName([name])),
      proxyImage: args.proxyImage,
      role: guest.role,
      storageClass: args.storageClass,
      storageGib: args.storageGib ?? defaults.storageGib,
      terminationGracePeriodSeconds:
        args.terminationGracePeriodSeconds ?? defaults.terminationGracePeriodSeconds,
    };
  });
}

function placement(name: string, args: QueenArgs) {
  return {
    assetSet: args.assetSet,
    assetsRoot: args.assetsRoot ?? DEFAULT_ASSETS_ROOT,
    contract: nodeContract(args.domain),
    namespace: args.namespace,
    nodeSelector: args.nodeSelector ?? {},
    ownPriorityClass: args.priorityClassName === undefined,
    priorityClassName: args.priorityClassName ?? objectName([name]),
    tolerations: args.tolerations ?? [],
  };
}

function certificates({ certificates: { issuer, leafDays, trustedCertificates } = {} }: QueenArgs) {
  const days = issuer === undefined ? defaults.leafDays : defaults.leafDaysByIssuer;
  return {
    issuer,
    leafDays: leafDays ?? days,
    trustedCertificates: trustedCertificates ?? [],
  };
}

/** The guest, with every default filled in. */
type Guest = QueenGuest & Required<Pick<QueenGuest, keyof typeof defaults.guest>>;

function machine(guest: Guest): QemuPlan {
  return {
    accelerator: guest.accelerator,
    arguments: [...networkArguments(guest), ...diskArguments(), ...(guest.arguments ?? [])],
    binary: guest.binary,
    initrd: guest.initrd,
    kernel: guest.kernel,
    kernelArguments: guest.kernelArguments,
    launcher: undefined,
    memoryMib: guest.memoryMib,
    role: guest.role,
  };
}

function planConsumer(
  queen: string,
  args: QueenArgs,
  { name, namespace, podLabels, role, secretName }: QueenConsumer,
): QueenConsumerPlan {
  return {
    name,
    namespace: namespace ?? args.namespace,
    podLabels: podLabels ?? { "app.kubernetes.io/name": APPS[role] },
    role,
    secretName: secretName ?? clientSecretName(queen, name),
    uri: identityUri(
      { domain: nodeContract(args.domain).domain, namespace: args.namespace, queen },
      role,
    ),
  };
}

function objectNames(name: string): QueenNames {
  return {
    queen: objectName([name]),
    uploads: objectName([name, "uploads"]),
    balancer: objectName([name, "uploads", "balancer"]),
    authority: objectName([name, "ca"]),
    tls: serverSecretName(name),
    volume: objectName([name, "srv"]),
  };
}
