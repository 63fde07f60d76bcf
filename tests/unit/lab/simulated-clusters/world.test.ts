import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cloudFolder, cloudObjects, findInWorld } from "../../../../lab/simulated-clusters/world";

const state = fs.mkdtempSync(path.join(os.tmpdir(), "world-"));
const objects = path.join(cloudFolder(state), "objects");

afterAll(() => {
  fs.rmSync(state, { recursive: true });
});

const urn = "urn:pulumi:s::p::aws:ec2/vpc:Vpc::net";
const create = { urn, type: "aws:ec2/vpc:Vpc", inputs: {} };
const exported = (...ids: string[]) =>
  Promise.resolve(JSON.stringify({ deployment: { resources: ids.map((id) => ({ urn, id })) } }));

test("without simulated clouds there is nothing to count or find", async () => {
  expect(cloudObjects(state)).toEqual([]);
  expect(await findInWorld(state, () => exported())(create)).toBeUndefined();
});

test("an interrupted create is found by its resource, unless the state has the object already", async () => {
  fs.mkdirSync(objects, { recursive: true });
  for (const id of ["vpc-1", "vpc-2"]) {
    const object = { type: create.type, id, urn, state: {} };
    fs.writeFileSync(path.join(objects, `${id}.json`), JSON.stringify(object));
  }
  fs.writeFileSync(path.join(objects, "cut-off.json"), "{");
  expect(cloudObjects(state).map(({ id }) => id)).toEqual(["vpc-1", "vpc-2"]);
  expect(await findInWorld(state, () => exported("vpc-1"))(create)).toBe("vpc-2");
  expect(await findInWorld(state, () => exported("vpc-1", "vpc-2"))(create)).toBeUndefined();
  const other = { ...create, urn: `${urn}-other` };
  expect(await findInWorld(state, () => exported())(other)).toBeUndefined();
});
