import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import { killApiServer, reviveApiServer } from "../../../lab/cluster/api-server";
import { auditLog } from "../../../lab/cluster/cluster";
import { readSettings } from "../../../lab/cluster/files";
import { guestFiles } from "../../../lab/node/guest";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { workerBaseImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { type RunningNode, startNode } from "../../../lab/node/node";
import { startKubelet } from "../../../lab/node/services";
import { labPaths } from "../../../lab/paths";
import { isAlive, type ProcessIdentity } from "../../../lab/processes";
import { withOwnLab } from "../../support/own-lab";
import { describeOnKvmNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { type AuditedRequest, isWrite, readAudit } from "../simulators/audit-log";
import { containerOf, killIfThere, killProgram, processesOf, runningIn } from "./containers";
import { type Flips, watchFlips } from "./flips";
import { followLabel, type LabelHistory } from "./label-history";
import { beats, layMicroVm, MICRO_VM, monitorOf } from "./micro-vm";
import { podsOf } from "./pods";
import { assetSets, DOMAIN, halves, provisionerOn, REPORTER } from "./provisioner-stand";

const NODE = "a";
const LABEL = `${DOMAIN}/assets`;
const KILLS = 20;
/** From the last kill on. */
const CONVERGES_SECONDS = 60;
/** How long a kill waits for the request that it comes after. */
const AMBUSH_SECONDS = 60;

/** What happens while the API server is away. */
type Deed = () => Promise<void>;
const nothing: Deed = () => Promise.resolve();

describeOnKvmNode("a real node whose API server is killed 20 times", () => {
  const lab = withOwnLab({ audit: true });
  const stand = provisionerOn(lab, NODE, () => image);
  const pods = podsOf(lab);
  let image: ImageArchive;
  let node: RunningNode;
  let web: Web;
  let sets: Record<"first" | "second", AssetSet>;
  let history: LabelHistory;
  let flips: Flips;
  let monitor: ProcessIdentity;
  let [first, second]: string[] = [];
  let kills = 0;
  let killedAt = 0;
  /** How far the audit log was listened to. */
  let listened = 0;

  const audited = (from = 0) => readAudit(auditLog(lab.state), from);
  const isReport = (one: AuditedRequest) =>
    one.user === REPORTER && one.resource === "nodes" && isWrite(one);
  const isDone = (one: AuditedRequest) => isReport(one) && one.status === 200;
  const anything = () => true;
  const isNodes = ({ user }: AuditedRequest) => user === `system:node:${NODE}`;
  const reports = () => audited().requests.filter(isReport);
  const open = (set: string) => ({ label: set, closed: false, said: "True Proven", current: set });

  beforeAll(async () => {
    node = await startNode(lab.state, { name: NODE, domain: DOMAIN });
    image = await workerBaseImage();
    await importImage(lab.state, NODE, image);
    await layMicroVm(lab.state, NODE);
    web = await startWeb(node.network.host);
    sets = assetSets(await guestFiles(labPaths().cache), web);
    history = followLabel(readSettings(lab.state)!.ports.etcd, NODE, LABEL);
    flips = watchFlips(stand.root());
    await pods.create("guest", { ...MICRO_VM, image: image.name, node: NODE });
    await eventually("the guest lives", () => Promise.resolve(beatsNow().length > 0));
    monitor = monitorOf(containerOf(await pods.get("guest"), "main")!.id)!;
  });

  afterAll(async () => {
    history.close();
    flips.close();
    await web.close();
  });

  test("it joins", async () => {
    const { release, behaviour } = halves();
    web.behave(behaviour);
    first = await rollOut({ assets: sets.first });
    await storm(anything, [nothing, killKubelet]);
    await storm(isNodes, [killReporter, atOnce(release)]);
    // The opening, then the condition: each is done, and whether its answer arrives is open.
    await storm(isDone, [killReporter, nothing, nothing], open(first));
    await storm(anything, [nothing]);
    await converges(first);
  });

  test("it upgrades", async () => {
    const { release, behaviour } = halves();
    web.behave(behaviour);
    second = await rollOut({ assets: sets.second, previousAssets: [sets.first] });
    await storm(anything, [nothing, killKubelet]);
    await storm(isNodes, [atOnce(release), killReporter]);
    await storm(anything, [nothing, nothing]);
    await storm(isDone, [nothing], open(second));
    await storm(anything, [nothing]);
    await converges(second);
  });

  test("it idles: nothing is written", async () => {
    const before = reports().length;
    await storm(anything, [nothing, killKubelet, killReporter, nothing]);
    await converges(second!);
    expect(reports().slice(before)).toEqual([]);
    expect(kills).toBe(KILLS);
  });

  test("no label was ever wrong: every write of the node by the reporter, by the audit log", () => {
    const writes = reports();
    for (const { at, body, name, tokenNode, verb } of writes) {
      expect({ name, tokenNode, verb }).toEqual({ name: NODE, tokenNode: NODE, verb: "patch" });
      const set = Array.isArray(body)
        ? body.find(({ op }) => op === "add").value
        : body?.metadata?.labels?.[LABEL];
      if (set === undefined) continue;
      // What "current" named just then, and had booted a microVM.
      const current = flips.all.findLast((flip) => flip.at <= Date.parse(at));
      expect({ at, set }).toEqual({ at, set: current?.set });
      expect(current?.gate).toMatch(/^[0-9a-f]{64}$/);
    }
    const kinds = writes.map(({ body, status, subresource }) =>
      [subresource || (Array.isArray(body) ? "opening" : "label"), status].join(" "),
    );
    // The first write of all, which no kill comes before. Another may be done and its server killed before it is logged.
    expect(kinds).toContain("opening 200");
    process.stderr.write(`${writes.length} writes of the node: ${kinds.join(", ")}\n`);
    const accounts = audited()
      .requests.filter((one) => one.resource === "nodes" && one.name === NODE && isWrite(one))
      .filter(({ user }) => user.startsWith("system:serviceaccount:"));
    expect(new Set(accounts.map(({ user }) => user))).toEqual(new Set([REPORTER]));
  });

  test("nor by the database, version by version", async () => {
    expect(await history.upToNow()).toEqual([undefined, first, second]);
    expect(flips.all.map(({ set }) => set)).toEqual([first, second]);
  });

  test("the microVM ran throughout: one process, one boot, every beat", async () => {
    expect(isAlive(monitor)).toBe(true);
    const { id, restarts } = containerOf(await pods.ready("guest"), "main")!;
    expect(restarts).toBe(0);
    expect(processesOf(id)).toEqual([monitor.pid]);
    const sofar = beatsNow().length;
    await eventually("it beats on", () => Promise.resolve(beatsNow().length > sofar));
    expect(beatsNow()).toEqual(beatsNow().map((_, at) => at));
    process.stderr.write(`${beatsNow().length} beats of the microVM\n`);
    // The kubelet that saw to it is not the first, and neither is the reporter.
    const pod = await stand.pod();
    expect(containerOf(pod, "report")?.restarts).toBeGreaterThan(0);
    expect(containerOf(pod, "provision")?.restarts).toBe(0);
  });

  /** Brings a set to where the installer is at work on it, and no further. */
  async function rollOut(shape: Parameters<typeof stand.planOf>[0]): Promise<string> {
    const plan = stand.planOf(shape);
    const asked = web.requests.length;
    await stand.rollOut(plan);
    await eventually("it downloads", () => Promise.resolve(web.requests.length > asked));
    return plan.assetSet;
  }

  /** One kill a deed, each right after a request, or once the node is what it is to be and none has to come. */
  async function storm(
    prey: (request: AuditedRequest) => boolean,
    deeds: Deed[],
    settled?: object,
  ) {
    for (const deed of deeds) {
      await ambush(prey, settled);
      const killed = await killApiServer(lab.state);
      killedAt = Date.now();
      kills += 1;
      await deed();
      await reviveApiServer(lab.state, killed);
    }
  }

  async function ambush(prey: (request: AuditedRequest) => boolean, settled?: object) {
    const deadline = Date.now() + AMBUSH_SECONDS * 1000;
    for (let look = 1; ; look += 1) {
      const { requests, end } = audited(listened);
      listened = end;
      if (requests.some(prey)) return;
      if (settled && look % 200 === 0 && (await isSettled(settled))) return;
      if (Date.now() > deadline) throw new Error(`no such request in ${AMBUSH_SECONDS} s`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async function isSettled(settled: object): Promise<boolean> {
    return JSON.stringify(await stand.seen()) === JSON.stringify(settled);
  }

  async function converges(set: string): Promise<void> {
    const seconds = () => (Date.now() - killedAt) / 1000;
    await stand.becomes(`the node has ${set}`, open(set));
    expect(seconds()).toBeLessThanOrEqual(CONVERGES_SECONDS);
    process.stderr.write(`it is what it should be ${seconds().toFixed(1)} s after the last kill\n`);
  }

  const beatsNow = () => beats(lab.state, NODE);
  const atOnce =
    (deed: () => void): Deed =>
    () => {
      deed();
      return nothing();
    };

  /** Its container's first process, whereupon the kubelet starts another. */
  function killReporter(): Promise<void> {
    const pids = runningIn(node.cgroup, "/report.sh");
    expect(pids).not.toEqual([]);
    pids.forEach(killIfThere);
    return Promise.resolve();
  }

  async function killKubelet(): Promise<void> {
    await killProgram(lab.state, node, "kubelet");
    await startKubelet(lab.state, node, node.init);
  }
});
