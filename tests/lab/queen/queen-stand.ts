import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import { Queen } from "../../../components/queen/queen";
import { QUEEN_POD_PORTS } from "../../../components/queen/ports";
import { queenRef } from "../../../components/queen/queen-ref";
import { QueenRole } from "../../../components/queen/roles";
import { Accelerator } from "../../../components/vm-pod/accelerator";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import { connect, type Session } from "../../../functions/trace-uploader/ninep";
import { conditionOf, type KubeObject } from "../../../lab/kube/objects";
import type { ImageArchive } from "../../../lab/node/image/oci";
import type { QueenGuestFiles } from "../../../lab/node/queen-guest/guest";
import { freePorts } from "../../../lab/ports";
import { programOf } from "../../../lab/processes";
import { deploy, type Deployment, find, reveal } from "../../support/deploy";
import { generatedOutputs } from "../../support/generated";
import type { OwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";
import type { Web } from "../../unit/components/node-provisioner/script/web";
import { answers } from "../functions/server-process";
import { openLog } from "../node/container-log";
import { processesOf } from "../node/containers";
import { byDigest, podsOf } from "../node/pods";
import { DOMAIN } from "../node/provisioner-stand";
import { type Identity, makeAuthority, signAll } from "./certificates";

const NAMESPACE = "agents";
const NAME = "queen";
/** A folder of the node that stands for a disk of the cloud's. */
export const DISK = "/var/lib/queen-disk";
export const FABRIC_TREE = "/disk/fabric";
export const UPLOADS_TREE = "/disk/uploads";

/** The asset set of the lab's Queen. */
export function queenAssets({ kernel, initramfs }: QueenGuestFiles, web: Web): AssetSet {
  const url = "https://assets.invalid/file";
  return {
    mirrors: [web.url],
    amd64: {
      kernel: { ...web.publish("vmlinux", fs.readFileSync(kernel)), url },
      rootfs: {
        ...web.publish("initramfs", fs.readFileSync(initramfs)),
        ...{ url, fileName: "initramfs" },
      },
    },
  };
}

/** What a Queen of the stand is told. */
export interface QueenOrder {
  assetSet: string;
  image: ImageArchive;
  proxy: ImageArchive;
}

/** The component's own requests, with a worker and an uploader. */
export function requestQueen({ assetSet, image, proxy }: QueenOrder): Promise<Deployment> {
  const program = () => {
    const queen = new Queen(NAME, {
      ...{ assetSet, domain: DOMAIN, namespace: NAMESPACE },
      image: byDigest(image),
      proxyImage: byDigest(proxy),
      consumers: [
        { name: "workers", role: QueenRole.Worker },
        { name: "uploader", role: QueenRole.Uploader },
      ],
      cpu: "100m",
      storageClass: "",
      storageGib: 2,
      terminationGracePeriodSeconds: 300,
      guest: {
        accelerator: Accelerator.Tcg,
        initrd: "initramfs",
        kernelArguments: "console=ttyS0 quiet panic=-1",
        memoryMib: 256,
      },
    });
    const args = { ...{ assetSet, domain: DOMAIN, namespace: NAMESPACE }, image: byDigest(image) };
    const access = { queen: queenRef(queen, "workers"), queenProxyImage: byDigest(proxy) };
    new WorkerDaemonSet("drones", { ...args, ...access });
  };
  return deploy(program, { outputsOf: generatedOutputs });
}

/** A Queen on one real node, from the component's own objects and certificates of the names that it asks for. */
export function queenOn(lab: OwnLab) {
  const { kubectl } = podsOf(lab);
  const files = path.join(lab.state, "queen-test");
  let deployment: Deployment;
  let authority: Identity;
  let identities = new Map<string, Identity>();
  const proxies: ChildProcess[] = [];

  const identity = (name: "uploader" | "workers"): Identity =>
    identities.get(`queen-${name}-client`)!;
  const pod = async (): Promise<any> =>
    lab.client.find({
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: { name: `${NAME}-0`, namespace: NAMESPACE },
    });
  const applyKeys = async () => {
    const at = (kind: string, name: string) => ({
      ...{ apiVersion: "v1", kind, metadata: { name, namespace: NAMESPACE } },
    });
    const { certificate = "", key = "" } = identities.get("queen-server") ?? {};
    const stringData = { "tls.crt": certificate, "tls.key": key };
    await lab.client.apply({ ...at("Secret", "queen-tls"), type: "kubernetes.io/tls", stringData });
    await lab.client.apply({
      ...at("ConfigMap", "queen-ca"),
      data: { "ca.crt": authority.certificate },
    });
  };

  return {
    identity,
    pod,
    async start(order: QueenOrder): Promise<void> {
      deployment = await requestQueen(order);
      authority = await makeAuthority();
      identities = await signAll(deployment, authority);
      await applyKeys();
      await lab.client.apply(volume());
      for (const { type, inputs, name, parent } of deployment.resources) {
        if (!type.startsWith("kubernetes:") || parent !== NAME) continue;
        const [, version = "", kind = ""] = type.split(":");
        if (kind === "Secret" || (kind === "ConfigMap" && name === "queen-ca")) continue;
        const apiVersion = version.replace(/^core\//, "");
        await lab.client.apply({ ...reveal(inputs), apiVersion, kind });
      }
    },
    /** Waits until Queen's pod is ready; `before` is the id of a pod, or of a container of hers, that it must not be. */
    async becomesReady(before?: string): Promise<any> {
      try {
        return await eventually("Queen is ready", async () => {
          const found = await pod();
          const [status] = found?.status?.containerStatuses ?? [];
          const other = ![found?.metadata.uid, status?.containerID].includes(before);
          return other && conditionOf(found, "Ready")?.status === "True" && found;
        });
      } catch (error) {
        const said = await kubectl("describe", "pod", "-n", NAMESPACE, `${NAME}-0`);
        throw new Error(`${String(error)}\n${said.slice(-6000)}`, { cause: error });
      }
    },
    /** Id of the QEMU process, as this machine counts. */
    machineOf(found: any): number {
      const group = `pod${found.metadata.uid}`;
      const id = processesOf(group).find((one) => programOf(one) === "qemu-system-x86_64");
      if (id === undefined) throw new Error("no QEMU runs");
      return id;
    },
    /** What her container says. */
    follow: (pod: KubeObject) => openLog(lab.state, pod, "queen"),
    remove: () =>
      lab.client.remove({
        ...{ apiVersion: "v1", kind: "Pod" },
        metadata: { name: `${NAME}-0`, namespace: NAMESPACE },
      }),
    /** A session through the uploaders' listener, or the workers'. */
    session(
      podIp: string,
      listener: "fabric" | "uploads",
      who: Partial<Identity>,
      aname = UPLOADS_TREE,
    ): Promise<Session> {
      return queenSession(podIp, listener, { ...who, authorities: authority.certificate }, aname);
    },
    /** The proxy of a worker's pod, with the component's own arguments; answers with the port that the worker calls. */
    async workerProxy(program: string, podIp: string): Promise<number> {
      fs.mkdirSync(files, { recursive: true });
      const { certificate, key } = identity("workers");
      const names = { "tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate };
      for (const [name, content] of Object.entries(names)) {
        fs.writeFileSync(path.join(files, name), content);
      }
      const [port = 0] = await freePorts(1);
      const { spec } = find(deployment, "kubernetes:apps/v1:DaemonSet", "drones").inputs;
      const { args } = spec.template.spec.initContainers.find(
        ({ name }: any) => name === "queen-proxy",
      );
      const here = (args as string[]).map((word) =>
        word
          .replace("127.0.0.1:5640", `127.0.0.1:${port}`)
          // No name is looked up here, and no Service leads anywhere.
          .replace(/^--target=.*/, `--target=${podIp}:${QUEEN_POD_PORTS.fabric}`)
          .replace(/=\/(?:tls|authority)\//, `=${files}/`),
      );
      const child = spawn(program, here, { stdio: "ignore" });
      proxies.push(child);
      await eventually("the worker's proxy listens", () => answers(port));
      return port;
    },
    end(): void {
      for (const child of proxies) child.kill();
    },
  };
}

/** A session with Queen's pod, as one of her callers or as nobody. */
export function queenSession(
  podIp: string,
  listener: "fabric" | "uploads",
  who: Partial<Identity> & { authorities: string },
  aname: string,
): Promise<Session> {
  const { authorities, certificate, key } = who;
  return connect({
    ...{ host: podIp, port: QUEEN_POD_PORTS[listener], aname },
    tls: {
      ca: authorities,
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
      servername: `${NAME}.${NAMESPACE}.svc`,
    },
    ...{ uname: "root", userId: 0, connectTimeoutSeconds: 120, requestTimeoutSeconds: 120 },
  });
}

/** The volume of the node's that Queen's claim takes. */
export function volume() {
  return {
    ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "queen-disk" } },
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "2Gi" },
      claimRef: { name: "queen-srv", namespace: NAMESPACE },
      hostPath: { path: DISK, type: "DirectoryOrCreate" },
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
    },
  };
}
