import * as wire from "../../../../../lab/engine/grpc/wire";
import { urnName, urnType } from "../../../../../lab/engine/grpc/urn";

const hidden = wire.secret("s3cret");

describe("secrets", () => {
  test("carry the signature the engine knows and wrap once", () => {
    expect(hidden).toEqual({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: "s3cret",
    });
    expect(wire.secret(hidden)).toEqual(hidden);
  });

  test("are unwrapped at every depth", () => {
    const nested = { a: hidden, b: [{ c: wire.secret({ d: wire.secret(1) }) }], e: null };
    expect(wire.plainProperties(nested)).toEqual({ a: "s3cret", b: [{ c: { d: 1 } }], e: null });
  });

  test("are found at every depth", () => {
    expect(wire.hasSecret({ a: [{ b: hidden }] })).toBe(true);
    expect(wire.hasSecret({ a: [{ b: "open" }] })).toBe(false);
  });
});

test("unknowns are found at every depth, inside secrets too", () => {
  expect(wire.hasUnknown({ a: [{ b: wire.secret(wire.UNKNOWN) }] })).toBe(true);
  expect(wire.hasUnknown({ a: ["known"], b: null })).toBe(false);
});

describe("URNs", () => {
  const urn = "urn:pulumi:dev::fabric::kvm-fabric:index:Pool$random:index/randomId:RandomId::a::b";

  test("give the type without its parents and the name with its colons", () => {
    expect(urnType(urn)).toBe("random:index/randomId:RandomId");
    expect(urnName(urn)).toBe("a::b");
  });

  test("that are none are refused", () => {
    expect(() => urnType("pool")).toThrow('not a Pulumi URN: "pool"');
  });
});
