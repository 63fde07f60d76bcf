import * as fs from "node:fs";
import * as path from "node:path";
import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import type { ProvisionerPlan } from "../../../components/node-provisioner/plan";
import { conditionOf, fieldAt, listAt } from "../../../lab/kube/objects";
import { guestFiles } from "../../../lab/node/guest";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { workerBaseImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { startNode } from "../../../lab/node/node";
import { labPaths } from "../../../lab/paths";
import { withOwnLab } from "../../support/own-lab";
import { describeOnKvmNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { assetSets, doctorHere, DOMAIN, provisionerOn, slowly } from "./provisioner-stand";

const NODE = "a";

describeOnKvmNode("the node provisioner on a real node", () => {
  const lab = withOwnLab();
  let image: ImageArchive;
  let web: Web;
  let plan: ProvisionerPlan;
  let sets: Record<"bad" | "first" | "second", AssetSet>;
  const stand = provisionerOn(lab, NODE, () => image);
  const stopped = new AbortController();
  /** Every change of the node's label. */
  const labels: (string | undefined)[] = [];

  beforeAll(async () => {
    const [node, guest] = await Promise.all([
      startNode(lab.state, { name: NODE, domain: DOMAIN }),
      guestFiles(labPaths().cache),
    ]);
    image = await workerBaseImage();
    await importImage(lab.state, NODE, image);
    web = await startWeb(node.network.host);
    sets = assetSets(guest, web);
    const options = {
      query: { fieldSelector: `metadata.name=${NODE}` },
      signal: stopped.signal,
    };
    let last: string | undefined;
    void lab.client.watch("/api/v1/nodes", options, ({ object }) => {
      const label = object.metadata.labels?.[`${DOMAIN}/assets`];
      if (label !== last) labels.push(label);
      last = label;
    });
  });

  afterAll(async () => {
    stopped.abort();
    await web.close();
  });

  const open = (set: string, said = "True Proven") => ({
    ...{ label: set, closed: false, said, current: set },
  });
  const told = (reason: string) => {
    const query = { fieldSelector: `involvedObject.name=${NODE},reason=${reason}` };
    return lab.client.list("v1", "Event", { namespace: "default", query });
  };
  let [first, second]: string[] = [];

  test("it joins, downloads over a slow link, boots a microVM, and only then is labelled and open", async () => {
    web.behave(slowly);
    plan = stand.planOf({ assets: sets.first });
    first = plan.assetSet;
    await stand.rollOut(plan);
    await eventually("it downloads", () => Promise.resolve(web.requests.length > 0));
    expect(await stand.seen()).toEqual({ closed: true });
    await stand.becomes("the node is open", open(first));
    web.behave(undefined);
    await eventually("the pod is ready", async () => {
      return conditionOf(await stand.pod(), "Ready")?.status === "True";
    });
    expect(await stand.logs("provision")).toMatch(/a microVM booted to ".*" in \d+ s \(TCG\)/);
    expect(await told("Proven")).toHaveLength(1);
    expect(labels).toEqual([first]);
  });

  test("both containers are without any right; the one that touches the host has no token", async () => {
    const status = "grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/1/status";
    const rights = "CapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2\n";
    expect(await stand.run("provision", status)).toMatch(new RegExp(`^Uid:\t0\t.*\n${rights}$`));
    expect(await stand.run("report", status)).toMatch(new RegExp(`^Uid:\t65532\t.*\n${rights}$`));
    const tokens = "find / -xdev -name token 2>/dev/null; ls /var/run/secrets 2>&1 || true";
    expect(await stand.run("provision", tokens)).toMatch(/^ls: .*No such file/);
    expect(await stand.run("provision", "touch /file 2>&1 || true")).toMatch(/Read-only/);
    expect(await stand.run("report", "ls /host /dev/kvm 2>&1 || true")).toMatch(
      /\/host: No such.*\n.*\/dev\/kvm: No such/,
    );
  });

  test("the doctor finds in its container what it finds on the host itself, and nothing fatal", async () => {
    const inside = await stand.run("provision", "cat /run/kvm-fabric/state/findings.json");
    expect(JSON.parse(inside)).toMatchObject({ machineId: "", node: NODE });
    const found: any[] = JSON.parse(inside).findings;
    const outside: any[] = JSON.parse(await doctorHere(plan)).findings;
    expect(found).toEqual(outside);
    expect(found.filter(({ severity }) => severity !== "warning")).toEqual([]);
  });

  test("an upgrade: the gate, then the label goes over without a moment between", async () => {
    plan = stand.planOf({ assets: sets.second, previousAssets: [sets.first] });
    second = plan.assetSet;
    await stand.rollOut(plan);
    await stand.becomes("the node has the second set", open(second));
    expect(labels).toEqual([first, second]);
  });

  test("a set whose microVM does not say its line: the node keeps what it has, and says why", async () => {
    await stand.rollOut(stand.planOf({ assets: sets.bad, previousAssets: [sets.second] }));
    await stand.becomes("it says so", open(second!, "True GateFailed"));
    await stand.rollOut(stand.planOf({ assets: sets.second }));
    await stand.becomes("all is well", open(second!));
    expect(labels).toEqual([first, second]);
  });

  test("a damaged file: the label goes, the file is repaired, the label comes back", async () => {
    const file = path.join(stand.root(), "current", "initramfs");
    const before = fs.readFileSync(file);
    fs.writeFileSync(file, "damaged");
    await eventually("it comes back", () => Promise.resolve(labels.length >= 4));
    expect(labels).toEqual([first, second, undefined, second]);
    await stand.becomes("the node is open", open(second!));
    expect(fs.readFileSync(file).equals(before)).toBe(true);
    expect(await told("AssetsDamaged")).toHaveLength(1);
  });

  test("the reporter takes little memory, and none of the containers ended", async () => {
    const { peak, own } = await stand.memory("report");
    expect(peak).toBeLessThan(32);
    const provision = await stand.memory("provision");
    process.stderr.write(
      `report: ${own} MiB of its own, ${peak} MiB at most with cached files; provision, with QEMU: ${provision.peak} MiB at most\n`,
    );
    for (const status of listAt(await stand.pod(), "status", "containerStatuses")) {
      expect(fieldAt(status, "restartCount")).toBe(0);
    }
  });

  test("the provisioner goes: so do label, condition and files, and nobody else's file", async () => {
    fs.writeFileSync(path.join(stand.root(), "notes"), "keep");
    await lab.client.remove(stand.daemonSet, { propagation: "Foreground" });
    await eventually(
      "the DaemonSet is gone",
      async () => (await lab.client.find(stand.daemonSet)) === undefined,
    );
    expect(await stand.seen()).toEqual({ closed: false });
    expect(labels.at(-1)).toBeUndefined();
    expect(fs.readdirSync(stand.root())).toEqual(["notes"]);
  });
});
