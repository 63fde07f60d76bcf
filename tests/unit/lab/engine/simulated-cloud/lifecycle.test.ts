import { secret, UNKNOWN } from "../../../../../lab/engine/grpc/wire";
import { inputFaults } from "../../../../../lab/engine/simulated-cloud/inputs";
import {
  changes,
  created,
  previewed,
  refreshed,
  updated,
} from "../../../../../lab/engine/simulated-cloud/lifecycle";
import { type ResourceKind, Shape } from "../../../../../lab/engine/simulated-cloud/resource-kind";

const kind: ResourceKind = {
  inputs: {
    count: { shape: Shape.Integer, default: 2, minimum: 1 },
    hours: { shape: Shape.Integer, default: 0, inPlace: true },
    key: { shape: Shape.Text, writeOnly: true },
    mode: { shape: Shape.Text, allowed: ["a", "b"] },
    name: { shape: Shape.Text, required: true },
    tags: { shape: Shape.TextMap },
  },
  outputs: ["result"],
  secrets: ["result"],
  check: ({ name, mode }) =>
    name === mode ? [{ property: "mode", reason: "must differ from name" }] : [],
  create: (inputs) => ({ id: "1", outputs: { result: `${String(inputs.name)}!` } }),
  expired: ({ result }) => (result === "old!" ? ["result"] : []),
};

const none = new Set<string>();

test("a correct set of inputs has no faults", () => {
  const inputs = { __defaults: [], name: secret("x"), tags: { a: "b" }, mode: null };
  expect(inputFaults(kind, inputs)).toEqual([]);
});

test("all faults are told at once, each with its property", () => {
  const inputs = { nam: "x", count: 0, mode: "c", tags: { a: 1 }, hours: 1.5 };
  expect(inputFaults(kind, inputs)).toEqual([
    { property: "nam", reason: "unknown property, allowed count, hours, key, mode, name, tags" },
    { property: "count", reason: "must be at least 1, got 0" },
    { property: "hours", reason: "must be a whole number, got 1.5" },
    { property: "mode", reason: 'got "c", allowed a, b' },
    { property: "name", reason: "required, but missing" },
    { property: "tags", reason: 'must be a map of strings, got {"a":1}' },
  ]);
});

test("rules over several properties see only what is known", () => {
  expect(inputFaults(kind, { name: "a", mode: "a" })).toEqual([
    { property: "mode", reason: "must differ from name" },
  ]);
  expect(inputFaults(kind, { name: UNKNOWN, mode: "a" })).toEqual([]);
  expect(inputFaults(kind, { name: "a", mode: secret(UNKNOWN) })).toEqual([]);
});

test("creation fills in defaults, keeps secrets secret and write-only inputs out of the state", async () => {
  const { id, state } = await created(kind, { name: secret("x"), key: "k", __defaults: [] });
  expect(id).toBe("1");
  expect(state).toEqual({ count: 2, hours: 0, name: secret("x"), result: secret("x!") });
});

test("a preview knows the inputs and leaves the rest unknown", () => {
  expect(previewed(kind, { name: UNKNOWN })).toEqual({
    count: 2,
    hours: 0,
    name: UNKNOWN,
    result: secret(UNKNOWN),
  });
});

test.each([
  ["nothing", { name: "x" }, [], []],
  ["a default spelled out, a secret mark", { name: secret("x"), count: 2 }, [], []],
  ["a write-only input", { name: "x", key: "new" }, [], []],
  ["an input that replaces", { name: "y" }, ["name"], ["name"]],
  ["an input that updates", { name: "x", hours: 3 }, ["hours"], []],
  ["an input not known yet", { name: UNKNOWN }, ["name"], ["name"]],
  ["an added input", { name: "x", tags: {} }, ["tags"], ["tags"]],
])("changing %s", (_what, news, changed, replacing) => {
  const state = { name: "x", count: 2, hours: 0, result: secret("x!") };
  expect(changes(kind, state, news, none)).toEqual({ changed, replacing });
});

test("an ignored change is none, and what has expired is replaced without any", () => {
  const state = { name: "old", count: 2, hours: 0, result: secret("old!") };
  expect(changes(kind, state, { name: "z" }, new Set(["name"]))).toEqual({
    changed: ["result"],
    replacing: ["result"],
  });
});

test("an update keeps the outputs", () => {
  const state = { name: "x", count: 2, hours: 0, result: secret("x!") };
  expect(updated(kind, state, { name: "x", hours: 5 })).toEqual({ ...state, hours: 5 });
});

test("a refresh returns the state as it is; without state only an importable resource is found", () => {
  const known = { state: { name: "x" }, inputs: { name: "x" } };
  expect(refreshed(kind, "1", known)).toEqual({ id: "1", ...known });
  expect(() => refreshed(kind, "1", { state: {}, inputs: {} })).toThrow("cannot be imported");
});
