import fc from "fast-check";
import { assetSetId, type AssetSet } from "../../../../components/node-provisioner/asset-set";
import { planNodeProvisioner } from "../../../../components/node-provisioner/plan";
import { openWrite } from "../../../../components/node-provisioner/node-writes";
import { nodeContract } from "../../../../components/shared/node-contract";

const sum = "a".repeat(64);
const file = { url: "https://example.com/file", sha256: sum };
const assets: AssetSet = { amd64: { vmm: file, jailer: file, kernel: file, rootfs: file } };
const image = `docker.io/curlimages/curl@sha256:${sum}`;
const good = { assets, image };
const kernel = (change: object): any => ({
  ...good,
  assets: { amd64: { kernel: { ...file, ...change } } },
});

function paths(name: string, args: any): string[] {
  const answer = planNodeProvisioner(name, args);
  return answer.ok ? [] : answer.faults.map(({ path }) => path);
}

test("the defaults are sound", () => {
  const answer = planNodeProvisioner("p", good);
  expect(answer).toMatchObject({
    ok: true,
    plan: {
      assetsRoot: "/var/lib/kvm-fabric",
      maxUnavailable: "10%",
      priorityClassName: "system-node-critical",
    },
  });
});

const faults: [string, any, string[]][] = [
  ["no architecture", { ...good, assets: {} }, ["assets"]],
  ["no kernel", { ...good, assets: { arm64: {} } }, ["assets.arm64.kernel"]],
  [
    "a VMM alone",
    { ...good, assets: { amd64: { vmm: file, kernel: file } } },
    ["assets.amd64.jailer", "assets.amd64.rootfs"],
  ],
  [
    "a jailer alone",
    { ...good, assets: { amd64: { jailer: file, kernel: file } } },
    ["assets.amd64.vmm"],
  ],
  ["plain http", kernel({ url: "http://example.com/x" }), ["assets.amd64.kernel.url"]],
  [
    "credentials in a URL",
    kernel({ url: "https://u:p@example.com/x" }),
    ["assets.amd64.kernel.url"],
  ],
  ["a URL with a space", kernel({ url: "https://example.com/a b" }), ["assets.amd64.kernel.url"]],
  ["no URL", kernel({ url: undefined }), ["assets.amd64.kernel.url"]],
  ["no sum", kernel({ sha256: undefined }), ["assets.amd64.kernel.sha256"]],
  ["a short sum", kernel({ sha256: "abc" }), ["assets.amd64.kernel.sha256"]],
  [
    "a member outside its archive",
    kernel({ archiveMember: "../x" }),
    ["assets.amd64.kernel.archiveMember"],
  ],
  [
    "a member that reads as an option",
    kernel({ archiveMember: "-x" }),
    ["assets.amd64.kernel.archiveMember"],
  ],
  ["a file name with a slash", kernel({ fileName: "a/b" }), ["assets.amd64.kernel.fileName"]],
  ["a reserved file name", kernel({ fileName: "manifest.json" }), ["assets.amd64.kernel.fileName"]],
  [
    "one name twice",
    { ...good, assets: { amd64: { kernel: file, rootfs: { ...file, fileName: "vmlinux" } } } },
    ["assets.amd64.rootfs.fileName"],
  ],
  ["an image by tag", { ...good, image: "curl:8" }, ["image"]],
  ["a reserved domain", { ...good, domain: "node.kubernetes.io" }, ["domain"]],
  ["a relative folder", { ...good, assetsRoot: "x/y" }, ["assetsRoot"]],
  ["the system's folder", { ...good, assetsRoot: "/etc/kvm" }, ["assetsRoot"]],
  ["a folder with dots", { ...good, assetsRoot: "/var/lib/../etc" }, ["assetsRoot"]],
  ["no pod at once", { ...good, maxUnavailable: "0" }, ["maxUnavailable"]],
  ["more than all pods", { ...good, maxUnavailable: "101%" }, ["maxUnavailable"]],
  ["a bad priority class", { ...good, priorityClassName: "A b" }, ["priorityClassName"]],
  [
    "a toleration of everything",
    { ...good, tolerations: [{ operator: "Exists" }] },
    ["tolerations[0].key"],
  ],
  [
    "an unknown operator",
    { ...good, tolerations: [{ key: "a", operator: "In" }] },
    ["tolerations[0].operator"],
  ],
  [
    "a value beside Exists",
    { ...good, tolerations: [{ key: "a", operator: "Exists", value: "x" }] },
    ["tolerations[0].value"],
  ],
];

test.each(faults)("%s is a fault", (_case, args, expected) => {
  expect(paths("p", args)).toEqual(expected);
});

test("all faults are reported at once", () => {
  const args = {
    assets: {},
    image: "x",
    domain: "x",
    assetsRoot: "/",
    maxUnavailable: "x",
    priorityClassName: "",
    tolerations: [{}],
  };
  expect(paths("Not_A_Name", args)).toEqual([
    "name",
    "assets",
    "image",
    "domain",
    "tolerations[0].key",
    "assetsRoot",
    "maxUnavailable",
    "priorityClassName",
  ]);
});

test("the id is a label value, and changes with every part of the content but not with the mirror", () => {
  const id = assetSetId(assets);
  expect(id).toMatch(/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/);
  const changed = (change: object) =>
    assetSetId({ amd64: { ...assets.amd64, kernel: { ...file, ...change } } });
  expect(changed({ url: "https://mirror.example.com/file" })).toBe(id);
  const others = [
    changed({ sha256: "b".repeat(64) }),
    changed({ archiveMember: "boot/vmlinux" }),
    changed({ fileName: "cohesix.efi" }),
    assetSetId({ arm64: assets.amd64 }),
    assetSetId({ ...assets, arm64: assets.amd64 }),
  ];
  expect(new Set([id, ...others]).size).toBe(6);
});

test("the patch that opens a node labels it and removes the startup taint's own place, whatever else it carries", () => {
  const contract = nodeContract();
  const taint = fc.record({
    key: fc.constantFrom(contract.startupTaint, contract.workerTaint, "other"),
    effect: fc.constantFrom("NoSchedule", "NoExecute"),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(taint, { selector: ({ key, effect }) => key + effect }),
      (taints) => {
        const write = openWrite(contract, "a1", { spec: { taints } });
        const at = taints.findIndex(
          ({ key, effect }) => key === contract.startupTaint && effect === "NoSchedule",
        );
        const path = `/spec/taints/${at}`;
        const label = "/metadata/labels/kvm-fabric.dev~1assets";
        expect(write?.body).toEqual(
          at < 0
            ? undefined
            : [
                { op: "test", path: `${path}/key`, value: contract.startupTaint },
                { op: "test", path: `${path}/effect`, value: "NoSchedule" },
                { op: "add", path: label, value: "a1" },
                { op: "remove", path },
              ],
        );
      },
    ),
  );
});
