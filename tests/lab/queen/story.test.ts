import { startupTaint } from "../../../components/shared/kvm-nodes";
import { nodeContract } from "../../../components/shared/node-contract";
import { FAKE_NODE_ANNOTATION } from "../../../lab/cluster/config";
import { ghostunnelImage, nodeImage, workerImage } from "../../../lab/node/images";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { importImage } from "../../../lab/node/import-image";
import { startNode } from "../../../lab/node/node";
import { queenGuest } from "../../../lab/node/queen-guest/guest";
import { startServiceGate } from "../../../lab/node/services";
import { labPaths } from "../../../lab/paths";
import { withOwnLab } from "../../support/own-lab";
import { describeOnKvmNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { authority } from "../../unit/functions/trace-uploader/ninep/authority";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { type S3Server, startS3Server } from "../functions/s3-server";
import { DOMAIN, provisionerOn } from "../node/provisioner-stand";
import type { Identity } from "./certificates";
import { stored, writtenIn } from "./files";
import { queenAssets } from "./queen-stand";
import { openStoreLink, type StoreLink } from "./store-link";
import { STORE_NAME, storyOn } from "./story-stand";

const NODE = "a";
const MIB = 1024 * 1024;

/**
 * From a worker's guest to the store, on one node: kubelet, containerd and all pods are real, and so are both guests' kernels
 * and their 9P, Ghostunnel, versitygw. The lab plays the rest: TCG is the processor of both guests; the service gate is
 * kube-proxy and DNS; a node that is a KVM node takes the uploader's pods too; a proxy of the test's own has the store's TLS.
 * Nobody applies NetworkPolicies. The program of the worker's guest is lab/node/queen-guest/roles/DroneWorker.
 */
describeOnKvmNode("traces on their way from a worker to the store", () => {
  const lab = withOwnLab();
  const story = storyOn(lab);
  let web: Web;
  let server: S3Server;
  let link: StoreLink;
  let image: ImageArchive;
  const provisioner = provisionerOn(lab, NODE, () => image);

  beforeAll(async () => {
    const { cache } = labPaths();
    // Without the worker taint, so that the uploader finds a place: in a real cluster it has nodes of its own.
    const taints = [startupTaint(nodeContract(DOMAIN))];
    const [node, guest, store] = await Promise.all([
      startNode(lab.state, { name: NODE, domain: DOMAIN, taints }),
      queenGuest(cache),
      startS3Server(),
      removeSimulatedNodes(),
    ]);
    server = store;
    await startServiceGate(lab.state, node);
    image = await workerImage(cache);
    const images = {
      worker: image,
      proxy: await ghostunnelImage(cache),
      node: await nodeImage(cache),
    };
    for (const one of Object.values(images)) await importImage(lab.state, NODE, one);
    const { host } = node.network;
    web = await startWeb(host);
    const signing = await authority("store authority");
    link = await openStoreLink(host, server.port, await signing.issue(STORE_NAME));
    const plan = provisioner.planOf({ assets: queenAssets(guest, web) });
    await provisioner.rollOut(plan);
    await story.start({
      ...{ assetSet: plan.assetSet, images },
      store: { address: host, port: link.port, authority: signing.ca },
    });
  });

  afterAll(async () => {
    await link.close();
    await server.kill();
    await web.close();
  });

  /** The scheduler would give them the uploader's pods, and they would only say that those ran. */
  async function removeSimulatedNodes(): Promise<void> {
    for (const node of await lab.client.list("v1", "Node")) {
      if (node.metadata.annotations?.[FAKE_NODE_ANNOTATION.key] !== undefined) {
        await lab.client.remove(node);
      }
    }
  }
  const inStore = () => stored(server.bucket);
  const writes = (file: string) =>
    eventually(`the worker has written ${file}`, async () => (await story.written()).get(file));
  /** Waits until the worker has begun and ended a file over a connection that it has made since. */
  const writesAnew = async () => {
    const files = [...(await story.written()).keys()];
    // One may be under way already.
    await writes(`trace/small-${files.filter((file) => file.includes("small")).length + 2}`);
  };
  /** Whether Queen lets an identity in, and shows a certificate of the authority that signs now. */
  const letsIn = async (who: Identity): Promise<boolean> => {
    const session = await story.session(who).catch(() => undefined);
    session?.close();
    return session !== undefined;
  };

  test("what a worker's guest writes is with Queen", async () => {
    await story.ready("queen");
    await story.ready("drones");
    await writes("trace/large.bin");
    const [written, files] = [await story.written(), await story.files()];
    expect(files.get("trace/run-1/spans of a day/50%")).toBe(4096);
    for (const [file, { bytes }] of written) {
      const isUploaders = !file.startsWith("telemetry/");
      expect([file, files.get(file)]).toEqual([file, isUploaders ? bytes : undefined]);
    }
  });

  test("certificates and their authority change under an upload, and the worker writes on: it ends well", async () => {
    const before = await story.written();
    const former = story.uploader();
    const { uid } = (await story.ready("queen")).metadata;
    link.holdAfter(12 * MIB);
    await story.startRun("first");
    await eventually("its bytes are held up", () => Promise.resolve(link.isHeld()));
    await story.changeAuthority();
    await eventually("Queen shows the new certificate", () => letsIn(story.uploader()));
    // Whoever has not been told yet is let in as well.
    await eventually("the former identity is let in", () => letsIn(former));
    await writesAnew();
    const [held, files] = [inStore(), await story.files()];
    expect([held.has("trace/large.bin"), files.has("trace/large.bin")]).toEqual([false, true]);
    await story.dropFormerAuthority();
    link.release();
    const report = await story.report("first");
    expect(report).toMatchObject({ failed: 0, setAside: 0, stoppedEarly: false });
    const [objects, left] = [inStore(), await story.files()];
    expect(report.moved).toBe(objects.size);
    for (const [file, written] of before) {
      if (file.startsWith("telemetry/")) continue;
      expect([file, objects.get(file), left.has(file)]).toEqual([file, [written], false]);
    }
    // What grows waits.
    expect([left.has("trace/growing"), objects.has("trace/growing")]).toEqual([true, false]);
    expect(report.waiting).toBeGreaterThan(0);
    expect((await story.ready("queen")).metadata.uid).toBe(uid);
    await eventually("the former identity is refused", async () => !(await letsIn(former)));
    await writesAnew();
  });

  test("once the worker has ended, the next run leaves nothing: all that it wrote is stored, each file once", async () => {
    const said = await story.endWorker();
    expect(said).toMatch(/^kvm-fabric guest powers down/m);
    const written = writtenIn(said);
    await story.startRun("second");
    const report = await story.report("second");
    expect(report).toMatchObject({ failed: 0, setAside: 0, waiting: 0, stoppedEarly: false });
    const uploaded = [...written].filter(([file]) => !file.startsWith("telemetry/"));
    expect(uploaded.length).toBeGreaterThan(10);
    expect(inStore()).toEqual(new Map(uploaded.map(([file, content]) => [file, [content]])));
    expect([...(await story.files()).keys()]).toEqual([]);
    // Queen's other folders are as the worker left them.
    expect(await story.readAsWorker("telemetry/state")).toEqual(written.get("telemetry/state"));
  });
});
