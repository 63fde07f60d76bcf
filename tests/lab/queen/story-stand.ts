import { createHash } from "node:crypto";
import { Queen } from "../../../components/queen/queen";
import { queenRef } from "../../../components/queen/queen-ref";
import { QueenRole } from "../../../components/queen/roles";
import { TraceUploader } from "../../../components/trace-uploader/kubernetes/trace-uploader";
import { Accelerator } from "../../../components/vm-pod/accelerator";
import { Vmm } from "../../../components/worker/vmm";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import type { Session } from "../../../functions/trace-uploader/ninep";
import type { KubeObject } from "../../../lab/kube/objects";
import { conditionOf } from "../../../lab/kube/objects";
import { WORKER_LAUNCHER } from "../../../lab/node/images";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { deploy, type Deployment, reveal } from "../../support/deploy";
import { generatedOutputs } from "../../support/generated";
import type { OwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";
import { BUCKET, KEYS } from "../functions/s3-server";
import { openLog } from "../node/container-log";
import { byDigest, podsOf } from "../node/pods";
import { DOMAIN } from "../node/provisioner-stand";
import { type Identity, makeAuthority, signAll } from "./certificates";
import { filesIn, type Written, writtenIn } from "./files";
import { FABRIC_TREE, queenSession, UPLOADS_TREE, volume } from "./queen-stand";

/** Namespace of Queen and the workers; the provisioner's stand makes it. */
const AGENTS = "agents";
const SERVICES = "services";
const STORE = "store";
export const STORE_NAME = `${STORE}.${SERVICES}.svc`;
const LARGE_MIB = 24;

/** What the story is told with. */
export interface StoryOrder {
  assetSet: string;
  images: Record<"node" | "proxy" | "worker", ImageArchive>;
  /** Where the store is: on this machine. */
  store: { address: string; port: number; authority: string };
}

/** Queen, a worker and an uploader, as a user writes them down. */
function story({ assetSet, images, store }: StoryOrder, trustedCertificates: string[]) {
  const vm = { assetSet, domain: DOMAIN, namespace: AGENTS, image: byDigest(images.worker) };
  const proxy = byDigest(images.proxy);
  const guest = {
    ...{ accelerator: Accelerator.Tcg, initrd: "initramfs", memoryMib: 256 },
    kernelArguments: "console=ttyS0 quiet panic=-1",
  };
  return () => {
    const queen = new Queen("queen", {
      ...{ ...vm, proxyImage: proxy, guest, cpu: "100m", storageClass: "", storageGib: 2 },
      certificates: { trustedCertificates },
      consumers: [
        { name: "workers", role: QueenRole.Worker },
        { name: "uploader", namespace: SERVICES, role: QueenRole.Uploader },
      ],
      terminationGracePeriodSeconds: 300,
    });
    new WorkerDaemonSet("drones", {
      ...{ ...vm, queen: queenRef(queen, "workers"), queenProxyImage: proxy },
      ...{ vmm: Vmm.Qemu, healthPort: 8081, resources: { cpu: "100m" } },
      terminationGracePeriodSeconds: 300,
      qemu: {
        ...{ ...guest, launcher: WORKER_LAUNCHER },
        // The guest finds its pod's loopback there, and so the proxy.
        arguments: ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="],
        kernelArguments: `${guest.kernelArguments} guest.queen=10.0.2.2/5640${FABRIC_TREE} guest.large=${LARGE_MIB}`,
      },
    });
    new TraceUploader("traces", {
      ...{ image: byDigest(images.node), namespace: SERVICES, queen: queenRef(queen, "uploader") },
      settings: { settleSeconds: 20, tree: UPLOADS_TREE, user: "root", userId: 0 },
      store: {
        ...{ bucket: BUCKET, caCertificate: store.authority, credentialsSecretName: STORE },
        endpoint: `https://${STORE_NAME}`,
        ...{ cidrs: [`${store.address}/32`], port: store.port },
      },
    });
  };
}

/** The whole story's objects on one real node, with certificates of the names and uses that the components ask for. */
export function storyOn(lab: OwnLab) {
  const { kubectl } = podsOf(lab);
  let order: StoryOrder;
  let authority: Identity;
  let identities = new Map<string, Identity>();

  const uploader = () => identities.get("queen-uploader-client")!;
  /** As `pulumi up` does it: everything, of which what is as it was changes nothing. */
  const up = async (next: Identity, trusted: string[]): Promise<void> => {
    authority = next;
    identities = await signAll(await deployed(story(order, trusted)), next);
    const outputsOf = (type: string, name: string) => generated(type, name, next, identities);
    const { resources } = await deploy(story(order, trusted), { outputsOf });
    for (const { type, inputs } of resources) {
      if (!type.startsWith("kubernetes:")) continue;
      const [, version = "", kind = ""] = type.split(":");
      await lab.client.apply(
        unscheduled({ ...reveal(inputs), apiVersion: version.replace(/^core\//, ""), kind }),
      );
    }
  };
  const podOf = async (namespace: string, app: string): Promise<any> => {
    const query = { labelSelector: `app.kubernetes.io/instance=${app}` };
    const all = await lab.client.list("v1", "Pod", { namespace, query });
    return all.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  };

  return {
    kubectl,
    uploader,
    async start(given: StoryOrder): Promise<void> {
      order = given;
      await prepare(lab, given);
      await up(await makeAuthority(), []);
    },
    /** The first step of a change of the authority: the next one signs, and the one before is trusted beside it. */
    async changeAuthority(): Promise<void> {
      await up(await makeAuthority(), [authority.certificate]);
      await this.touch();
    },
    /** The last step: only the one that signs is trusted. */
    async dropFormerAuthority(): Promise<void> {
      await up(authority, []);
      await this.touch();
    },
    /** Has the kubelet look at the pods now, not within a minute or two. */
    async touch(): Promise<void> {
      for (const app of ["queen", "drones"]) {
        const { metadata } = await podOf(AGENTS, app);
        await kubectl(
          "annotate",
          "pod",
          "-n",
          AGENTS,
          metadata.name,
          `touched=${Date.now()}`,
          "--overwrite",
        );
      }
    },
    /** Waits until a pod of the agents is ready. */
    async ready(app: "drones" | "queen"): Promise<any> {
      try {
        return await eventually(
          `${app} is ready`,
          async () => {
            const found = await podOf(AGENTS, app);
            return conditionOf(found, "Ready")?.status === "True" && found;
          },
          360,
        );
      } catch (error) {
        const of = ["-n", AGENTS, "-l", `app.kubernetes.io/instance=${app}`];
        const said = await kubectl("logs", ...of, "--all-containers", "--prefix", "--tail=30");
        const seen = await kubectl("get", "pod", ...of, "-o", "jsonpath={.items[*].status}");
        throw new Error(`${String(error)}\n${seen}\n${said}`, { cause: error });
      }
    },
    async session(who: Partial<Identity> = uploader()): Promise<Session> {
      const { status } = await podOf(AGENTS, "queen");
      const authorities = authority.certificate;
      return queenSession(status.podIP, "uploads", { ...who, authorities }, UPLOADS_TREE);
    },
    /** What uploaders see of Queen: her files, by their path below /srv, with their lengths. */
    async files(): Promise<Map<string, number>> {
      const session = await this.session();
      try {
        return await filesIn(session, "srv");
      } finally {
        session.close();
      }
    },
    /** A file of Queen's as workers see it. */
    async readAsWorker(file: string): Promise<Written> {
      const { status } = await podOf(AGENTS, "queen");
      const who = { ...identities.get("queen-workers-client"), authorities: authority.certificate };
      const session = await queenSession(status.podIP, "fabric", who, FABRIC_TREE);
      const hash = createHash("sha256");
      let bytes = 0;
      for await (const piece of session.read(`srv/${file}`)) {
        hash.update(piece);
        bytes += piece.length;
      }
      session.close();
      return { bytes, sha256: hash.digest("hex") };
    },
    /** All that the worker says that it wrote, by its path below /srv; what it wrote anew by its last word. */
    async written(): Promise<Map<string, Written>> {
      const pod = await podOf(AGENTS, "drones");
      return writtenIn(await kubectl("logs", "-n", AGENTS, pod.metadata.name, "-c", "worker"));
    },
    /** Has the worker end, as a node that is drained does; answers with all that it ever said, once it has ended. */
    async endWorker(): Promise<string> {
      const pod = await podOf(AGENTS, "drones");
      const log = openLog(lab.state, pod, "worker");
      await kubectl("delete", "daemonset", "-n", AGENTS, "drones", "--wait=false");
      await eventually("its pod is gone", async () => (await lab.client.find(pod)) === undefined);
      return log.text();
    },
    /** Starts a run by hand, as the page of the uploader says. */
    startRun: (name: string) =>
      kubectl("create", "job", "-n", SERVICES, "--from=cronjob/traces", name),
    /** The report of a run, once it has ended. Errors: throws with what it said where it failed. */
    async report(name: string): Promise<any> {
      const job = { apiVersion: "batch/v1", kind: "Job", name, namespace: SERVICES };
      const ended = async () => {
        const found = await lab.client.get(job);
        return ["Complete", "Failed"].find((one) => conditionOf(found, one)?.status === "True");
      };
      const how = await eventually(`${name} ends`, ended).catch((error: unknown) => String(error));
      const at = ["-n", SERVICES, "-l", `job-name=${name}`];
      const text = await kubectl("logs", ...at, "--tail=-1");
      if (how === "Complete") return JSON.parse(text.trim().split("\n").at(-1) ?? "");
      const pods = await kubectl("describe", "pod", ...at);
      throw new Error(`${name}: ${how}\n${text}\n${pods.slice(-6000)}`);
    },
  };
}

function deployed(program: () => void): Promise<Deployment> {
  return deploy(program, { outputsOf: generatedOutputs });
}

/** What the provider would generate for a key or a certificate. */
function generated(
  type: string,
  name: string,
  authority: Identity,
  identities: ReadonlyMap<string, Identity>,
): Record<string, string> {
  const { certificate, key } = identities.get(name.replace(/-key$/, "")) ?? authority;
  if (type === "tls:index/selfSignedCert:SelfSignedCert") return { certPem: certificate };
  if (type === "tls:index/locallySignedCert:LocallySignedCert") return { certPem: certificate };
  if (type === "tls:index/privateKey:PrivateKey") return { privateKeyPem: key };
  return generatedOutputs(type);
}

/** Runs are started by hand: by the schedule one would come every fifteen minutes, at a moment of its own. */
function unscheduled(object: any): KubeObject {
  return object.kind === "CronJob"
    ? { ...object, spec: { ...object.spec, suspend: true } }
    : object;
}

/** What is there before a fabric is: a volume, a namespace, and a Service that leads to a store outside of the cluster. */
async function prepare({ client }: OwnLab, { store }: StoryOrder): Promise<void> {
  await client.apply(volume());
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: SERVICES, labels } });
  const metadata = { name: STORE, namespace: SERVICES };
  const { accessKeyId, secretAccessKey } = KEYS;
  const stringData = { "access-key-id": accessKeyId, "secret-access-key": secretAccessKey };
  await client.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData });
  const ports = [{ name: "https", port: 443 }];
  await client.apply({ apiVersion: "v1", kind: "Service", metadata, spec: { ports } });
  await client.apply({
    ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4" },
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": STORE } },
    endpoints: [{ addresses: [store.address] }],
    ports: [{ name: "https", port: store.port }],
  });
}
