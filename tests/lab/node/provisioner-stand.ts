import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import { daemonSetSpec, labels } from "../../../components/node-provisioner/manifests";
import { CONDITION_TYPE } from "../../../components/node-provisioner/node-reports";
import {
  planNodeProvisioner,
  type ProvisionerPlan,
  type ProvisionerShape,
} from "../../../components/node-provisioner/plan";
import { GUEST_SAYS, type GuestFiles } from "../../../lab/node/guest";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { machineFolder } from "../../../lab/node/machine";
import type { OwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";
import { type Behaviour, serve, type Web } from "../../unit/components/node-provisioner/script/web";
import { applyIdentity } from "../node-provisioner/stage";
import { byDigest, podsOf } from "./pods";

const run = promisify(execFile);

/** Keeps the simulated nodes out of it: they are of the lab's own domain. */
export const DOMAIN = "provisioner.example.com";

const NAME = "provisioner";
const NAMESPACE = "agents";

/** The API server's name for what the `report` container writes with. */
export const REPORTER = `system:serviceaccount:${NAMESPACE}:${NAME}`;

/** As many bytes in each tenth of a second. */
const SLOW_BYTES = 400_000;

/** Serves a file over a link of 4 MB a second. */
export const slowly: Behaviour = (request, response, content) => {
  response.writeHead(200, { "Content-Length": content.length });
  const send = async () => {
    for (let at = 0; at < content.length && !response.destroyed; at += SLOW_BYTES) {
      response.write(content.subarray(at, at + SLOW_BYTES));
      await sleep(100);
    }
    response.end();
  };
  if (request.method === "HEAD") response.end();
  else void send();
};

/** Serves half of each file, and the rest once it is released. */
export function halves(): { release: () => void; behaviour: Behaviour } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const behaviour: Behaviour = (request, response, content) => {
    if (request.method === "HEAD" || request.headers.range !== undefined) {
      serve(request, response, content);
      return;
    }
    const half = Math.floor(content.length / 2);
    response.writeHead(200, { "Content-Length": content.length });
    response.write(content.subarray(0, half));
    void released.then(() => response.end(content.subarray(half)));
  };
  return { release, behaviour };
}

/** Sets that differ in what their microVM says, or in nothing that it says. */
export function assetSets({ kernel, initramfs }: GuestFiles, web: Web) {
  const set = (rootfs: Buffer): AssetSet => ({
    mirrors: [web.url],
    amd64: {
      kernel: { ...web.publish("vmlinux", fs.readFileSync(kernel)), url: OWN_URL },
      rootfs: { ...web.publish("initramfs", rootfs), url: OWN_URL, fileName: "initramfs" },
      gate: { command: qemu, expect: `${GUEST_SAYS}: role=gate`, mode: "TCG", seconds: 60 },
    },
  });
  const silent = Buffer.from(initramfs);
  silent.write("X", silent.indexOf(GUEST_SAYS));
  // Nothing reads what comes after an archive's end.
  const padded = (bytes: number) => Buffer.concat([initramfs, Buffer.alloc(bytes)]);
  return {
    first: set(initramfs),
    second: set(padded(512)),
    third: set(padded(1024)),
    bad: set(silent),
  };
}

/** Where the files are not: only the mirror has them. */
const OWN_URL = "https://assets.invalid/file";

const qemu = [
  ...["qemu-system-x86_64", "-accel", "tcg", "-m", "128", "-no-reboot", "-display", "none"],
  ...["-monitor", "none", "-serial", "stdio", "-kernel", "@kernel@", "-initrd", "@rootfs@"],
  // One half is for the gate's own guest, the other for that of the worker image.
  ...["-append", "COHROLE=gate guest.once console=ttyS0 panic=-1 quiet -- role=gate"],
];

/** The provisioner on one real node, as the component and the DaemonSet controller bring it there. */
export function provisionerOn(lab: OwnLab, node: string, image: () => ImageArchive) {
  const { kubectl } = podsOf(lab);
  const daemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: NAME, namespace: NAMESPACE },
  };
  const root = () => path.join(machineFolder(lab.state, node), "var/lib/kvm-fabric");
  const pod = async (): Promise<any> => {
    const query = { labelSelector: `app.kubernetes.io/instance=${NAME}` };
    const all = await lab.client.list("v1", "Pod", { namespace: NAMESPACE, query });
    return all.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  };
  return {
    daemonSet,
    root,
    pod,
    planOf(shape: Partial<ProvisionerShape> & { assets: AssetSet }): ProvisionerPlan {
      const given = { image: byDigest(image()), domain: DOMAIN, ...shape };
      const answer = planNodeProvisioner(NAME, given);
      if (!answer.ok) throw new Error(JSON.stringify(answer.faults));
      return answer.plan;
    },
    async rollOut(plan: ProvisionerPlan): Promise<void> {
      const enforce = { "pod-security.kubernetes.io/enforce": "privileged" };
      const metadata = { name: NAMESPACE, labels: enforce };
      await lab.client.apply({ apiVersion: "v1", kind: "Namespace", metadata });
      await applyIdentity(lab.client, plan, NAMESPACE);
      const files = { ...daemonSet.metadata, name: plan.filesName, labels: labels(plan) };
      await lab.client.apply({
        ...{ apiVersion: "v1", kind: "ConfigMap", metadata: files, data: plan.files },
      });
      await lab.client.apply({ ...daemonSet, spec: lively(daemonSetSpec(plan)) });
    },
    run: async (container: string, script: string): Promise<string> => {
      const { metadata } = await pod();
      const at = ["-n", NAMESPACE, metadata.name, "-c", container];
      return kubectl("exec", ...at, "--", "sh", "-c", script);
    },
    logs: async (container: string): Promise<string> => {
      const { metadata } = await pod();
      return kubectl("logs", "-n", NAMESPACE, metadata.name, "-c", container);
    },
    /** What the kernel counts as a container's, in MiB. */
    async memory(container: string) {
      return memoryIn(await this.run(container, READ_MEMORY));
    },
    async seen() {
      const object: any = await lab.client.get({ apiVersion: "v1", kind: "Node", name: node });
      const condition = object.status.conditions.find(({ type }: any) => type === CONDITION_TYPE);
      const taints: any[] = object.spec.taints ?? [];
      return {
        label: object.metadata.labels[`${DOMAIN}/assets`],
        closed: taints.some(({ key }) => key === `${DOMAIN}/not-ready`),
        said: condition && `${condition.status} ${condition.reason}`,
        current: linkOf(path.join(root(), "current")),
      };
    },
    async becomes(what: string, expected: object): Promise<void> {
      let last = "";
      try {
        await eventually(what, async () => {
          last = JSON.stringify(await this.seen());
          return last === JSON.stringify(expected);
        });
      } catch (error) {
        const said = [await this.logs("provision"), await this.logs("report")].join("---\n");
        throw new Error(`${String(error)}\n${last}\n${said}`, { cause: error });
      }
    },
  };
}

/** What the doctor of a plan says of this machine, outside of any container. */
export async function doctorHere({ files }: ProvisionerPlan): Promise<string> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-doctor-"));
  try {
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(home, name), text);
    const env = { PATH: process.env.PATH, FILES: home, HOST_ROOT: path.join(home, "root") };
    const { stdout } = await run("sh", [path.join(home, "provision.sh"), "doctor"], { env });
    return stdout;
  } finally {
    fs.rmSync(home, { recursive: true });
  }
}

/** A shell's command: what the kernel counts as its container's memory. */
export const READ_MEMORY =
  "cd /sys/fs/cgroup/memory 2>/dev/null || cd /sys/fs/cgroup; cat memory.max_usage_in_bytes memory.peak memory.stat 2>/dev/null || true";

/** What {@link READ_MEMORY} printed, in MiB. */
export function memoryIn(text: string): { peak: number; own: number } {
  const mib = (pattern: RegExp) =>
    Math.round((Number(pattern.exec(text)?.[1]) / 2 ** 20) * 10) / 10;
  return { peak: mib(/^(\d+)$/m), own: mib(/^(?:rss|anon) (\d+)$/m) };
}

function linkOf(link: string): string | undefined {
  return fs.existsSync(link) ? path.basename(fs.readlinkSync(link)) : undefined;
}

/** The same with looks every two seconds, where a pod would look every 30. */
function lively(spec: ReturnType<typeof daemonSetSpec>) {
  const { template } = spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    env: [...container.env, { name: "CHECK_SECONDS", value: "2" }],
  }));
  return { ...spec, template: { ...template, spec: { ...template.spec, containers } } };
}
