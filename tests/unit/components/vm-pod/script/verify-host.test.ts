import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { assetSetId } from "../../../../../components/node-provisioner/asset-set";
import { VERIFY_HOST_SCRIPT } from "../../../../../components/vm-pod/verify-host";
import { sha256 } from "../../node-provisioner/script/ended";
import { folderMirror, pretendedHost } from "../../node-provisioner/script/pretended-host";
import { shellcheck } from "../../../../support/shellcheck";
import { shells, start } from "./stage";

describe.each(shells())("verify-host, by $name", (shell) => {
  let home: string;
  const at = (name: string) => path.join(home, name);

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), "verify-host-"));
    for (const file of ["firecracker", "vmlinux"]) fs.writeFileSync(at(file), `of ${file}`);
    manifest("v1");
  });
  afterEach(() => {
    fs.rmSync(home, { recursive: true });
  });

  function manifest(set: string) {
    const files = ["firecracker", "vmlinux"].map(
      (name) => `    "${name}": "sha256:${sha256(`of ${name}`)}"`,
    );
    const lines = [`  "assetSet": "${set}",`, '  "machine": "x86_64",', '  "files": {'];
    fs.writeFileSync(
      at("manifest.json"),
      ["{", ...lines, files.join(",\n"), "  }", "}", ""].join("\n"),
    );
  }

  function verify(extra: Record<string, string> = {}) {
    return start(shell, VERIFY_HOST_SCRIPT, {
      KVM_DEVICE: "/dev/null",
      KVM_FABRIC_ASSETS: home,
      KVM_FABRIC_ASSET_SET: "v1",
      ASSET_FILES: "firecracker vmlinux",
      ...extra,
    }).end;
  }

  test("passes a node with the device and the whole set", async () => {
    expect(await verify()).toEqual({
      code: 0,
      signal: null,
      stderr: "",
      stdout: "verify-host: /dev/null opens, asset set v1 is whole: firecracker vmlinux\n",
    });
  });

  test("passes what the provisioner installed", async () => {
    const host = pretendedHost();
    try {
      const { file, mirror } = folderMirror(host);
      const set = {
        amd64: { kernel: file("kernel"), rootfs: { ...file("disk"), fileName: "disk.img" } },
        mirrors: [mirror],
      };
      host.mount(set);
      expect(await host.run("install")).toMatchObject({ code: 0 });
      const id = assetSetId(set);
      const version = path.join(host.root, "versions", id);
      const asked = {
        ASSET_FILES: "disk.img vmlinux",
        KVM_FABRIC_ASSETS: version,
        KVM_FABRIC_ASSET_SET: id,
      };
      expect(await verify(asked)).toMatchObject({ code: 0, stderr: "" });
      fs.chmodSync(path.join(version, "disk.img"), 0o600);
      fs.writeFileSync(path.join(version, "disk.img"), "disc");
      expect((await verify(asked)).stderr).toContain("asset disk.img of set");
    } finally {
      host.remove();
    }
  });

  const wrong: [string, () => Record<string, string> | undefined, string][] = [
    ["no device", () => ({ KVM_DEVICE: at("vmlinux") }), "no character device"],
    [
      "a device that does not open",
      () => ({ KVM_DEVICE: "/dev/tty" }),
      "/dev/tty does not open for reading and writing; check its owner and mode on the node",
    ],
    [
      "a missing asset",
      () => {
        fs.rmSync(at("vmlinux"));
      },
      "asset vmlinux of set v1 is missing; see the node provisioner's log on this node",
    ],
    [
      "an asset that the set never had",
      () => ({ ASSET_FILES: "firecracker rootfs.ext4" }),
      "asset rootfs.ext4 is not in the manifest of set v1",
    ],
    [
      "an asset whose name only resembles one of the set",
      () => ({ ASSET_FILES: "vmlinu." }),
      "asset vmlinu. is not in the manifest of set v1",
    ],
    [
      "an empty asset",
      () => {
        fs.writeFileSync(at("vmlinux"), "");
      },
      `asset vmlinux of set v1 is damaged: sha256:${sha256("")}, wanted sha256:${sha256("of vmlinux")}`,
    ],
    [
      "an asset with one other bit, and as long as before",
      () => {
        fs.writeFileSync(at("vmlinux"), "of vmlinuy");
      },
      "asset vmlinux of set v1 is damaged",
    ],
    [
      "a link in an asset's place",
      () => {
        fs.renameSync(at("vmlinux"), at("elsewhere"));
        fs.symlinkSync("elsewhere", at("vmlinux"));
      },
      "asset vmlinux of set v1 is missing",
    ],
    [
      "a folder in an asset's place",
      () => {
        fs.rmSync(at("vmlinux"));
        fs.mkdirSync(at("vmlinux"));
      },
      "asset vmlinux of set v1 is missing",
    ],
    [
      "another set's files, even with a longer id",
      () => {
        manifest("v11");
      },
      "the files are of asset set v11, wanted v1",
    ],
    [
      "no manifest",
      () => {
        fs.rmSync(at("manifest.json"));
      },
      "asset set v1 has no manifest that can be read",
    ],
  ];
  test.each(wrong)("says what is wrong: %s", async (_, change, said) => {
    const { code, stderr } = await verify(change() ?? {});
    expect([code, stderr]).toEqual([1, expect.stringContaining(`verify-host: ${said}`)]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("says everything that is wrong at once", async () => {
    for (const name of ["firecracker", "vmlinux"]) fs.writeFileSync(at(name), "damaged");
    const { code, stderr } = await verify({ KVM_DEVICE: at("none") });
    expect([
      code,
      stderr
        .trim()
        .split("\n")
        .map((line) => line.split(/[:;]/)[1]),
    ]).toEqual([
      1,
      [
        ` no character device ${at("none")}`,
        " asset firecracker of set v1 is damaged",
        " asset vmlinux of set v1 is damaged",
      ],
    ]);
  });

  test("makes the pipes of QEMU's monitor, and takes those that are there", async () => {
    const pipes = { MONITOR_PIPE: at("monitor") };
    expect((await verify(pipes)).code).toBe(0);
    const inodes = () =>
      ["in", "out"].map((end) => {
        const stat = fs.statSync(at(`monitor.${end}`));
        return [stat.isFIFO(), stat.ino];
      });
    const before = inodes();
    expect(before.map(([isPipe]) => isPipe)).toEqual([true, true]);
    expect((await verify(pipes)).code).toBe(0);
    expect(inodes()).toEqual(before);
    fs.rmSync(at("monitor.in"));
    fs.writeFileSync(at("monitor.in"), "");
    expect((await verify(pipes)).code).toBe(0);
    expect(inodes().map(([isPipe]) => isPipe)).toEqual([true, true]);
  });
});

test("shellcheck finds nothing", async () => {
  expect(await shellcheck(VERIFY_HOST_SCRIPT)).toBe("");
});
