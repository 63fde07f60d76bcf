import * as fs from "node:fs";
import * as path from "node:path";
import { Accelerator } from "../../../components/vm-pod/accelerator";
import type { WorkerDaemonSetArgs } from "../../../components/worker/args";
import { TapDevices, Vmm } from "../../../components/worker/vmm";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import { programOf } from "../../../lab/processes";
import { conditionOf, type KubeObject } from "../../../lab/kube/objects";
import { WORKER_LAUNCHER } from "../../../lab/node/images";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { machineFolder } from "../../../lab/node/machine";
import type { RunningNode } from "../../../lab/node/node";
import type { Catalogue } from "../../support/consul-catalogue";
import type { OwnLab } from "../../support/own-lab";
import type { Web } from "../../unit/components/node-provisioner/script/web";
import { objectsOf } from "../consul/objects";
import { openLog } from "../node/container-log";
import { processesOf } from "../node/containers";
import { byDigest, podsOf } from "../node/pods";
import { assetSets, DOMAIN } from "../node/provisioner-stand";

/** Namespace of the provisioner's stand, and so of the workers. */
const NAMESPACE = "agents";
const NAME = "drones";
const TOKEN = "drones-consul";

/** The range of guests, apart from that of the lab's nodes. */
export const GUESTS = {
  cidr: "100.64.0.0/24",
  gateway: "100.64.0.1",
  guest: "100.64.0.2/30",
  gateway6: "fdcb:6b76:6d::1",
  guest6: "fdcb:6b76:6d::2/126",
} as const;

/** Asset sets of the worker's guest: see {@link assetSets}. */
export function guestSets(guest: { kernel: string; initramfs: string }, web: Web) {
  return assetSets({ kernel: guest.kernel, initramfs: fs.readFileSync(guest.initramfs) }, web);
}

/** What one worker of the stand is told. */
export interface WorkerOrder {
  assetSet: string;
  catalogue: Catalogue;
  image: ImageArchive;
  /** Servers that the guest asks, as `address/port`. */
  tried: readonly string[];
}

/** The workers of one real node, from the component's own objects. */
export function workersOn(lab: OwnLab, node: () => RunningNode) {
  const { kubectl } = podsOf(lab);
  const pods = async (): Promise<any[]> => {
    const query = { labelSelector: `app.kubernetes.io/instance=${NAME}` };
    return lab.client.list("v1", "Pod", { namespace: NAMESPACE, query });
  };
  const daemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: NAME, namespace: NAMESPACE },
  };
  return {
    daemonSet,
    pods,
    async rollOut(order: WorkerOrder): Promise<void> {
      const metadata = { name: TOKEN, namespace: NAMESPACE };
      const stringData = { token: order.catalogue.token };
      await lab.client.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData });
      const objects = await objectsOf(() => new WorkerDaemonSet(NAME, argumentsOf(order)));
      for (const object of objects) await lab.client.apply(object);
    },
    /** The worker that is not on its way out. */
    pod: async (): Promise<any> => {
      const all = await pods();
      return all.find(({ metadata }) => metadata.deletionTimestamp === undefined);
    },
    isReady(pod: any): boolean {
      return conditionOf(pod, "Ready")?.status === "True";
    },
    run: (pod: any, script: string, container = "worker"): Promise<string> =>
      kubectl(
        "exec",
        "-n",
        NAMESPACE,
        pod.metadata.name,
        "-c",
        container,
        "--",
        "sh",
        "-c",
        script,
      ),
    /** What the worker's container says. */
    follow: (pod: KubeObject) => openLog(lab.state, pod, "worker"),
    /** Id of the QEMU process of a worker, as this machine counts. Errors: throws where there is none. */
    machineOf(pod: any): number {
      const found = processesOf(`pod${pod.metadata.uid}`).find(
        (id) => programOf(id) === "qemu-system-x86_64",
      );
      if (found === undefined) throw new Error(`no QEMU runs in ${pod.metadata.name}`);
      return found;
    },
    /** A version of an asset set on the node, as this machine sees it. */
    version: (assetSet: string) =>
      path.join(machineFolder(lab.state, node().name), "var/lib/kvm-fabric/versions", assetSet),
  };
}

/** Whether there is a file and anybody holds a shared lock on it, as the kernel says. */
export function isHeld(file: string): boolean {
  const ino = fs.statSync(file, { throwIfNoEntry: false })?.ino;
  const locks = fs.readFileSync("/proc/locks", "utf8").split("\n");
  return locks.some((line) => / FLOCK +ADVISORY +READ /.test(line) && line.includes(`:${ino} `));
}

function argumentsOf({ assetSet, catalogue, image, tried }: WorkerOrder): WorkerDaemonSetArgs {
  const device = "virtio-net-pci,netdev=net,romfile=";
  return {
    assetSet,
    domain: DOMAIN,
    image: byDigest(image),
    namespace: NAMESPACE,
    vmm: Vmm.Qemu,
    healthPort: 8081,
    tapDevices: TapDevices.Helper,
    guestNetwork: { cidr: GUESTS.cidr, guestPorts: [18_080] },
    ipForwarding: true,
    resources: { cpu: "100m" },
    terminationGracePeriodSeconds: 300,
    environment: { WORKER_CONSUL_SECONDS: "2" },
    consul: {
      address: catalogue.address,
      caCertificate: catalogue.caCertificate,
      datacenter: "dc1",
      tokenSecretName: TOKEN,
    },
    qemu: {
      accelerator: Accelerator.Tcg,
      launcher: WORKER_LAUNCHER,
      initrd: "initramfs",
      memoryMib: 128,
      arguments: ["-netdev", "tap,id=net,ifname=tap0,script=no,downscript=no", "-device", device],
      kernelArguments: [
        "console=ttyS0 quiet panic=-1",
        `guest.address=${GUESTS.guest} guest.gateway=${GUESTS.gateway}`,
        `guest.address6=${GUESTS.guest6} guest.gateway6=${GUESTS.gateway6}`,
        `guest.try=${tried.join(",")}`,
      ].join(" "),
    },
  };
}
