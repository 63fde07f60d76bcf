import { likelyMeant, nearest } from "../../../../components/shared/nearest";

test("the nearest name is the one that differs in the fewest letters", () => {
  expect(nearest("m8j", ["c5", "m8i", "x1"])).toBe("m8i");
  expect(nearest("kitten", ["kit", "sitting", "mitten"])).toBe("mitten");
  expect(nearest("anything", [])).toBeUndefined();
});

test("of names that are as near, the first is taken", () => {
  expect(nearest("b", ["c", "a"])).toBe("c");
});

test.each([
  ["quemu", "qemu"],
  ["QEMU", "qemu"],
  ["firecraker", "firecracker"],
])("%s was likely meant to be %s", (given, meant) => {
  expect(likelyMeant(given, ["firecracker", "qemu"])).toBe(meant);
});

test("nothing is likely meant three letters away, nor where all of a short name would be another", () => {
  expect(likelyMeant("qe", ["qemus"])).toBeUndefined();
  expect(likelyMeant("xy", ["ab"])).toBeUndefined();
  expect(likelyMeant("x", ["a"])).toBeUndefined();
});

test("a nearer name that is another word altogether hides no likely one", () => {
  expect(likelyMeant("bc", ["x", "abcd"])).toBe("abcd");
});
