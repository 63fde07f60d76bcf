import * as fs from "node:fs";
import * as path from "node:path";
import { kvmNodeLabels } from "../../../components/shared/kvm-nodes";
import { nodeContract } from "../../../components/shared/node-contract";
import { conditionOf, fieldAt, textAt } from "../../../lab/kube/objects";
import { guestFiles } from "../../../lab/node/guest";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { workerBaseImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { machineFolder } from "../../../lab/node/machine";
import { type RunningNode, startNode } from "../../../lab/node/node";
import { startServices } from "../../../lab/node/services";
import { labPaths } from "../../../lab/paths";
import { isAlive } from "../../../lab/processes";
import { withOwnLab } from "../../support/own-lab";
import { describeOnKvmNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { containerOf, killProgram, runningIn } from "./containers";
import { takeKvm } from "./kvm-device";
import { beats, layMicroVm, MICRO_VM, monitorOf } from "./micro-vm";
import { podsOf, shell } from "./pods";
import { assetSets, DOMAIN, provisionerOn } from "./provisioner-stand";

const NODE = "a";
const contract = nodeContract(DOMAIN);

describeOnKvmNode("a real node that loses KVM while a microVM runs on it", () => {
  const lab = withOwnLab();
  const stand = provisionerOn(lab, NODE, () => image);
  const { ready } = podsOf(lab);
  let image: ImageArchive;
  let node: RunningNode;
  let web: Web;
  let set: string;
  let giveBack: () => Promise<void>;
  const stopped = new AbortController();
  /** What the node said of itself, each once in a row: its label and its condition. */
  const said: string[] = [];

  beforeAll(async () => {
    node = await startNode(lab.state, { name: NODE, domain: DOMAIN });
    image = await workerBaseImage();
    await importImage(lab.state, NODE, image);
    await layMicroVm(lab.state, NODE);
    web = await startWeb(node.network.host);
    const { first } = assetSets(await guestFiles(labPaths().cache), web);
    const plan = stand.planOf({ assets: first });
    set = plan.assetSet;
    await stand.rollOut(plan);
    await lab.client.create(workers());
    await stand.becomes("the node is open", open());
    const options = {
      query: { fieldSelector: `metadata.name=${NODE}` },
      signal: stopped.signal,
    };
    void lab.client.watch("/api/v1/nodes", options, ({ object }) => {
      const label = object.metadata.labels?.[contract.assetsLabel];
      const { status, reason } = conditionOf(object, "KvmFabricReady") ?? {};
      const now = [label === undefined ? "no label" : "label", status, reason].join(" ");
      if (now !== said.at(-1)) said.push(now);
    });
    await eventually("the guest lives", () => Promise.resolve(beatsNow() > 0));
  });

  afterAll(async () => {
    stopped.abort();
    await web.close();
  });

  test("the label goes first, then condition and event say why; nothing new is placed there", async () => {
    const worker = await theWorker();
    const monitor = monitorOf(containerOf(worker, "main")!.id)!;
    giveBack = await takeKvm(node);
    await stand.becomes("the node is closed to workers", {
      ...{ label: undefined, closed: false, said: "False KvmNotOpenable", current: set },
    });
    await hasSaid("label True Proven", "no label True Proven", "no label False KvmNotOpenable");
    const object = await lab.client.get({ apiVersion: "v1", kind: "Node", name: NODE });
    expect(conditionOf(object, "KvmFabricReady")?.message).toMatch(/\/dev\/kvm does not open/);
    await eventually("the event tells of it", async () => (await told()).length === 1);
    expect(textAt((await told())[0], "message")).toMatch(/\/dev\/kvm does not open/);
    await eventually("the device is no longer offered", async () => {
      const now = await lab.client.get({ apiVersion: "v1", kind: "Node", name: NODE });
      return fieldAt(now, "status", "allocatable", contract.kvmResource) === "0";
    });
    // Its worker is told to end, and drains: the microVM lives until that is done.
    await eventually("the worker drains", () => Promise.resolve(fs.existsSync(file("draining"))));
    const sofar = beatsNow();
    await eventually("its microVM beats on", () => Promise.resolve(beatsNow() > sofar));
    expect(isAlive(monitor)).toBe(true);
    fs.writeFileSync(file("drained"), "");
    await eventually("it is gone", async () => (await lab.client.find(worker)) === undefined);
    expect(isAlive(monitor)).toBe(false);
    expect((await lab.client.get(workers())).status).toMatchObject({ desiredNumberScheduled: 0 });
  });

  test("KVM comes back: a microVM boots anew, though containerd is killed over it, and so does all else", async () => {
    for (const name of ["draining", "drained"]) fs.rmSync(file(name));
    await giveBack();
    await eventually("the gate's microVM boots", () =>
      Promise.resolve(runningIn(node.cgroup, "role=gate").length > 0),
    );
    await killProgram(lab.state, node, "containerd");
    await startServices(lab.state, node, node.init);
    await stand.becomes("the node is open again", open());
    await hasSaid(
      "label True Proven",
      "no label True Proven",
      "no label False KvmNotOpenable",
      "label False KvmNotOpenable",
      "label True Proven",
    );
    // A kubelet that found no containerd tries again after a while.
    await ready((await theWorker()).metadata.name ?? "");
    for (const name of ["provision", "report"]) {
      expect(containerOf(await stand.pod(), name)?.restarts).toBe(0);
    }
  });

  const hasSaid = async (...all: string[]) => {
    await eventually("all of it is heard", () => Promise.resolve(said.length >= all.length));
    expect(said).toEqual(all);
  };
  const open = () => ({ label: set, closed: false, said: "True Proven", current: set });
  const file = (name: string) =>
    path.join(machineFolder(lab.state, NODE), "var/lib/micro-vm", name);
  const beatsNow = () => beats(lab.state, NODE).length;
  const told = () => {
    const query = { fieldSelector: `involvedObject.name=${NODE},reason=KvmNotOpenable` };
    return lab.client.list("v1", "Event", { namespace: "default", query });
  };
  const theWorker = () =>
    eventually("there is a worker", async () => {
      const query = { labelSelector: "app=worker" };
      const [pod] = await lab.client.list("v1", "Pod", { namespace: "default", query });
      return pod?.metadata.deletionTimestamp === undefined && pod;
    });

  /** One microVM on each proven node, by what a WorkerDaemonSet selects nodes by, with a drain that waits for the test. */
  function workers() {
    const labels = { app: "worker" };
    const drain = "touch /vm/draining; until [ -e /vm/drained ]; do sleep 0.1; done";
    const { capabilityLabel } = contract;
    const nodeSelector = {
      [capabilityLabel]: kvmNodeLabels(contract, "")[capabilityLabel] ?? "",
      [contract.assetsLabel]: set,
    };
    const main = {
      name: "main",
      image: image.name,
      imagePullPolicy: "Never",
      command: MICRO_VM.command,
      lifecycle: { preStop: { exec: { command: shell(drain) } } },
      resources: { limits: { [contract.kvmResource]: "1" } },
      volumeMounts: [{ name: "vm", mountPath: "/vm" }],
    };
    const spec = {
      nodeSelector,
      tolerations: [{ key: contract.workerTaint, operator: "Exists" }],
      terminationGracePeriodSeconds: 120,
      containers: [main],
      volumes: [{ name: "vm", hostPath: { path: MICRO_VM.volumes["/vm"] } }],
    };
    return {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "worker", namespace: "default" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    };
  }
});
