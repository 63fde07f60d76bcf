import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { assetSetId, type AssetSet } from "../../../../components/node-provisioner/asset-set";
import { labelWrite, taintWrite } from "../../../../components/node-provisioner/node-writes";
import { contract, fresh, reporting, type Reporting } from "./report-run";
import type { FakeNode } from "./script-run";

jest.setTimeout(60_000);

let stage: Reporting;
let node: FakeNode;
let set: AssetSet;
beforeEach(async () => {
  stage = await reporting();
  ({ node, set } = stage);
});
afterEach(() => {
  node.remove();
});

const report: Reporting["report"] = (...run) => stage.report(...run);
const read = (name: string) => stage.read(name);
const patches = () => stage.patches();

test("a proven node gets exactly the two writes, label first, then the script idles and ends on request", async () => {
  const { code, stdout } = await report(fresh);
  expect(code).toBe(0);
  expect(stdout).toContain("node kvm-1 is labelled");
  const url = "https://10.0.0.1:443/api/v1/nodes/kvm-1";
  expect(patches()).toEqual([
    { url, ...labelWrite(contract, assetSetId(set)) },
    { url, ...taintWrite(contract, fresh) },
  ]);
  expect(read("gets")).toBe("get\n");
  expect(read("authorization")).toBe("Authorization: Bearer first-token\n");
});

test("a node that has both already gets none, so a restart writes nothing", async () => {
  const labels = { [contract.assetsLabel]: assetSetId(set) };
  await report({ metadata: { labels }, spec: { taints: [] } });
  expect(patches()).toEqual([]);
  await report({ metadata: { labels }, spec: {} });
  expect(patches()).toEqual([]);
});

test("an IPv6 address of the API server is put in brackets", async () => {
  await report(fresh, { extra: { KUBERNETES_SERVICE_HOST: "fd00::1" } });
  expect(patches()[0]?.url).toBe("https://[fd00::1]:443/api/v1/nodes/kvm-1");
});

test.each([
  ["reading fails", [503], 2, 2],
  ["the label meets a conflict", [200, 409], 2, 3],
  ["the taint's place is out of date", [200, 200, 422], 2, 4],
])("where %s it reads again and repeats what is missing", async (_case, statuses, gets, writes) => {
  const { code } = await report(fresh, { statuses });
  expect(code).toBe(0);
  expect(read("gets").trim().split("\n")).toHaveLength(gets);
  expect(patches()).toHaveLength(writes);
});

test("the label is never sent to a node whose proof does not hold", async () => {
  const folder = path.join(node.host, "versions", assetSetId(set));
  const refused = async (message: string, spoil: () => void, mend: () => void) => {
    spoil();
    const { code, stderr } = await report(fresh);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(patches()).toEqual([]);
    expect(read("gets")).toBe("");
    mend();
  };
  const file = (name: string, bad: string) => {
    const good = fs.readFileSync(name, "utf8");
    return [
      () => {
        fs.writeFileSync(name, bad);
      },
      () => {
        fs.writeFileSync(name, good);
      },
    ] as const;
  };
  const boot = path.join(node.root, "boot-id");
  await refused(
    "another asset set was proven",
    ...file(path.join(node.proof, "asset-set"), "assets-x\n"),
  );
  await refused(
    "belong to another asset set",
    ...file(path.join(node.root, "files/asset-set"), "assets-x\n"),
  );
  await refused("of another boot", ...file(boot, "boot-2\n"));
  await refused("files of the asset set changed", ...file(path.join(folder, "vmlinux"), "kernem"));
  const current = path.join(node.host, "current");
  await refused(
    "another asset set is current",
    () => {
      fs.rmSync(current);
      fs.symlinkSync("versions/other", current);
    },
    () => {
      fs.rmSync(current);
      fs.symlinkSync(`versions/${assetSetId(set)}`, current);
    },
  );
  expect((await report(fresh)).code).toBe(0);
});

test("whatever the node looks like, the taint patch is the one of node-writes.ts", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", ":", "-", " ", "\n", '"', "'", "#") });
  const confusing = fc.constantFrom(
    "spec:\n  taints:\n  - key: kvm-fabric.dev/not-ready\n    effect: NoSchedule\n",
    "\nspec:\n",
    "- key: kvm-fabric.dev/not-ready",
  );
  const taint = fc.record(
    {
      key: fc.constantFrom(contract.startupTaint, contract.workerTaint, "a", "x/key"),
      effect: fc.constantFrom("NoSchedule", "PreferNoSchedule", "NoExecute"),
      value: fc.constantFrom("true", "", contract.startupTaint),
      timeAdded: fc.constant("2026-01-01T00:00:00Z"),
    },
    { requiredKeys: ["key", "effect"] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(taint, { selector: ({ key, effect }) => key + effect, maxLength: 6 }),
      fc.dictionary(fc.constantFrom("note", "spec", "taints"), fc.oneof(text, confusing)),
      async (taints, annotations) => {
        // The API server sends fields in alphabetical order.
        const sorted = taints.map(({ effect, key, ...rest }) => ({ effect, key, ...rest }));
        const seen = { metadata: { annotations, labels: { a: "b" } }, spec: { taints: sorted } };
        await report(seen);
        const [label, ...rest] = patches().map(({ contentType, body }) => ({ contentType, body }));
        expect(label).toEqual(labelWrite(contract, assetSetId(set)));
        const removal = taintWrite(contract, seen);
        expect(rest).toEqual(removal ? [removal] : []);
      },
    ),
    { numRuns: 15 },
  );
});
