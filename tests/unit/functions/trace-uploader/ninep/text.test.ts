import * as fc from "fast-check";
import { ERRNO_BY_NUMBER } from "../../../../../functions/trace-uploader/ninep/errno";
import { bytesOf, isSendable, namesOf } from "../../../../../functions/trace-uploader/ninep/path";
import { showName, showPath } from "../../../../../functions/trace-uploader/ninep/show";

test("whatever a name is, it is shown on one line without controls", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const shown = showName(bytes);
      expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/u);
      expect(shown.length).toBeLessThan(4000);
    }),
  );
});

test("names that are text are shown as they are", () => {
  expect(showName(Buffer.from("trace 2026-11-21 é 漢.log"))).toBe("trace 2026-11-21 é 漢.log");
  expect(showName(Buffer.from("a\nb\\\u202ec"))).toBe("a\\u{a}b\\u{5c}\\u{202e}c");
  expect(showName(Buffer.from([0x61, 0xff, 0x0a]))).toBe("a\\xff\\x0a");
  expect(showPath([Buffer.from("srv"), Buffer.from("x".repeat(400))])).toBe(
    `/srv/${"x".repeat(300)}...`,
  );
});

test("a path is its names, and only names that can be sent are", () => {
  expect(namesOf("/srv//trace/").map(String)).toEqual(["srv", "trace"]);
  expect(namesOf("")).toEqual([]);
  expect(namesOf(["a b", Buffer.from([0xff])])).toEqual([Buffer.from("a b"), Buffer.from([0xff])]);
  for (const path of ["/a/../b", "/./a", ["a/b"], [""], ["a\0"], ["x".repeat(65_536)]]) {
    expect(() => namesOf(path)).toThrow("a name that must not be sent");
    expect(bytesOf(path).length).toBeGreaterThan(0);
  }
  expect(isSendable(Buffer.from("..."))).toBe(true);
});

test("Linux's numbers have Linux's names", () => {
  const names = [2, 5, 11, 13, 17, 20, 21, 35, 39, 40, 75, 95, 110, 116].map((number) =>
    ERRNO_BY_NUMBER.get(number),
  );
  expect(names.join(" ")).toBe(
    "ENOENT EIO EAGAIN EACCES EEXIST ENOTDIR EISDIR EDEADLK ENOTEMPTY ELOOP EOVERFLOW EOPNOTSUPP ETIMEDOUT ESTALE",
  );
});
