import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { condition, contract, reportStage, SET, type Served, type Stage, TAINTS } from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = reportStage();
});
afterEach(() => stage.remove());

const GONE = { kind: "Status", reason: "NotFound", code: 404 };
const STAYS = { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "p" } };
const GOES = {
  ...STAYS,
  metadata: { deletionTimestamp: "2026-01-01T00:00:00Z", name: "p" },
};

/** Lets the script come to rest, and tells it to end. */
async function leave(served: Served): Promise<string> {
  const said = {
    labels: { [contract.assetsLabel]: SET },
    taints: TAINTS.slice(0, 1),
    conditions: [condition("True", "Proven")],
  };
  stage.serve({ ...said, ...served });
  stage.say("proven", { reason: "Proven" });
  stage.start();
  await stage.reported();
  const { code, stdout } = await stage.stop();
  expect(code).toBe(0);
  return stdout;
}

const written = () => stage.writes().map(({ kind, body }) => [kind, body]);
const REMOVALS = [
  ["node", { metadata: { labels: { [contract.assetsLabel]: null } } }],
  ["status", { status: { conditions: [{ type: "KvmFabricReady", $patch: "delete" }] } }],
];

test.each([
  ["is being deleted", { daemonSet: GOES }],
  ["is gone", { daemonSet: GONE, statuses: { "daemon-set": [404] } }],
])(
  "where the DaemonSet %s, label and condition go, and the other container learns it",
  async (_, served) => {
    const said = await leave(served);
    expect(written()).toEqual(REMOVALS);
    expect(stage.state("farewell")).toBe("goes");
    expect(said).toContain("no longer has its label");
  },
);

test("where the DaemonSet stays, so does the label: a rollout, a drain, a shutdown", async () => {
  await leave({ daemonSet: STAYS });
  expect(written()).toEqual([]);
  expect(stage.state("farewell")).toBe("stays");
});

test("a deletionTimestamp elsewhere in the DaemonSet means nothing", async () => {
  const template = { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } };
  await leave({ daemonSet: { ...STAYS, spec: { template } } });
  expect(stage.state("farewell")).toBe("stays");
});

test.each([
  [
    "403",
    { daemonSet: { kind: "Status", reason: "Forbidden" }, statuses: { "daemon-set": [403] } },
  ],
  ["404 of something else", { daemonSet: "404 page not found", statuses: { "daemon-set": [404] } }],
  ["nothing", { daemonSet: GOES, statuses: { "daemon-set": [0] } }],
])("an answer of %s settles nothing: it is asked again", async (_, served) => {
  await leave(served);
  const looks = stage.calls().filter(({ kind }) => kind === "daemon-set");
  expect(looks.length).toBeGreaterThan(1);
});

test("the other container learns nothing before the label is off", async () => {
  await leave({ daemonSet: GOES, statuses: { "node-writes": [500] } });
  expect(stage.writes().map(({ kind, status }) => `${kind} ${String(status)}`)).toEqual([
    ...["node 500", "node 200", "status 200"],
  ]);
});

test("a node that is gone too is no reason to go on", async () => {
  const said = await leave({
    daemonSet: GOES,
    statuses: { "node-writes": [404], "status-writes": [404] },
  });
  expect(written()).toHaveLength(2);
  expect(said).not.toContain("giving up");
});

test("where nothing answers it gives up in good time, writes nothing and says what it may leave", async () => {
  // Three seconds pass at each look at the clock.
  const clock = path.join(stage.root, "clock");
  stage.program("date", `echo x >>"${clock}"\necho $((1000 + 3 * $(wc -l <"${clock}")))`);
  const statuses = { "daemon-set": Array.from({ length: 100 }, () => 0) };
  const said = await leave({ daemonSet: GOES, statuses });
  expect(said).toContain("giving up; the label may be left on node kvm-1");
  expect(stage.calls().filter(({ kind }) => kind === "daemon-set")).toHaveLength(3);
  expect(stage.state("farewell")).toBeUndefined();
  expect(written()).toEqual([]);
});

test("told to end while it still tries to report, it leaves at once", async () => {
  stage.serve({ daemonSet: GOES, statuses: { node: Array.from({ length: 10_000 }, () => 503) } });
  stage.say("proven", { reason: "Proven" });
  stage.start();
  await stage.until("it was asked", () => stage.calls().length >= 2);
  expect((await stage.stop()).code).toBe(0);
  expect(written()).toEqual(REMOVALS);
});

test("a label that is on its way is waited for, so that none arrives after the label was taken off", async () => {
  const began = path.join(stage.root, "began");
  const slow = `[ "$method $kind" != "PATCH node" ] || [ -f "${began}" ] || { : >"${began}"; /bin/sleep 1; }`;
  fs.writeFileSync(path.join(stage.root, "api/before"), slow);
  stage.serve({ daemonSet: GOES });
  stage.say("proven", { reason: "Proven" });
  stage.start();
  await stage.until("the label is on its way", () => fs.existsSync(began));
  await stage.stop();
  const writes = stage.writes().filter(({ kind }) => kind === "node");
  expect(writes.at(-1)?.body).toEqual(REMOVALS[0]?.[1]);
  expect(writes.length).toBeGreaterThanOrEqual(2);
});

test("no text inside a DaemonSet is taken for its deletion, and no text hides it", async () => {
  const confusing = fc.constantFrom(
    ...["metadata:\n  deletionTimestamp: x\n", "\n  deletionTimestamp: x", "deletionTimestamp: x"],
    ...["spec:\n", "reason: NotFound", "\nreason: NotFound\n"],
  );
  const annotations = fc.dictionary(fc.constantFrom("a", "deletionTimestamp", "z"), confusing);
  await fc.assert(
    fc.asyncProperty(annotations, fc.boolean(), async (texts, goes) => {
      await stage.remove();
      stage = reportStage();
      const deletion = goes ? { deletionTimestamp: "2026-01-02T00:00:00Z" } : {};
      const metadata = { annotations: texts, ...deletion, name: "p" };
      const template = { metadata: { deletionTimestamp: "no", annotations: texts } };
      await leave({
        daemonSet: { ...STAYS, metadata, spec: { deletionTimestamp: "no", template } },
      });
      expect(stage.state("farewell")).toBe(goes ? "goes" : "stays");
    }),
    { numRuns: 15 },
  );
});
