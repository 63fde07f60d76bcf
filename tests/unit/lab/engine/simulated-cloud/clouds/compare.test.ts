import fc from "fast-check";
import { UNKNOWN } from "../../../../../../lab/engine/grpc/wire";
import { differences, touches } from "../../../../../../lab/engine/simulated-cloud/clouds/compare";

const sets = { areListsSets: true };
const paths = (olds: object, news: object, rules = sets) =>
  differences({ ...olds }, { ...news }, rules).map(({ path, kind }) => `${kind} ${path}`);

test.each([
  ["the same", { a: { b: [1] } }, { a: { b: [1] } }, []],
  ["a new value", { a: { b: 1 } }, { a: { b: 2 } }, ["update a.b"]],
  ["an added one", {}, { tags: { "x/y": "1" } }, ["add tags"]],
  ["an added key", { tags: {} }, { tags: { "x/y": "1" } }, ['add tags["x/y"]']],
  ["a removed one", { a: 1 }, {}, ["delete a"]],
  ["nothing against an empty list", {}, { a: [] }, []],
  ["another order of a set", { a: ["x", "y"] }, { a: ["y", "x"] }, []],
  ["one not known yet", { a: "x" }, { a: UNKNOWN }, ["update a"]],
  ["the bridge's notes", { __defaults: ["a"] }, { __defaults: [] }, []],
  ["a list of objects", { a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] }, ["add a[1]"]],
])("%s", (_what, olds, news, expected) => {
  expect(paths(olds, news)).toEqual(expected);
});

test("policies count by what they say", () => {
  const one = '{"Statement":[{"Action":["b","a"],"Effect":"Allow"}],"Version":"1"}';
  const same = '{"Version": "1", "Statement": {"Effect": "Allow", "Action": ["a", "b"]}}';
  const other = '{"Version": "1", "Statement": {"Effect": "Deny", "Action": ["a", "b"]}}';
  expect(paths({ policy: one }, { policy: other })).toEqual(["update policy"]);
  expect(paths({ policy: one.replace("[{", "{").replace("}]", "}") }, { policy: same })).toEqual(
    [],
  );
});

test("lists that are not sets keep their order", () => {
  expect(paths({ a: ["x", "y"] }, { a: ["y", "x"] }, { areListsSets: false })).toEqual([
    "update a[0]",
    "update a[1]",
  ]);
});

test("values never differ from themselves, whatever they are", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(differences(value, structuredClone(value), sets)).toEqual([]);
    }),
  );
});

test.each([
  ["vpcConfig.subnetIds[0]", "vpcConfig.subnetIds", true],
  ["launchTemplate", "launchTemplate.id", true],
  ["launchTemplate.version", "launchTemplate.id", false],
  ["names", "name", false],
])("%s touches %s: %s", (path, pattern, expected) => {
  expect(touches({ path, kind: "update" }, pattern)).toBe(expected);
});
