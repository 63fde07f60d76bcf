import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { conditionOf, type KubeObject, listAt, textAt } from "../../../lab/kube/objects";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { ghostunnelImage, workerImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { type RunningNode, startNode } from "../../../lab/node/node";
import { queenGuest } from "../../../lab/node/queen-guest/guest";
import { labPaths } from "../../../lab/paths";
import { ensureTools } from "../../../lab/toolchain";
import { withOwnLab } from "../../support/own-lab";
import { describeOnKvmNode } from "../../support/real-node";
import { eventually, eventuallyEquals } from "../../support/wait";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { podsOf } from "../node/pods";
import { DOMAIN, provisionerOn } from "../node/provisioner-stand";
import { guestsOn, keepAsking, killNode } from "./lost-node";
import { DISK, FABRIC_TREE, queenAssets, queenOn, UPLOADS_TREE } from "./queen-stand";
import { writeFile } from "./write-file";

const NAMES = ["a", "b"];
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
/**
 * With KVM_FABRIC_NODE_LOSS=deleted the Node object goes, as a cloud's controller lets it where the machine is gone. It takes
 * a minute more than the taint: the pod garbage collector waits for the node to turn up.
 */
const isDeleted = process.env.KVM_FABRIC_NODE_LOSS === "deleted";
/** Twice as long as a kubelet is silent between two words. */
const GRACE_SECONDS = 20;

/**
 * What is real: two kubelets, the controllers of a control plane (node lifecycle, taint eviction, pod garbage collection,
 * StatefulSet), the scheduler, the component's own objects. A node is a machine in namespaces, killed whole.
 *
 * What is played: the disk. It is a folder of this machine that both nodes see, so nothing is taken off the one node and
 * attached to the other. And this machine's memory outlives the node: that a flush of the guest's reaches a real disk before
 * it is answered is QEMU's, and is not shown. Nobody resolves her name either, which is why the addresses behind her Service
 * are looked at.
 */
describeOnKvmNode("Queen on two real nodes, of which one is lost", () => {
  const lab = withOwnLab({ nodeGraceSeconds: GRACE_SECONDS });
  const { kubectl } = podsOf(lab);
  const provisioners = NAMES.map((name) => provisionerOn(lab, name, () => image));
  const trace = randomBytes(300_000);
  let image: ImageArchive;
  let proxy: ImageArchive;
  let web: Web;
  let queen: ReturnType<typeof queenOn>;
  let pod: any;
  let nodes: RunningNode[];
  let lost: RunningNode;
  let other: RunningNode;

  beforeAll(async () => {
    const { cache } = labPaths();
    image = await workerImage(cache);
    proxy = await ghostunnelImage(cache);
    const [joined, guest] = await Promise.all([
      Promise.all(NAMES.map((name) => join(name))),
      queenGuest(cache),
    ]);
    nodes = joined;
    web = await startWeb(nodes[0]!.network.host);
    const [provisioner] = provisioners;
    const plan = provisioner!.planOf({ assets: queenAssets(guest, web) });
    await provisioner!.rollOut(plan);
    const set = plan.assetSet;
    const open = { label: set, closed: false, said: "True Proven", current: set };
    for (const one of provisioners) await one.becomes("a node is proven", open);
    queen = queenOn(lab);
    await queen.start({ assetSet: set, image, proxy });
    pod = await queen.becomesReady();
  });

  afterAll(async () => {
    queen.end();
    await web.close();
  });

  async function join(name: string): Promise<RunningNode> {
    const disk = path.join(lab.state, "queen-disk");
    fs.mkdirSync(disk, { recursive: true });
    const node = await startNode(lab.state, { name, domain: DOMAIN, folders: { [DISK]: disk } });
    for (const one of [image, proxy]) await importImage(lab.state, name, one);
    return node;
  }
  const uploads = () => queen.session(pod.status.podIP, "uploads", queen.identity("uploader"));
  async function write(file: string, content: Buffer): Promise<void> {
    const { ghostunnel } = await ensureTools(["ghostunnel"]);
    const port = await queen.workerProxy(ghostunnel, pod.status.podIP);
    (await writeFile(port, FABRIC_TREE, ["srv", ...file.split("/")], content)).destroy();
  }
  async function readOnce(file: string): Promise<Buffer> {
    const session = await uploads();
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of session.read(`srv/${file}`)) pieces.push(piece);
      return Buffer.concat(pieces);
    } finally {
      session.close();
    }
  }
  // As an uploader, which tries again: a guest under TCG may answer too late.
  const read = (file: string) =>
    eventually(`${file} is read`, () => readOnce(file).catch(() => undefined));
  const nodeObject = (name: string): Promise<KubeObject> =>
    lab.client.get({ apiVersion: "v1", kind: "Node", name });
  /** Address and port of each pod that a Service leads to. */
  async function behind(service: string): Promise<string[]> {
    const query = { labelSelector: `kubernetes.io/service-name=${service}` };
    const { namespace } = pod.metadata;
    const slices: any[] = await lab.client.list("discovery.k8s.io/v1", "EndpointSlice", {
      ...{ namespace, query },
    });
    return slices.flatMap(({ endpoints, ports }) =>
      (endpoints ?? [])
        .filter(({ conditions }: any) => conditions.ready)
        .map(({ addresses }: any) => `${addresses[0]}:${ports[0].port}`),
    );
  }

  test("what a worker writes through its proxy an uploader reads and removes; it sees nothing else", async () => {
    for (const file of ["trace/one", "alerts/two", "telemetry/secret"]) await write(file, trace);
    const session = await uploads();
    const folders: string[] = [];
    for await (const { name } of session.list("srv")) folders.push(Buffer.from(name).toString());
    expect(folders.sort()).toEqual(["alerts", "trace"]);
    expect((await readOnce("trace/one")).equals(trace)).toBe(true);
    await session.remove("srv/alerts/two");
    await expect(session.stat("srv/alerts/two")).rejects.toThrow(/ENOENT/);
    session.close();
    const { podIP } = pod.status;
    const whole = queen.session(podIP, "uploads", queen.identity("uploader"), FABRIC_TREE);
    await expect(whole).rejects.toThrow(/EPERM/);
  });

  test("a stolen worker's key opens no upload, an uploader's no worker's listener, none nothing", async () => {
    const { podIP } = pod.status;
    const refused = /alert bad certificate|ECONNRESET|certificate required/i;
    for (const [listener, who] of [
      ["uploads", queen.identity("workers")],
      ["fabric", queen.identity("uploader")],
      ["uploads", {}],
      ["fabric", {}],
    ] as const) {
      for (const tree of [UPLOADS_TREE, FABRIC_TREE]) {
        await expect(queen.session(podIP, listener, who, tree)).rejects.toThrow(refused);
      }
    }
    const worker = await queen.session(podIP, "fabric", queen.identity("workers"), FABRIC_TREE);
    expect((await worker.stat("srv/trace/one")).size).toBe(trace.length);
    worker.close();
  });

  test("what was written is there after her QEMU is killed, and after her pod goes", async () => {
    const [{ containerID }] = pod.status.containerStatuses;
    process.kill(queen.machineOf(pod), "SIGKILL");
    pod = await queen.becomesReady(containerID);
    expect((await read("trace/one")).equals(trace)).toBe(true);
    const { uid } = pod.metadata;
    const log = queen.follow(pod);
    await queen.remove();
    // The drain presses the guest's power button, and the guest closes its disk.
    pod = await queen.becomesReady(uid);
    expect(log.text()).toMatch(/^queen powers down$/m);
    expect((await read("trace/one")).equals(trace)).toBe(true);
  });

  test("by herself she starts nowhere else: nobody knows whether the first is gone", async () => {
    lost = nodes.find(({ name }) => name === pod.spec.nodeName)!;
    other = nodes.find(({ name }) => name !== pod.spec.nodeName)!;
    await eventuallyEquals(() => behind("queen"), [`${pod.status.podIP}:5640`]);
    const session = await uploads();
    const two = keepAsking(() => guestsOn(other).length > 0);
    expect(guestsOn(lost)).toHaveLength(1);
    await killNode(lab.state, lost);
    expect(guestsOn(lost)).toEqual([]);
    const unanswered = expect(session.stat("srv/trace/one")).rejects.toThrow();
    await eventually("her node counts as lost", async () => {
      const object = await nodeObject(lost.name);
      const taints = listAt(object, "spec", "taints").map((one) => textAt(one, "key"));
      const isUnknown = conditionOf(object, "Ready")?.status === "Unknown";
      return isUnknown && taints.includes("node.kubernetes.io/unreachable");
    });
    await eventually("nobody is led to her", async () => (await behind("queen")).length === 0);
    const still = await queen.pod();
    expect(still.metadata.uid).toBe(pod.metadata.uid);
    // She waits for as long as it takes: a node that was merely cut off goes on with her as she is.
    expect(still.metadata.deletionTimestamp).toBeUndefined();
    await unanswered;
    const { yes, asked } = await two();
    expect({ yes, enough: asked > 20 }).toEqual({ yes: 0, enough: true });
  });

  test("once it is said that the node is gone she starts on the other, with all of /srv, under the same names", async () => {
    const { uid } = pod.metadata;
    const tooEarly = keepAsking(
      async () => guestsOn(other).length > 0 && (await queen.pod())?.metadata.uid === uid,
    );
    if (isDeleted) {
      // By somebody who waits for her: it makes no second one.
      await queen.remove();
      await kubectl("delete", "node", lost.name);
    } else {
      await kubectl("taint", "nodes", lost.name, `${OUT_OF_SERVICE}=nodeshutdown:NoExecute`);
    }
    pod = await queen.becomesReady(uid);
    const { yes, asked } = await tooEarly();
    expect({ yes, enough: asked > 20 }).toEqual({ yes: 0, enough: true });
    expect(pod.spec.nodeName).toBe(other.name);
    expect(guestsOn(other)).toHaveLength(1);
    expect((await read("trace/one")).equals(trace)).toBe(true);
    await write("trace/two", trace);
    expect((await read("trace/two")).equals(trace)).toBe(true);
    for (const [service, port] of [
      ["queen", 5640],
      ["queen-uploads", 5641],
    ] as const) {
      await eventuallyEquals(() => behind(service), [`${pod.status.podIP}:${port}`]);
    }
  });

  // A machine that is made anew under the old name: the lab keeps nothing of one that died.
  test("the lost node comes back: she stays where she is", async () => {
    const back = await join(lost.name);
    if (!isDeleted) await kubectl("taint", "nodes", lost.name, `${OUT_OF_SERVICE}-`);
    await eventually("it is proven", async () => {
      const { closed, said } = await provisioners[NAMES.indexOf(lost.name)]!.seen();
      return !closed && said === "True Proven";
    });
    expect((await queen.pod()).metadata.uid).toBe(pod.metadata.uid);
    expect(guestsOn(back)).toEqual([]);
    expect(guestsOn(other)).toHaveLength(1);
  });
});
