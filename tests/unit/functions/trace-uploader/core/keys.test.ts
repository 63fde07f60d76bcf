import fc from "fast-check";
import {
  encodePath,
  objectKey,
  otherContentKey,
  pathHash,
  timeOf,
} from "../../../../../functions/trace-uploader/core/keys";
import { placeName, takenName } from "../../../../../functions/trace-uploader/core/taken-name";
import { FileType, type Attributes } from "../../../../../functions/trace-uploader/ninep";

const attributes = (size: number, mtimeNanoseconds: bigint): Attributes => ({
  ...{ qid: { type: 0, version: 1, path: 1n }, type: FileType.File, exclusive: false },
  ...{ size, mtimeNanoseconds },
});
const path = (...names: string[]) => names.map((name) => Buffer.from(name, "latin1"));
const keyOf = (names: Uint8Array[], size = 5, mtime = 1_700_000_000_000_000_005n) =>
  objectKey("p", names, attributes(size, mtime));

const anyName = fc
  .uint8Array({ minLength: 1, maxLength: 255 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x2f || byte === 0 ? 0x61 : byte))))
  .filter((bytes) => !/^\.{1,2}$/.test(bytes.toString("latin1")));
/** Of letters and digits alone, which are written as they are: only such a name is long and not yet shortened. */
const plainName = fc
  .stringMatching(/^[a-z0-9]{1,255}$/)
  .map((text) => Buffer.from(text.padEnd(190, "x")));
const name = fc.oneof(anyName, plainName);
const names = fc.array(name, { minLength: 1, maxLength: 16 });

test("a key is the path, the time in UTC with nanoseconds, and the length", () => {
  expect(keyOf(path("trace", "run-1", "a b.log"))).toEqual({
    key: "p/trace/run-1/a%20b.log/20231114T221320.000000005Z-5",
    shortened: false,
  });
  expect(objectKey("", path("a"), attributes(0, 0n)).key).toBe("a/19700101T000000.000000000Z-0");
});

test.each([
  ["..x", "%2E.x"],
  [".hidden.", "%2Ehidden%2E"],
  ["a\xff\n%", "a%FF%0A%25"],
  ["~", "%7E"],
])("the name %j is %s in a key", (given, expected) => {
  expect(encodePath(path(given))).toBe(expected);
});

test("times that no calendar has are numbers, and no two times are the same", () => {
  expect(timeOf(253_402_300_799_999_999_999n)).toBe("99991231T235959.999999999Z");
  expect(timeOf(253_402_300_800_000_000_001n)).toBe("t253402300800.000000001");
  expect(timeOf(2n ** 64n * 1_000_000_000n + 7n)).toBe("t18446744073709551616.000000007");
});

test("no path leaves its place, whatever its bytes: keys are ASCII, bounded, without dots as names", () => {
  fc.assert(
    fc.property(
      names,
      fc.maxSafeNat(),
      fc.bigInt({ min: 0n, max: 2n ** 94n }),
      (given, size, at) => {
        const { key } = keyOf(given, size, at);
        expect(key).toMatch(/^p(\/[A-Za-z0-9_%~-](?:[A-Za-z0-9._%~-]*[A-Za-z0-9_%~-])?)+$/);
        expect(key.length).toBeLessThanOrEqual(1024 - 17);
        expect(otherContentKey(key, "0123456789abcdef0123").length).toBeLessThanOrEqual(1024);
        for (const part of key.split("/")) expect(part.length).toBeLessThanOrEqual(200);
      },
    ),
  );
});

test("a deep path of long plain names has no part that a file system would not take", () => {
  for (let length = 150; length <= 255; length++) {
    const deep = Array.from({ length: 6 }, () => Buffer.from("x".repeat(length)));
    const { key, shortened } = keyOf([...deep, Buffer.from("file")]);
    expect(shortened).toBe(true);
    const parts = key.split("/").map((part) => part.length);
    expect([length, Math.max(...parts) <= 200]).toEqual([length, true]);
  }
});

test("different paths have different keys and hashes; the same path has the same", () => {
  fc.assert(
    fc.property(names, names, (left, right) => {
      const same =
        left.length === right.length &&
        left.every((part, index) =>
          Buffer.from(placeName(part)).equals(
            Buffer.from(index === left.length - 1 ? placeName(right[index]!) : right[index]!),
          ),
        );
      expect(keyOf(left).key === keyOf(right).key).toBe(same);
      expect(pathHash(left) === pathHash(right)).toBe(same);
    }),
  );
});

test("names that differ only where a key is cut have different keys", () => {
  const long = "x".repeat(250);
  const keys = ["a", "b"].map((end) => keyOf(path(long + end)).key);
  const deep = ["a", "b"].map((end) =>
    keyOf([...Array(20).fill(Buffer.from(long)), Buffer.from(end)]),
  );
  expect(new Set([...keys, ...deep.map(({ key }) => key)]).size).toBe(4);
  expect(deep.every(({ shortened }) => shortened)).toBe(true);
});

test("a file that was taken keeps its key; no other name is changed", () => {
  fc.assert(
    fc.property(name, fc.integer({ min: 0, max: 0xffffffff }), (given, token) => {
      const taken = takenName(given, token.toString(16).padStart(8, "0"));
      if (taken === undefined) {
        expect(placeName(given).length).toBeGreaterThan(255 - 15);
        return;
      }
      expect(taken.length).toBeLessThanOrEqual(255);
      expect(keyOf([taken]).key).toBe(keyOf([given]).key);
    }),
  );
  expect(takenName(Buffer.from("x.taken-00000000"), "12345678")?.toString()).toBe(
    "x.taken-12345678",
  );
  for (const other of [
    "x.taken-1234567",
    ".taken-12345678",
    "x.taken-1234567G",
    "taken-12345678",
  ]) {
    expect(Buffer.from(placeName(Buffer.from(other))).toString()).toBe(other);
  }
});
