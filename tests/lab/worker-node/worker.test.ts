import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import type { ProvisionerPlan } from "../../../components/node-provisioner/plan";
import { fieldAt, listAt } from "../../../lab/kube/objects";
import { workerGuest } from "../../../lab/node/guest";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { workerImage, workerTree } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { ip } from "../../../lab/node/machine";
import { type RunningNode, startNode } from "../../../lab/node/node";
import { labPaths } from "../../../lab/paths";
import { type Catalogue, startCatalogue } from "../../support/consul-catalogue";
import { withOwnLab } from "../../support/own-lab";
import { identify, isAlive } from "../../../lab/processes";
import { describeOnRealNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { DOMAIN, provisionerOn, slowly } from "../node/provisioner-stand";
import { GUESTS, guestSets, isHeld, workersOn } from "./worker-stand";

const NODE = "a";
/** Where something listens in the worker's pod, for its guest. */
const PORT = 18_080;
const METADATA = { ipv4: "169.254.169.254", ipv6: "fd00:ec2::254" };
const hasKvm = fs.existsSync("/dev/kvm");

// A worker opens /dev/kvm before it starts, so there must be one; its guest runs under TCG nevertheless.
const tests = hasKvm ? describeOnRealNode : describe.skip;
const title = `a worker's life on a real node${hasKvm ? "" : " (skipped: needs /dev/kvm)"}`;
tests(title, () => {
  const lab = withOwnLab();
  let node: RunningNode;
  let image: ImageArchive;
  let web: Web;
  let catalogue: Catalogue;
  let sets: Record<"bad" | "first" | "second" | "third", AssetSet>;
  let allowed: string;
  const provisioner = provisionerOn(lab, NODE, () => image);
  const workers = workersOn(lab, () => node);
  let [first, third]: string[] = [];
  let worker: any;
  let log: ReturnType<typeof workers.follow>;

  beforeAll(async () => {
    const { cache } = labPaths();
    const [started, guest] = await Promise.all([
      startNode(lab.state, { name: NODE, domain: DOMAIN }),
      workerGuest(cache),
    ]);
    node = started;
    image = await workerImage(cache);
    await importImage(lab.state, NODE, image);
    web = await startWeb(node.network.host);
    catalogue = await startCatalogue(node.network.host);
    sets = guestSets(guest, web);
    allowed = `${node.network.host}/${new URL(web.url).port}`;
  });

  afterAll(async () => {
    await catalogue.close();
    await web.close();
  });

  const planOf = (assets: AssetSet, ...previousAssets: AssetSet[]): ProvisionerPlan =>
    provisioner.planOf({ assets, previousAssets, keepVersions: 1 });
  const open = (set: string, said = "True Proven") => ({
    ...{ label: set, closed: false, said, current: set },
  });
  const rollOut = async (assetSet: string) => {
    const [here, ...there] = [GUESTS.gateway, METADATA.ipv4, GUESTS.gateway6, METADATA.ipv6];
    const tried = [allowed, ...[here, ...there].map((address) => `${address}/${PORT}`)];
    await workers.rollOut({ assetSet, catalogue, image, tried });
  };
  const becomesReady = async (): Promise<any> => {
    try {
      return await eventually("a worker is ready", async () => {
        const pod = await workers.pod();
        return pod !== undefined && workers.isReady(pod) && pod;
      });
    } catch (error) {
      throw new Error(`${String(error)}\n${JSON.stringify((await workers.pod())?.status)}`, {
        cause: error,
      });
    }
  };
  const isPassing = () =>
    eventually("the worker is passing", () => {
      return Promise.resolve(catalogue.entries()[0]?.status === "passing");
    });
  const manifestOf = (assetSet: string) => path.join(workers.version(assetSet), "manifest.json");
  /** Whether nobody runs a microVM from a version: what the provisioner asks before it removes one. */
  const isFree = (assetSet: string): boolean =>
    spawnSync("flock", ["-n", "-x", manifestOf(assetSet), "true"]).status === 0;

  test("a node joins: slow download, proof, label, and only then a worker, whose guest has its role", async () => {
    web.behave(slowly);
    const plan = planOf(sets.first);
    first = plan.assetSet;
    await provisioner.rollOut(plan);
    await rollOut(first);
    await eventually("it downloads", () => Promise.resolve(web.requests.length > 0));
    expect(await workers.pods()).toEqual([]);
    await provisioner.becomes("the node is open", open(first));
    web.behave(undefined);
    const provenAt = Date.now();
    worker = await becomesReady();
    const readyAt = Date.now();
    log = workers.follow(worker);
    await log.says(/^kvm-fabric guest is up: role=DroneWorker$/m);
    await isPassing();
    const { podIP } = worker.status;
    expect(catalogue.entries()).toMatchObject([
      { id: `drones-${NODE}`, name: "drones", address: podIP, port: 8081, meta: { node: NODE } },
    ]);
    const answer = await fetch(`http://${podIP}:8081/health`);
    expect([answer.status, await answer.text()]).toEqual([200, "ok\n"]);
    process.stderr.write(`worker ready ${readyAt - provenAt} ms after its node was proven (TCG)\n`);
  });

  test("it has no right but to its network, which is closed before it starts; it holds its files", async () => {
    const status = "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/1/status";
    const none = "CapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2\n";
    for (const container of ["worker", "hold"]) {
      expect(await workers.run(worker, status, container)).toMatch(new RegExp(`^${none}$`));
      expect(await workers.run(worker, "touch /file 2>&1 || true", container)).toMatch(/Read-only/);
    }
    const tokens = "ls /var/run/secrets 2>&1 || true; touch $KVM_FABRIC_ASSETS/x 2>&1 || true";
    expect(await workers.run(worker, tokens)).toMatch(/No such file[^]*Read-only/);
    expect(isFree(first!)).toBe(false);
    expect(isHeld(manifestOf(first!))).toBe(true);
    const running = fs.readFileSync(`/proc/${workers.machineOf(worker)}/status`, "utf8");
    expect(running).toMatch(/^CapEff:\t0{16}$/m);
  });

  test("the guest reaches what it may, and the metadata address on neither IPv4 nor IPv6", async () => {
    // Both addresses lead to a server in the pod itself: where nothing stops the guest, it is answered.
    await workers.run(worker, `busybox httpd -p ${PORT} -h /run/worker/health`);
    const machine = workers.machineOf(worker);
    const tree = await workerTree();
    for (const address of [`${METADATA.ipv4}/32`, `${METADATA.ipv6}/128`]) {
      await ip(tree, ["address", "add", address, "dev", "lo"], machine);
    }
    const from = log.text().length;
    const since = () => log.text().slice(from);
    const reached = (address: string) =>
      [...since().matchAll(/^kvm-fabric guest reached (\S+): HTTP/gm)].filter(
        ([, server]) => server === address,
      ).length;
    const here = [allowed, `${GUESTS.gateway}/${PORT}`, `${GUESTS.gateway6}/${PORT}`];
    const metadata = [METADATA.ipv4, METADATA.ipv6].map((address) => `${address}/${PORT}`);
    // Asked twice, so once of both from begin to end with everything in place.
    await eventually("it reaches what it may", () =>
      Promise.resolve(here.every((server) => reached(server) >= 2)),
    );
    expect(metadata.map(reached)).toEqual([0, 0]);
    const nft = [`--net=/proc/${machine}/ns/net`, "chroot", tree, "/usr/sbin/nft"];
    const words = [...nft, "delete", "table", "inet", "kvm_fabric"];
    expect(spawnSync("nsenter", words, { encoding: "utf8" })).toMatchObject({ status: 0 });
    await eventually("without the filter it reaches both", () =>
      Promise.resolve(metadata.every((server) => reached(server) > 0)),
    );
  });

  test("a bad set: its gate fails, the node keeps what it has, the worker's guest runs all along", async () => {
    const machine = workers.machineOf(worker);
    const from = log.text().length;
    await provisioner.rollOut(planOf(sets.bad, sets.first));
    await provisioner.becomes("it says so", open(first!, "True GateFailed"));
    await provisioner.rollOut(planOf(sets.first));
    await provisioner.becomes("all is well", open(first!));
    expect(workers.machineOf(worker)).toBe(machine);
    const pod = await workers.pod();
    expect(pod.metadata.uid).toBe(worker.metadata.uid);
    for (const status of listAt(pod, "status", "containerStatuses")) {
      expect(fieldAt(status, "restartCount")).toBe(0);
    }
    const beats = [
      ...log
        .text()
        .slice(from)
        .matchAll(/heartbeat (\d+) /g),
    ].map(([, n]) => Number(n));
    expect(beats).toEqual(beats.map((_, at) => beats[0]! + at));
    expect(catalogue.events).not.toContain("drones deregistered");
    await isPassing();
  });

  test("an upgrade: what a guest runs from is not collected, neither before the worker goes nor while it drains", async () => {
    const between = planOf(sets.second, sets.first);
    await provisioner.rollOut(between);
    await provisioner.becomes("the node has the second set", open(between.assetSet));
    const plan = planOf(sets.third, sets.second, sets.first);
    third = plan.assetSet;
    await provisioner.rollOut(plan);
    await provisioner.becomes("the node has the third set", open(third));
    // It is neither current nor what the node would go back to, and no more versions are to be kept.
    await eventually("the first version is in use", async () => {
      return (await provisioner.logs("provision")).includes(`${first} is in use and stays`);
    });
    expect(isFree(first!)).toBe(false);
    await isPassing();
    // From now on until its QEMU has ended, at every moment.
    const machine = identify(workers.machineOf(worker));
    const lacks: string[] = [];
    const looks = setInterval(() => {
      const held = isHeld(manifestOf(first!));
      if (!held && machine !== undefined && isAlive(machine)) lacks.push("no lock");
    }, 20);
    await rollOut(third);
    await log.says(/^kvm-fabric guest powers down: role=DroneWorker$/m);
    await eventually("its pod is gone", async () => (await lab.client.find(worker)) === undefined);
    clearInterval(looks);
    expect(lacks).toEqual([]);
    expect(log.text()).toMatch(/^drain: 1 /m);
    expect(log.text()).toMatch(/^worker: QEMU ended with 0$/m);
    worker = await becomesReady();
    log = workers.follow(worker);
    await log.says(/^kvm-fabric guest is up: role=DroneWorker$/m);
    const assets = await workers.run(worker, "cat $KVM_FABRIC_ASSETS/manifest.json");
    expect(JSON.parse(assets)).toMatchObject({ assetSet: third });
    await isPassing();
    expect(catalogue.entries()).toMatchObject([{ address: worker.status.podIP }]);
    expect(catalogue.events).toContain("drones deregistered");
    await eventually("the first version is collected", () =>
      Promise.resolve(!fs.existsSync(workers.version(first!))),
    );
    expect(isFree(third)).toBe(false);
  });

  test("workers and provisioner go: nothing is left", async () => {
    await lab.client.remove(workers.daemonSet, { propagation: "Foreground" });
    await log.says(/^worker: QEMU ended with 0$/m);
    await eventually("no worker is left", async () => (await workers.pods()).length === 0);
    expect(catalogue.entries()).toEqual([]);
    // The provisioner has it for moments itself, whenever it looks.
    await eventually("its files are free", () => Promise.resolve(isFree(third!)));
    await lab.client.remove(provisioner.daemonSet, { propagation: "Foreground" });
    await eventually(
      "the provisioner is gone",
      async () => (await lab.client.find(provisioner.daemonSet)) === undefined,
    );
    expect(await provisioner.seen()).toEqual({ closed: false });
    expect(fs.readdirSync(provisioner.root())).toEqual([]);
  });
});
