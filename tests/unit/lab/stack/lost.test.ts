import { takeOverLost } from "../../../../lab/stack/lost";

const stack = { urn: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", type: "pulumi:pulumi:Stack" };
const provider = {
  urn: "urn:pulumi:s::p::pulumi:providers:aws::aws",
  type: "pulumi:providers:aws",
  id: "0",
};
const pool = (name: string) => ({ urn: `urn:pulumi:s::p::k:i:Pool::${name}`, type: "k:i:Pool" });
const urnOf = (name: string) => `urn:pulumi:s::p::k:i:Pool$aws:iam/role:Role::${name}`;
const role = (name: string, id = name) => ({
  ...{ urn: urnOf(name), type: "aws:iam/role:Role", id },
  inputs: { name: id },
});

function exported(...resources: object[]): string {
  return JSON.stringify({ version: 3, deployment: { resources } });
}

function resourcesOf(state: string): Record<string, unknown>[] {
  return JSON.parse(state).deployment.resources;
}

const base = [stack, provider, pool("kvm"), pool("kvm-metal")];

test("what was made and is in no state becomes a resource of its component, by its provider", () => {
  const { state, taken, left } = takeOverLost(exported(...base), [
    role("kvm-nodes"),
    role("kvm-metal-nodes"),
  ]);
  const [first, second] = resourcesOf(state).slice(base.length);
  const common = { custom: true, outputs: {}, dependencies: [], provider: `${provider.urn}::0` };
  expect(first).toEqual({ ...role("kvm-nodes"), ...common, parent: pool("kvm").urn });
  expect(second).toMatchObject({ parent: pool("kvm-metal").urn });
  expect(taken).toEqual([
    "aws:iam/role:Role kvm-nodes (kvm-nodes)",
    "aws:iam/role:Role kvm-metal-nodes (kvm-metal-nodes)",
  ]);
  expect(left).toEqual([]);
});

const made = (name: string) => ({
  ...{ ...role(name), custom: true, outputs: { arn: `arn:${name}`, name: `the ${name}` } },
});

test("it depends on what its inputs name, by id, ARN or name", () => {
  const all = ["kvm-key", "kvm-group", "kvm-cluster"].map(made);
  const nested = [{ arn: "arn:kvm-group", none: "" }, { cluster: "the kvm-cluster" }];
  const state = exported(...base, ...all, { ...role("kvm-other"), custom: true });
  const inputs = { role: "kvm-key", nested };
  const { state: whole } = takeOverLost(state, [{ ...role("kvm-nodes"), inputs }]);
  expect(resourcesOf(whole).at(-1)?.dependencies).toEqual(all.map(({ urn }) => urn));
});

test("what stands in another's place depends on nothing behind it", () => {
  const gone = { ...made("kvm-nodes"), id: "old", pendingReplacement: true };
  const state = exported(...base, made("kvm-key"), gone, made("kvm-user"));
  const inputs = { key: "kvm-key", user: "kvm-user" };
  const { state: whole } = takeOverLost(state, [{ ...role("kvm-nodes"), inputs }]);
  const found = resourcesOf(whole).find(({ id }) => id === "kvm-nodes");
  expect(found?.dependencies).toEqual([urnOf("kvm-key")]);
});

test("what stands outside all components belongs to the stack", () => {
  const urn = "urn:pulumi:s::p::aws:iam/role:Role::alone";
  const { state } = takeOverLost(exported(...base), [{ ...role("alone"), urn }]);
  expect(resourcesOf(state).at(-1)).toMatchObject({ urn, parent: stack.urn });
});

test("the provider is that of the resources beside it, where there are several", () => {
  const other = { ...provider, urn: `${provider.urn}-2`, id: "2" };
  const beside = {
    ...role("kvm-a"),
    ...{ parent: pool("kvm").urn, provider: `${other.urn}::2` },
  };
  const { state } = takeOverLost(exported(...base, other, beside), [role("kvm-b")]);
  expect(resourcesOf(state).at(-1)).toMatchObject({ provider: `${other.urn}::2` });
  expect(takeOverLost(exported(...base, other), [role("kvm-b")]).left).toHaveLength(1);
});

test("what the state knows, under any name, and what is of other stacks, is not lost", () => {
  const renamed = { ...role("kvm-new"), id: "kvm-nodes", parent: pool("kvm").urn };
  const others = { ...role("kvm-nodes", "x"), urn: urnOf("kvm").replace(":s::", ":s2::") };
  const state = exported(...base, renamed);
  const result = takeOverLost(state, [role("kvm-nodes"), others]);
  expect(result).toEqual({ state, taken: [], left: [] });
  expect(takeOverLost(exported(), [role("kvm-nodes")]).taken).toEqual([]);
});

test("one too many is for the next up to delete, and takes nobody's place", () => {
  const whole = { ...role("kvm-nodes", "one"), parent: pool("kvm").urn };
  const { state } = takeOverLost(exported(...base, whole), [role("kvm-nodes", "two")]);
  const [kept, second] = resourcesOf(state).slice(base.length);
  expect(kept).toEqual(whole);
  expect(second).toMatchObject({ urn: whole.urn, id: "two", delete: true });
});

test("the replacement of what is gone already stands in its place", () => {
  const gone = { ...role("kvm-nodes", "one"), pendingReplacement: true };
  const user = { ...role("kvm-user"), dependencies: [gone.urn] };
  const { state } = takeOverLost(exported(...base, gone, user), [role("kvm-nodes", "two")]);
  const [made, last] = resourcesOf(state).slice(base.length);
  expect(made).toMatchObject({ urn: gone.urn, id: "two" });
  expect([made?.delete, made?.pendingReplacement]).toEqual([undefined, undefined]);
  expect(last).toEqual(user);
});

test("whose component is unknown is left alone, and told", () => {
  const state = exported(stack, provider, pool("other"));
  const result = takeOverLost(state, [role("kvm-nodes")]);
  expect(result).toEqual({
    ...{ state, taken: [] },
    left: ["aws:iam/role:Role kvm-nodes (kvm-nodes)"],
  });
});
