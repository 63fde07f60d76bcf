import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { labelWrite, openWrite } from "../../../../../components/node-provisioner/node-writes";
import { reportScript } from "../../../../../components/node-provisioner/report/script";
import { shellcheck } from "../../../../support/shellcheck";
import {
  condition,
  contract,
  KUBELETS,
  OLD_SET,
  reportStage,
  SET,
  type Stage,
  TAINTS,
} from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = reportStage();
});
afterEach(() => stage.remove());

const PROVEN = { reason: "Proven", message: `asset set ${SET} booted a microVM` };
const labelled = (set: string) => ({ a: "b", [contract.assetsLabel]: set });
/** What opens a node whose startup taint is the second one, behind the tests that it still is. */
const opening = (set: string) => [
  { op: "add", path: "/metadata/labels/kvm-fabric.dev~1assets", value: set },
  { op: "remove", path: "/spec/taints/1" },
];
const WORKER_TAINT = TAINTS.slice(0, 1);
const kinds = () => stage.calls().map(({ method, kind }) => `${method} ${kind}`);

test("shellcheck finds nothing", async () => {
  expect(await shellcheck(reportScript())).toBe("");
});

describe("a proven node", () => {
  test("is labelled and opened at once, then told of; then no call is made", async () => {
    stage.say("proven", PROVEN);
    stage.start();
    await stage.reported();
    await stage.passes(3);
    expect(kinds()).toEqual(["GET node", "PATCH node", "PATCH status", "POST event"]);
    const [opened, told, event] = stage.writes();
    expect(opened?.body.slice(2)).toEqual(opening(SET));
    const [said] = told?.body.status.conditions;
    expect(told?.body.status.conditions).toHaveLength(1);
    expect(said).toMatchObject({ type: "KvmFabricReady", status: "True", ...PROVEN });
    expect(said.lastTransitionTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(event?.body).toMatchObject({
      metadata: { namespace: "default" },
      involvedObject: { kind: "Node", name: "kvm-1" },
      type: "Normal",
      ...PROVEN,
    });
  });

  test("that is no longer proven once its label is about to come gets none", async () => {
    stage.say("proven", PROVEN);
    const downloads = "phase=downloading\nassetSet=\nreason=Installing\nmessage=\n";
    fs.writeFileSync(
      path.join(stage.root, "api/before"),
      `[ "$method" != GET ] || printf '${downloads}' >"$STATE/status"\n`,
    );
    stage.start();
    await stage.passes(3);
    expect(kinds()).toEqual(["GET node"]);
    expect(stage.state("reported")).toBeUndefined();
  });

  test("that says so already is read once and left alone", async () => {
    stage.serve({
      labels: labelled(SET),
      taints: WORKER_TAINT,
      conditions: [KUBELETS, condition("True", "Proven")],
    });
    stage.say("proven", PROVEN);
    stage.start();
    await stage.reported();
    await stage.passes(3);
    expect(kinds()).toEqual(["GET node"]);
  });

  test("gets the label of the set that was proven, whatever is wanted", async () => {
    stage.say("proven", { ...PROVEN, assetSet: OLD_SET });
    stage.start();
    await stage.reported();
    expect(stage.writes()[0]?.body.slice(2)).toEqual(opening(OLD_SET));
  });

  test("is looked at again after a while, and what somebody took off comes back", async () => {
    stage.say("proven", PROVEN);
    stage.start({ KVM_FABRIC_LOOK_SECONDS: "0" });
    const labels = () => stage.writes().filter(({ kind }) => kind === "node");
    await stage.until("it is labelled twice", () => labels().length >= 2);
    expect(labels()[1]?.body).toEqual(labels()[0]?.body);
  });

  test("a label that the API server refuses comes before nothing else", async () => {
    stage.serve({ statuses: { "node-writes": [500, 403] } });
    stage.say("proven", PROVEN);
    stage.start();
    await stage.reported();
    expect(stage.writes().map(({ kind, status }) => `${kind} ${String(status)}`)).toEqual([
      ...["node 500", "node 403", "node 200", "status 200", "event 200"],
    ]);
    expect((await stage.stop()).stdout).toContain(
      "labelling the node and removing its startup taint was answered with status 403: because",
    );
  });

  test("an event that is refused keeps nobody waiting", async () => {
    stage.serve({ statuses: { "event-writes": [500] } });
    stage.say("proven", PROVEN);
    stage.start();
    await stage.reported();
    await stage.passes(3);
    expect(stage.writes().filter(({ kind }) => kind === "event")).toHaveLength(1);
  });

  test("a status that stays keeps the time of its change", async () => {
    stage.serve({
      labels: labelled(OLD_SET),
      taints: WORKER_TAINT,
      conditions: [condition("True", "UpgradePaused")],
    });
    stage.say("proven", PROVEN);
    stage.start();
    await stage.reported();
    const told = stage.writes().find(({ kind }) => kind === "status");
    expect(told?.body.status.conditions[0]).not.toHaveProperty("lastTransitionTime");
    expect(told?.body.status.conditions[0]).toHaveProperty("lastHeartbeatTime");
  });

  test.each([
    ["quotes and backslashes", 'a "b" c\\d \\" %MESSAGE% $(id) `id` &'],
    ["what is not ASCII, as blanks", "t\u00e4st\ttab"],
  ])("a message with %s is sent as it is", async (_, message) => {
    stage.say("proven", { ...PROVEN, message });
    stage.start();
    await stage.reported();
    const told = stage.writes().find(({ kind }) => kind === "status");
    // One blank a byte.
    const sent = [...Buffer.from(message)].map((byte) => {
      return byte < 0x20 || byte > 0x7e ? " " : String.fromCharCode(byte);
    });
    expect(told?.body.status.conditions[0].message).toBe(sent.join(""));
  });
});

test("an IPv6 address of the API server is put in brackets", async () => {
  stage.say("proven", PROVEN);
  stage.start({ KUBERNETES_SERVICE_HOST: "fd00::1" });
  await stage.reported();
  expect(stage.addresses()).toEqual([
    "https://[fd00::1]:443/api/v1/nodes/kvm-1",
    "https://[fd00::1]:443/api/v1/nodes/kvm-1/status",
    "https://[fd00::1]:443/api/v1/namespaces/default/events",
  ]);
});

test("whatever the node looks like, it is written as if it had been read as JSON", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", ":", "-", " ", "\n", '"', "'", "#") });
  const confusing = fc.constantFrom(
    `spec:\n  taints:\n  - key: ${contract.startupTaint}\n    effect: NoSchedule\n`,
    ...["\nspec:\n", `- key: ${contract.startupTaint}`, "status:\n  conditions:\n"],
  );
  const taint = fc.record(
    {
      // The API server sends fields in alphabetical order.
      effect: fc.constantFrom("NoSchedule", "PreferNoSchedule", "NoExecute"),
      key: fc.constantFrom(contract.startupTaint, contract.workerTaint, "a", "x/key"),
      timeAdded: fc.constant("2026-01-01T00:00:00Z"),
      value: fc.constantFrom("true", "", contract.startupTaint),
    },
    { requiredKeys: ["key", "effect"] },
  );
  const said = fc.record({
    message: fc.oneof(text, confusing),
    reason: fc.constantFrom("Proven", "KubeletReady"),
    status: fc.constantFrom("True", "False"),
    type: fc.constantFrom("KvmFabricReady", "Ready", "KvmFabricReady2"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(taint, { selector: ({ key, effect }) => key + effect, maxLength: 6 }),
      fc.dictionary(fc.constantFrom("note", "spec", "taints"), fc.oneof(text, confusing)),
      fc.uniqueArray(said, { selector: ({ type }) => type }),
      fc.constantFrom(SET, OLD_SET),
      async (taints, annotations, conditions, set) => {
        await stage.remove();
        stage = reportStage();
        stage.serve({ annotations, labels: labelled(set), taints, conditions });
        stage.say("proven", PROVEN);
        stage.start();
        await stage.reported();
        const nodes = stage.writes().filter(({ kind }) => kind === "node");
        const label = set === SET ? undefined : labelWrite(contract, SET);
        const write = openWrite(contract, SET, { spec: { taints } }) ?? label;
        expect(nodes.map(({ body }) => body)).toEqual(write ? [write.body] : []);
        const told = conditions.find(({ type }) => type === "KvmFabricReady");
        const isTold = told?.status === "True" && told.reason === "Proven";
        expect(stage.writes().some(({ kind }) => kind === "status")).toBe(!isTold);
      },
    ),
    { numRuns: 15 },
  );
});

describe("a node that is no longer what its label says", () => {
  const LOST = { assetSet: "", reason: "KvmGone", message: "/dev/kvm cannot be opened" };

  beforeEach(async () => {
    stage.serve({
      labels: labelled(SET),
      taints: WORKER_TAINT,
      conditions: [condition("True", "Proven")],
    });
    stage.say("proven", PROVEN);
    stage.start();
    await stage.reported();
  });

  test("loses the label first; then the other container may act, and the node is told of", async () => {
    stage.say("failed", LOST);
    await stage.until("it is told", () => stage.writes().length >= 3);
    expect(stage.state("withdrawn")).toBe("KvmGone");
    expect(stage.state("reported")).toBeUndefined();
    const [removal, told, event] = stage.writes();
    expect(removal?.body).toEqual({ metadata: { labels: { [contract.assetsLabel]: null } } });
    expect(told?.body.status.conditions[0]).toMatchObject({ status: "False", reason: "KvmGone" });
    expect(event?.body).toMatchObject({ type: "Warning", reason: "KvmGone" });
  });

  test("the other container may not act before the label is off", async () => {
    stage.serve({ labels: labelled(SET), statuses: { "node-writes": [500, 500] } });
    const early = path.join(stage.root, "early");
    fs.writeFileSync(
      path.join(stage.root, "api/before"),
      `[ "$method $kind" != "PATCH node" ] || [ ! -e "$STATE/withdrawn" ] || : >"${early}"\n`,
    );
    stage.say("failed", LOST);
    await stage.until("the label is off", () => stage.state("withdrawn") !== undefined);
    expect(
      stage
        .writes()
        .slice(0, 3)
        .map(({ status }) => status),
    ).toEqual([500, 500, 200]);
    expect(fs.existsSync(early)).toBe(false);
  });

  test("a second loss in the same words takes the label off again", async () => {
    stage.say("failed", LOST);
    await stage.until("the label is off", () => stage.state("withdrawn") !== undefined);
    await stage.passes(2);
    stage.say("proven", PROVEN);
    await stage.reported();
    expect(stage.state("withdrawn")).toBeUndefined();
    const before = stage.writes().filter(({ kind }) => kind === "node").length;
    stage.say("failed", LOST);
    await stage.until("it is off again", () => stage.state("withdrawn") !== undefined);
    expect(stage.writes().filter(({ kind }) => kind === "node")).toHaveLength(before + 1);
  });

  test("where only a new set failed, the label of the one that holds stays, and it is told of", async () => {
    stage.say("failed", { reason: "GateFailed", message: "no Welcome" });
    await stage.until("it is told", () => stage.writes().length >= 2);
    await stage.passes(2);
    expect(stage.writes().map(({ kind }) => kind)).toEqual(["status", "event"]);
    const [told, event] = stage.writes();
    expect(told?.body.status.conditions[0]).toMatchObject({ status: "True", reason: "GateFailed" });
    expect(event?.body.type).toBe("Warning");
    expect(stage.state("reported")).toBeUndefined();
    expect(stage.state("withdrawn")).toBeUndefined();
  });

  test("repaired, it is labelled again", async () => {
    stage.say("failed", LOST);
    await stage.until("the label is off", () => stage.state("withdrawn") !== undefined);
    stage.serve({ taints: WORKER_TAINT, conditions: [condition("False", "KvmGone")] });
    stage.say("proven", PROVEN);
    await stage.reported();
    const labels = stage.writes().filter(({ kind }) => kind === "node");
    expect(labels.at(-1)?.body.metadata.labels).toEqual({ [contract.assetsLabel]: SET });
  });
});

test("nothing is told while the other container still works", async () => {
  stage.serve({ labels: labelled(OLD_SET) });
  stage.start();
  await stage.passes(2);
  for (const phase of ["checking", "downloading", "gating"]) {
    stage.say(phase);
    await stage.passes(2);
  }
  expect(stage.calls()).toEqual([]);
});

test("an API server that is away for a while is asked until it answers, and hears what holds then", async () => {
  stage.serve({ statuses: { node: [0, 503, ...Array.from({ length: 30 }, () => 429)] } });
  stage.say("failed", { reason: "KvmGone" });
  stage.start();
  await stage.until("it was asked twice", () => stage.calls().length >= 2);
  stage.say("proven", PROVEN);
  await stage.reported();
  expect(
    stage
      .writes()
      .find(({ kind }) => kind === "node")
      ?.body.slice(2),
  ).toEqual(opening(SET));
});

test("the token is in no command line, and a renewed one is used", async () => {
  stage.say("proven", PROVEN);
  stage.start({ KVM_FABRIC_LOOK_SECONDS: "0" });
  await stage.reported();
  const sent = () => fs.readFileSync(path.join(stage.root, "api/authorization"), "utf8");
  await stage.until("the first one is sent", () => {
    return sent() === "Authorization: Bearer first-token\n";
  });
  fs.writeFileSync(path.join(stage.root, "api/token"), "second-token");
  await stage.until("the new one is sent", () => sent().includes("second-token"));
  expect(reportScript()).not.toContain('--header "Authorization');
});
