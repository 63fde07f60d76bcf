import fc from "fast-check";
import {
  parseFields,
  parseType,
} from "../../../../../../lab/engine/simulated-cloud/sdk/type-expression";

const text = { kind: "text" };

test.each([
  ["pulumi.Input<string>", text],
  [
    "pulumi.Input<pulumi.Input<string>[] | undefined>",
    { kind: "oneOf", members: [{ kind: "list", item: text }, { kind: "nothing" }] },
  ],
  ["pulumi.Input<{ [key: string]: pulumi.Input<string>; }>", { kind: "map", item: text }],
  ["string[][]", { kind: "list", item: { kind: "list", item: text } }],
  [
    '"a" | 3 | true',
    { kind: "oneOf", members: ["a", 3, true].map((value) => ({ kind: "literal", value })) },
  ],
  ["outputs.eks.ClusterVpcConfig", { kind: "named", file: "output", name: "eks.ClusterVpcConfig" }],
  ["enums.ec2.InstanceType", { kind: "named", file: "enums", name: "ec2.InstanceType" }],
  ["pulumi.asset.Archive", { kind: "asset" }],
  ["any", { kind: "any" }],
])("reads %s", (expression, type) => {
  expect(parseType(expression)).toEqual(type);
});

test("fields are optional by their mark or by admitting undefined", () => {
  const fields = parseFields(
    'arn: string; readonly name?: string; "a-b": pulumi.Input<number | undefined>;',
  );
  expect([...fields].map(([name, { isOptional }]) => [name, isOptional])).toEqual([
    ["arn", false],
    ["name", true],
    ["a-b", true],
  ]);
});

test("what is no type is refused, never misread", () => {
  expect(() => parseType("pulumi.Input<string")).toThrow("expected >");
  expect(() => parseType("string string")).toThrow("cannot read the type");
  expect(() => parseType("")).toThrow("cannot read the type");
});

test("any nesting of lists, maps and inputs is read back", () => {
  const nested = fc.letrec<{ type: string }>((tie) => ({
    type: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("string", "number", "boolean"),
      tie("type").map((type) => `pulumi.Input<${type}>`),
      tie("type").map((type) => `(${type})[]`),
      tie("type").map((type) => `{ [key: string]: ${type}; }`),
    ),
  })).type;
  fc.assert(
    fc.property(nested, (expression) => {
      const depth = (type: unknown): number =>
        typeof type === "object" && type !== null && "item" in type ? 1 + depth(type.item) : 0;
      expect(depth(parseType(expression))).toBe((expression.match(/\[\]|\[key/g) ?? []).length);
    }),
  );
});
