import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import { killApiServer, reviveApiServer } from "../../../lab/cluster/api-server";
import { auditLog } from "../../../lab/cluster/cluster";
import { readSettings } from "../../../lab/cluster/files";
import { guestFiles } from "../../../lab/node/guest";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { workerBaseImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { programsOn } from "../../../lab/node/machine";
import { type RunningNode, startNode } from "../../../lab/node/node";
import { startKubelet } from "../../../lab/node/services";
import { labPaths } from "../../../lab/paths";
import { isAlive, type ProcessIdentity } from "../../../lab/processes";
import { eventually } from "../../support/lab";
import { withOwnLab } from "../../support/own-lab";
import { describeOnKvmNode } from "../../support/real-node";
import {
  type Behaviour,
  serve,
  startWeb,
  type Web,
} from "../../unit/components/node-provisioner/script/web";
import { isWrite, readAudit } from "../simulators/audit-log";
import { containerOf, killIfThere, processesOf, runningIn } from "./containers";
import { type Flips, watchFlips } from "./flips";
import { followLabel, type LabelHistory } from "./label-history";
import { beats, layMicroVm, MICRO_VM, monitorOf } from "./micro-vm";
import { podsOf } from "./pods";
import { assetSets, DOMAIN, provisionerOn, REPORTER } from "./provisioner-stand";

const NODE = "a";
const LABEL = `${DOMAIN}/assets`;
const CONVERGES_SECONDS = 60;
/** How long a kill waits for a write of the reporter to come in its way; one with nothing to say makes none. */
const AMBUSH_SECONDS = 2;

describeOnKvmNode(
  "the API server is killed 20 times while a real node joins, upgrades and idles",
  () => {
    jest.setTimeout(150_000);
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
      await eventually(
        "the guest lives",
        () => Promise.resolve(beats(lab.state, NODE).length > 0),
        60,
      );
      monitor = monitorOf(containerOf(await pods.get("guest"), "main")!.id)!;
    }, 600_000);

    afterAll(async () => {
      history.close();
      flips.close();
      await web.close();
    });

    test("it joins", async () => {
      const [release, held] = holding();
      web.behave(held);
      first = await rollOut({ assets: sets.first });
      await storm(8, {
        2: killKubelet,
        3: async () => {
          await killReporter();
          release();
        },
        6: killReporter,
      });
      await converges(first);
    });

    test("it upgrades", async () => {
      const [release, held] = holding();
      web.behave(held);
      second = await rollOut({ assets: sets.second, previousAssets: [sets.first] });
      await storm(8, {
        1: async () => {
          await killKubelet();
          release();
        },
        4: killReporter,
      });
      await converges(second);
    });

    test("it idles: nothing is written", async () => {
      const before = reporterWrites().length;
      await storm(4, { 1: killKubelet });
      await converges(second!);
      expect(reporterWrites().slice(before)).toEqual([]);
      expect(kills).toBe(20);
    });

    test("no label was ever wrong: every write of the node by the reporter, by the audit log", () => {
      const writes = reporterWrites();
      for (const { at, body, name, status, tokenNode, verb } of writes) {
        expect({ name, tokenNode, verb }).toEqual({ name: NODE, tokenNode: NODE, verb: "patch" });
        const set = body?.metadata?.labels?.[LABEL];
        if (set === undefined) continue;
        const current = flips.all.filter((flip) => flip.at <= Date.parse(at)).at(-1);
        expect({ at, status, set }).toEqual({ at, status, set: current?.set });
        expect(current?.gate).toMatch(/^[0-9a-f]{64}$/);
      }
      const kinds = writes.map(({ body, subresource, status }) => {
        const part = subresource || (Array.isArray(body) ? "taint" : "label");
        return `${part} ${status}`;
      });
      process.stderr.write(`${writes.length} writes: ${kinds.join(", ")}\n`);
      expect(kinds).toContain("label 200");
      const others = audited().filter(
        (one) => isWrite(one) && one.user !== REPORTER && one.body?.metadata?.labels?.[LABEL],
      );
      expect(others).toEqual([]);
    });

    test("nor by the database, version by version", async () => {
      expect(await history.upToNow()).toEqual([undefined, first, second]);
      expect(flips.all.map(({ set }) => set)).toEqual([first, second]);
    });

    test("the microVM ran throughout: one process, one boot, every beat", async () => {
      expect(isAlive(monitor)).toBe(true);
      const container = containerOf(await pods.ready("guest"), "main");
      expect(container?.restarts).toBe(0);
      expect(processesOf(container!.id)).toEqual([monitor.pid]);
      const last = beats(lab.state, NODE).length;
      await eventually("it beats on", () =>
        Promise.resolve(beats(lab.state, NODE).length > last + 1),
      );
      const all = beats(lab.state, NODE);
      expect(all).toEqual(all.map((_, at) => at));
      process.stderr.write(`${all.length} beats of the microVM\n`);
    });

    /** Brings a set to where the installer is at work on it, and no further. */
    async function rollOut(shape: Parameters<typeof stand.planOf>[0]): Promise<string> {
      const plan = stand.planOf(shape);
      const asked = web.requests.length;
      await stand.rollOut(plan);
      await eventually("it downloads", () => Promise.resolve(web.requests.length > asked), 60);
      return plan.assetSet;
    }

    /** Kills and restarts, as often; by the number of the kill, what else happens while the API server is away. */
    async function storm(times: number, meanwhile: Record<number, () => Promise<void>>) {
      for (let at = 0; at < times; at += 1) {
        await aWrite();
        const killed = await killApiServer(lab.state);
        killedAt = Date.now();
        kills += 1;
        await meanwhile[at]?.();
        await reviveApiServer(lab.state, killed);
      }
    }

    async function aWrite(): Promise<void> {
      const before = reporterWrites().length;
      const deadline = Date.now() + AMBUSH_SECONDS * 1000;
      while (reporterWrites().length === before && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    async function converges(set: string): Promise<void> {
      const rest = CONVERGES_SECONDS - (Date.now() - killedAt) / 1000;
      const open = { label: set, closed: false, said: "True Proven", current: set };
      await stand.becomes(`the node has ${set} again`, open, rest);
      process.stderr.write(
        `converged ${Math.round((Date.now() - killedAt) / 1000)} s after the last kill\n`,
      );
    }

    /** Its container's first process, whereupon the kubelet starts another. */
    function killReporter(): Promise<void> {
      const pids = runningIn(node.cgroup, "/report.sh");
      expect(pids).not.toEqual([]);
      pids.forEach(killIfThere);
      return Promise.resolve();
    }

    async function killKubelet(): Promise<void> {
      const pids = programsOn(node.init, "kubelet");
      expect(pids).toHaveLength(1);
      pids.forEach(killIfThere);
      await startKubelet(lab.state, node, node.init);
    }

    const audited = () => readAudit(auditLog(lab.state)).requests;

    function reporterWrites() {
      return audited().filter(
        (one) => one.user === REPORTER && one.resource === "nodes" && isWrite(one),
      );
    }
  },
);

/** A server that sends half of each file and the rest once it is released. */
function holding(): [release: () => void, behaviour: Behaviour] {
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
  return [release, behaviour];
}
