import { findVersion, isAtLeast, isWithin } from "../../../../lab/toolchain/version-range";

test.each([
  ["v3.259.0", [3, 259, 0], false],
  ["etcd Version: 3.6.14\nGit SHA: x", [3, 6, 14], false],
  ["kwok version v0.8.0 go1.26.8 (linux/amd64)", [0, 8, 0], false],
  ["go1.26", [1, 26, 0], false],
  ["Kubernetes v1.36.0-beta.0", [1, 36, 0], true],
  ["v1.36.3-gke.100", [1, 36, 3], false],
])("the version in %j", (text, numbers, preRelease) => {
  expect(findVersion(text)).toEqual({ numbers, preRelease });
});

test("no version in a text without one", () => {
  expect(findVersion("devel")).toBeUndefined();
});

test.each([
  ["1.9.9", "1.10.0", false],
  ["1.10.0", "1.10.0", true],
  ["2.0.0", "1.10.5", true],
  ["1.10.4", "1.10.5", false],
])("%s is at least %s: %s", (version, minimum, expected) => {
  expect(isAtLeast(findVersion(version)!, minimum)).toBe(expected);
});

test("a range holds its minimum and not its end", () => {
  expect(isWithin(findVersion("1.35.0")!, "1.35.0", "1.38.0")).toBe(true);
  expect(isWithin(findVersion("1.38.0")!, "1.35.0", "1.38.0")).toBe(false);
});
