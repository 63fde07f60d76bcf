import { settlePending } from "../../../../lab/stack/pending";

const kept = { urn: "urn:pulumi:s::p::t::kept", type: "t" };

function operation(type: string, name: string) {
  return { type, resource: { urn: `urn:pulumi:s::p::t::${name}`, type: "t", inputs: { name } } };
}

function exported(...operations: object[]): string {
  const deployment = {
    manifest: { magic: "m" },
    resources: [kept],
    pending_operations: operations,
  };
  return JSON.stringify({ version: 3, deployment });
}

test("a create that made its object becomes a resource, one that did not is forgotten", async () => {
  const { state, settled } = await settlePending(
    exported(operation("creating", "made"), operation("creating", "not-made")),
    ({ inputs }) => Promise.resolve(inputs.name === "made" ? "ns/made" : undefined),
  );
  expect(JSON.parse(state)).toEqual({
    version: 3,
    deployment: {
      manifest: { magic: "m" },
      resources: [kept, { ...operation("creating", "made").resource, id: "ns/made", outputs: {} }],
    },
  });
  expect(settled).toEqual(["creating t made", "creating t not-made"]);
});

test("what was being changed or deleted stays a resource, for a refresh to look at", async () => {
  const { state, settled } = await settlePending(
    exported(operation("updating", "kept"), operation("deleting", "kept")),
    () => Promise.reject(new Error("there is nothing to look for")),
  );
  expect(JSON.parse(state).deployment).toEqual({ manifest: { magic: "m" }, resources: [kept] });
  expect(settled).toEqual(["updating t kept", "deleting t kept"]);
});

test("a state in order is left alone", async () => {
  expect((await settlePending(exported(), () => Promise.resolve("x"))).settled).toEqual([]);
});

test("what a create was to replace is deleted by the next up, unless it is gone", async () => {
  const replacing = async (old: object) => {
    const resources = [{ ...kept, urn: operation("", "made").resource.urn, ...old }, kept];
    const deployment = { resources, pending_operations: [operation("creating", "made")] };
    const text = JSON.stringify({ deployment });
    const { state } = await settlePending(text, () => Promise.resolve("new"));
    return JSON.parse(state).deployment.resources.map(({ id, delete: gone }: any) => [id, gone]);
  };
  const none = [undefined, undefined];
  expect(await replacing({ id: "old" })).toEqual([["new", undefined], ["old", true], none]);
  expect(await replacing({ id: "new" })).toEqual([["new", undefined], none]);
  expect(await replacing({ id: "old", pendingReplacement: true })).toEqual([
    ["new", undefined],
    none,
  ]);
});
