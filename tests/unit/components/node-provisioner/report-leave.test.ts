import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { assetSetId } from "../../../../components/node-provisioner/asset-set";
import { labelRemoval } from "../../../../components/node-provisioner/node-writes";
import { contract, daemonSet, fresh, reporting, type Reporting, type TestNode } from "./report-run";

jest.setTimeout(60_000);

const NOT_FOUND = "apiVersion: v1\ncode: 404\nkind: Status\nreason: NotFound\nstatus: Failure\n";
const going = daemonSet({
  creationTimestamp: "2026-01-01T00:00:00Z",
  deletionTimestamp: "2026-01-02T00:00:00Z",
  finalizers: ["foregroundDeletion"],
});
const url = "https://10.0.0.1:443/api/v1/nodes/kvm-1";
const removal = { url, ...labelRemoval(contract) };

let stage: Reporting;
let proven: TestNode;
beforeEach(async () => {
  stage = await reporting();
  // Such a node gets no write on joining, so every write is one of leaving.
  proven = {
    metadata: { labels: { [contract.assetsLabel]: assetSetId(stage.set) } },
    spec: { taints: [] },
  };
});
afterEach(() => {
  stage.node.remove();
});

/** Code that the pretended API server runs before it answers; `$method` is the call's. */
function before(code: string): void {
  fs.writeFileSync(path.join(stage.api, "before"), code);
}

function program(name: string, code: string): void {
  fs.writeFileSync(path.join(stage.node.root, "bin", name), `#!/bin/sh\n${code}\n`, {
    mode: 0o755,
  });
}

test("while the DaemonSet stays (rollout, drain, shutdown), the pod looks once and writes nothing", async () => {
  const { code, stdout } = await stage.report(proven);
  expect(code).toBe(0);
  expect(stage.read("looked")).toBe(
    "https://10.0.0.1:443/apis/apps/v1/namespaces/agents/daemonsets/p\n",
  );
  expect(stage.patches()).toEqual([]);
  expect(stdout).toContain("the provisioner stays, and so does the label");
});

test.each<[string, object]>([
  ["is being deleted in the foreground", { daemonSet: going }],
  ["is gone, as after deletion in the background", { looks: [404], daemonSet: NOT_FOUND }],
])("where the DaemonSet %s, the label is taken off with one write", async (_, run) => {
  const { code, stdout } = await stage.report(proven, run);
  expect(code).toBe(0);
  expect(stage.patches()).toEqual([removal]);
  expect(stage.read("gets")).toBe("get\n");
  expect(stdout).toContain("node kvm-1 no longer has its label");
});

test("the token is read anew, since the first one is long past", async () => {
  const { api } = stage;
  const until = () => {
    if (!fs.existsSync(path.join(stage.node.work, "reported"))) return false;
    fs.writeFileSync(path.join(api, "token"), "later-token");
    return true;
  };
  await stage.report(proven, { daemonSet: going, until });
  expect(stage.read("authorization")).toBe("Authorization: Bearer later-token\n");
});

test.each<[string, object, number, number]>([
  ["looking fails", { looks: [503, 401], daemonSet: going }, 3, 1],
  // Proxies and servers that are starting answer so, and it says nothing about the DaemonSet.
  ["a 404 names no reason", { looks: [404], daemonSet: "404 page not found\n" }, 2, 0],
  ["the write meets a conflict", { statuses: [200, 409], daemonSet: going }, 2, 2],
])("where %s it tries again", async (_, run, looks, writes) => {
  const { code } = await stage.report(proven, run);
  expect(code).toBe(0);
  expect(stage.read("looked").trim().split("\n")).toHaveLength(looks);
  expect(stage.patches()).toEqual(Array.from({ length: writes }, () => removal));
});

test("a node that is gone needs nothing taken off", async () => {
  const { code } = await stage.report(proven, { daemonSet: going, statuses: [200, 404] });
  expect(code).toBe(0);
  expect(stage.patches()).toHaveLength(1);
});

test("where nothing answers it gives up in good time, writes nothing and says so", async () => {
  // Three seconds pass at each look at the clock.
  const clock = path.join(stage.api, "clock");
  program("date", `echo x >>"${clock}"\necho $((1000 + 3 * $(wc -l <"${clock}")))`);
  const { code, stdout } = await stage.report(proven, { looks: Array<number>(20).fill(0) });
  expect(code).toBe(0);
  expect(stdout).toContain("giving up; the label may be left on node kvm-1");
  expect(stage.read("looked").trim().split("\n")).toHaveLength(3);
  expect(stage.patches()).toEqual([]);
});

test("told to end while it still tries to report, it leaves at once", async () => {
  const until = () => stage.read("gets") === "get\nget\n";
  const { code } = await stage.report(fresh, { statuses: [503, 503], daemonSet: going, until });
  expect(code).toBe(0);
  expect(stage.patches()).toEqual([removal]);
  expect(stage.read("gets")).toBe("get\nget\n");
});

test("a label that is on its way is waited for, so that none arrives after the label was taken off", async () => {
  const began = path.join(stage.api, "began");
  before(`[ "$method" = GET ] || [ -f "${began}" ] || { : >"${began}"; sleep 1; }`);
  await stage.report(fresh, { daemonSet: going, until: () => fs.existsSync(began) });
  const writes = stage.patches().map(({ body }) => body);
  expect(writes.length).toBeGreaterThanOrEqual(2);
  expect(writes.at(-1)).toEqual(removal.body);
  expect(
    writes.filter((body) => JSON.stringify(body) === JSON.stringify(removal.body)),
  ).toHaveLength(1);
});

test("told to end while it reads large files to check their proof, it does not wait for that", async () => {
  const began = path.join(stage.api, "began");
  program("sha256sum", `: >"${began}"\nexec sleep 600`);
  const { code } = await stage.report(proven, {
    daemonSet: going,
    until: () => fs.existsSync(began),
  });
  expect(code).toBe(0);
  expect(stage.patches()).toEqual([removal]);
});

test("no text inside a DaemonSet is taken for its deletion, and no text hides it", async () => {
  const confusing = fc.constantFrom(
    "metadata:\n  deletionTimestamp: x\n",
    "\n  deletionTimestamp: x",
    "deletionTimestamp: x",
    "spec:\n",
    "reason: NotFound",
    "\nreason: NotFound\n",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom("a", "deletionTimestamp", "z"), confusing),
      fc.boolean(),
      async (annotations, isGoing) => {
        const deletion = isGoing ? { deletionTimestamp: "2026-01-02T00:00:00Z" } : {};
        const template = { deletionTimestamp: "no", annotations };
        await stage.report(proven, {
          daemonSet: {
            ...daemonSet({ annotations, ...deletion }),
            spec: { deletionTimestamp: "no", template: { metadata: template } },
          },
        });
        expect(stage.patches()).toEqual(isGoing ? [removal] : []);
      },
    ),
    { numRuns: 20 },
  );
});
