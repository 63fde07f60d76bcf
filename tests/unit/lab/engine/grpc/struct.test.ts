import * as fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { fromStruct, toStruct } from "../../../../../lab/engine/grpc/struct";

// JSON has no -0 and "__proto__" is not a property name anybody sends.
const json = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }).map((object) => {
  return JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
});

test("JSON objects survive the wire", () => {
  fc.assert(
    fc.property(json, (properties) => {
      fc.pre(!JSON.stringify(properties).includes("__proto__"));
      const bytes = toStruct(properties).serializeBinary();
      expect(fromStruct(Struct.deserializeBinary(bytes))).toEqual(properties);
    }),
  );
});

test("a field that is undefined is left out, one that cannot be sent is named", () => {
  expect(fromStruct(toStruct({ a: undefined, b: [undefined] }))).toEqual({ b: [null] });
  expect(() => toStruct({ a: { size: 1n } })).toThrow("size: a bigint cannot be sent in a message");
});

test("a message without the field reads as an empty object", () => {
  expect(fromStruct(undefined)).toEqual({});
});
