import { type MachineFacts, missingForNode } from "../../../../lab/node/requirements";

const able: MachineFacts = {
  platform: "linux",
  isRoot: true,
  hasProgram: () => true,
  filesystems: "nodev\tproc\nnodev\toverlay\n\text4\n",
  cgroupsWritable: () => true,
  namespaceError: () => "",
};
const missing = (change: Partial<MachineFacts>) => missingForNode({ ...able, ...change });

test("a machine that has everything lacks nothing", () => {
  expect(missingForNode(able)).toEqual([]);
});

test.each<[string, Partial<MachineFacts>, RegExp]>([
  ["another system", { platform: "darwin" }, /^Linux$/],
  ["an ordinary user", { isRoot: false }, /^root, /],
  ["no apt", { hasProgram: (name) => name !== "apt-get" }, /^a Debian system with apt-get$/],
  ["no overlayfs", { filesystems: "nodev\toverlayfs2\n" }, /overlayfs/],
  ["control groups of somebody else", { cgroupsWritable: () => false }, /control groups/],
  ["no namespaces", { namespaceError: () => "not permitted" }, /namespaces .* \(not permitted\)$/],
])("%s is told as what is needed", (_, change, expected) => {
  expect(missing(change)).toEqual([expect.stringMatching(expected)]);
});

test("all that is missing is told at once, and nothing is tried that cannot work", () => {
  const tried = jest.fn(() => "");
  const found = missing({
    isRoot: false,
    hasProgram: () => false,
    filesystems: "",
    namespaceError: tried,
  });
  expect(found).toHaveLength(3);
  expect(tried).not.toHaveBeenCalled();
});
