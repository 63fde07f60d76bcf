import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { WorkerDaemonSetArgs } from "../../../components/worker/args";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import { conditionOf, type KubeObject, listAt, textAt } from "../../../lab/kube/objects";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { machineFolder } from "../../../lab/node/machine";
import type { OwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";
import { objectsOf } from "../consul/objects";
import { byDigest, podsOf } from "../node/pods";

export const DOMAIN = "jailer.example.com";
const NAMESPACE = "agents";
const ASSET_SET = "assets-0123456789abcdef0123";

/** Answers that it is well, and leaves the rest to whoever comes in. */
const PLAYED_WORKER = [
  "/bin/sh",
  "-c",
  "mkdir -p /run/worker/www && echo ok >/run/worker/www/health && httpd -p 8081 -h /run/worker/www && trap 'exit 0' TERM && while :; do sleep 60 & wait $!; done",
];

/** Workers that do nothing, on a real node, from the component's own objects. */
export function jailedOn(lab: OwnLab, node: string, image: () => ImageArchive) {
  const { kubectl } = podsOf(lab);
  const root = () => machineFolder(lab.state, node);
  return {
    kubectl,
    /** What a provisioner would have left, and said of the node. */
    async prove(): Promise<void> {
      const assets = path.join(root(), "var/lib/kvm-fabric");
      const version = path.join(assets, "versions", ASSET_SET);
      fs.mkdirSync(version, { recursive: true });
      fs.writeFileSync(path.join(version, "vmlinux"), "a kernel");
      const sum = createHash("sha256").update("a kernel").digest("hex");
      const manifest = { assetSet: ASSET_SET, files: { vmlinux: `sha256:${sum}` } };
      const text = JSON.stringify(manifest, undefined, 2);
      fs.writeFileSync(path.join(version, "manifest.json"), `${text}\n`);
      fs.symlinkSync(`versions/${ASSET_SET}`, path.join(assets, "current"));
      const object = { apiVersion: "v1", kind: "Node", name: node };
      const taints = listAt(await lab.client.get(object), "spec", "taints").filter(
        (taint) => textAt(taint, "key") !== `${DOMAIN}/not-ready`,
      );
      const labels = { [`${DOMAIN}/assets`]: ASSET_SET };
      await lab.client.patch(object, { metadata: { labels }, spec: { taints } });
      const enforce = { "pod-security.kubernetes.io/enforce": "privileged" };
      const metadata = { name: NAMESPACE, labels: enforce };
      await lab.client.apply({ apiVersion: "v1", kind: "Namespace", metadata });
    },
    objects: (name: string, args: Partial<WorkerDaemonSetArgs>): Promise<KubeObject[]> =>
      objectsOf(
        () =>
          new WorkerDaemonSet(name, {
            assetSet: ASSET_SET,
            assetFiles: ["vmlinux"],
            command: PLAYED_WORKER,
            domain: DOMAIN,
            image: byDigest(image()),
            namespace: NAMESPACE,
            resources: { cpu: "50m", memory: "256Mi" },
            terminationGracePeriodSeconds: 120,
            ...args,
          }),
      ),
    /** Makes objects, and answers with the name of the worker once it is ready. */
    async rollOut(name: string, objects: readonly KubeObject[]): Promise<string> {
      for (const object of objects) await lab.client.apply(object);
      const query = { labelSelector: `app.kubernetes.io/instance=${name}` };
      let last: any;
      const ready = async () => {
        [last] = await lab.client.list("v1", "Pod", { namespace: NAMESPACE, query });
        return conditionOf(last, "Ready")?.status === "True";
      };
      await eventually(`${name} is ready`, ready).catch(async (error: unknown) => {
        const at = ["-n", NAMESPACE, last?.metadata.name, "--all-containers", "--prefix"];
        const said = await kubectl("logs", ...at).catch(String);
        throw new Error(`${String(error)}\n${JSON.stringify(last?.status)}\n${said}`);
      });
      return last.metadata.name;
    },
    /** Removes objects, and waits until the pods are gone. */
    async remove(name: string, objects: readonly KubeObject[]): Promise<void> {
      for (const { apiVersion, kind, metadata } of objects) {
        const { name: object = "", namespace = NAMESPACE } = metadata;
        await lab.client.remove({ apiVersion, kind, name: object, namespace });
      }
      const query = { labelSelector: `app.kubernetes.io/instance=${name}` };
      await eventually(`${name} is gone`, async () => {
        return (await lab.client.list("v1", "Pod", { namespace: NAMESPACE, query })).length === 0;
      });
    },
    run: (pod: string, script: string, container = "worker"): Promise<string> =>
      kubectl("exec", "-n", NAMESPACE, pod, "-c", container, "--", "/bin/sh", "-c", script),
    logs: (pod: string, container: string): Promise<string> =>
      kubectl("logs", "-n", NAMESPACE, pod, "-c", container),
    profiles: (): string[] => {
      const folder = path.join(root(), "var/lib/kubelet/seccomp/kvm-fabric");
      return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    },
  };
}

/** The capabilities of a process, as the kernel writes them down. */
export function capabilitiesOf(status: string): Record<string, string> {
  const lines = status.split("\n").map((line) => line.split(":\t"));
  const wanted = lines.filter(([name = ""]) => /^(?:Cap|NoNewPrivs$|Seccomp$)/.test(name));
  return Object.fromEntries(wanted);
}

/** Numbers of capabilities. Source: https://github.com/torvalds/linux/blob/master/include/uapi/linux/capability.h */
const NUMBERS: Readonly<Record<string, number>> = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  SETGID: 6,
  SETUID: 7,
  NET_ADMIN: 12,
  SYS_ADMIN: 21,
  MKNOD: 27,
};

/** A set of capabilities as the kernel writes it. */
export function maskOf(names: readonly string[]): string {
  const mask = names.reduce((sum, name) => sum + 2 ** (NUMBERS[name] ?? Number.NaN), 0);
  return mask.toString(16).padStart(16, "0");
}
