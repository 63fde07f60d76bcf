import * as fs from "node:fs";
import * as path from "node:path";
import type { AssetSet } from "../../../components/node-provisioner/asset-set";
import type { BootGate } from "../../../components/node-provisioner/boot-gate";
import {
  BOOTS,
  folderMirror,
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";

let host: PretendedHost;
beforeEach(() => {
  host = pretendedHost();
});
afterEach(() => {
  host.remove();
});

const RELEASE = '[ "$1" != --version ] || { echo "Firecracker v1.16.1"; exit 0; }\n';

function servedSet(vmm: string | undefined, gate: BootGate = {}): AssetSet {
  const { file, mirror } = folderMirror(host);
  const assets = {
    ...(vmm !== undefined && { vmm: file(vmm), jailer: file("jailer"), rootfs: file("rootfs") }),
    kernel: file("kernel"),
    gate: { seconds: 2, ...gate },
  };
  return { amd64: assets, mirrors: [mirror] };
}

async function expectNothingLeft(): Promise<void> {
  // Killed processes go when the kernel gets to it.
  for (let round = 0; host.processes().length > 0 && round < 200; round++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(host.processes()).toEqual([]);
  expect(fs.existsSync(path.join(host.state, "gate"))).toBe(false);
}

test("Firecracker gets the installed files, a read-only disk and no network", async () => {
  const seen = path.join(host.home, "seen");
  const vmm = `#!/bin/sh\n${RELEASE}{ echo "$*"; cat "$3"; } >${seen}\n${BOOTS}`;
  host.mount(servedSet(vmm));
  const { code, stderr } = await host.run("install");
  expect(code === 0 ? "ended well" : stderr).toBe("ended well");
  expect(stderr).toMatch(/a microVM booted to "as init process" in \d+ s \(KVM\)/);
  const [command = "", ...config] = fs.readFileSync(seen, "utf8").split("\n");
  expect(command).toBe(`--no-api --config-file ${host.state}/gate/config.json`);
  const version = fs.realpathSync(path.join(host.root, "current"));
  expect(JSON.parse(config.join("\n"))).toEqual({
    "boot-source": {
      kernel_image_path: `${version}/vmlinux`,
      boot_args: "console=ttyS0 reboot=k panic=1 pci=off",
    },
    drives: [
      {
        drive_id: "root",
        path_on_host: `${version}/rootfs.ext4`,
        is_root_device: true,
        is_read_only: true,
      },
    ],
    "machine-config": { vcpu_count: 1, mem_size_mib: 128 },
  });
  await expectNothingLeft();
});

const failing: [string, string, RegExp][] = [
  [
    "hangs after its first words",
    'echo "Linux version 6.1"\nexec sleep 60',
    /did not say "as init process" within 2 s; it said: Linux version 6\.1/,
  ],
  ["says nothing", "exec sleep 60", /within 2 s; it said: nothing/],
  [
    "dies",
    'echo "Kernel panic - not syncing: VFS: Unable to mount root fs"\nexit 148',
    /ended without saying "as init process"; it said: Kernel panic .* root fs/,
  ],
  ["says it too late", 'sleep 8\necho "as init process"\nsleep 60', /did not say/],
  [
    "forks, ignores signals and fills its console",
    "trap '' TERM HUP\n(trap '' TERM HUP; sleep 60) &\nwhile :; do echo 0123456789; done",
    /did not say|ended without saying/,
  ],
  ["is for another machine", "\0garbage", /ended without saying/],
];

test.each(failing)(
  "a microVM that %s fails the gate, and nothing of it is left",
  async (_, body, line) => {
    const good = servedSet(BOOTS);
    host.mount(good);
    expect(await host.run("install")).toMatchObject({ code: 0 });
    const current = fs.readlinkSync(path.join(host.root, "current"));
    host.mount(servedSet(body.startsWith("\0") ? body : `#!/bin/sh\n${RELEASE}${body}\n`));
    const { code, stderr } = await host.run("install");
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(fs.readlinkSync(path.join(host.root, "current"))).toBe(current);
    await expectNothingLeft();
  },
);

test("another VMM's command has its places filled in, and words with spaces stay words", async () => {
  const seen = path.join(host.home, "seen");
  const script = `printf '%s\\n' "$@" >${seen}; echo login:; sleep 60`;
  const command = [
    "sh",
    "-c",
    script,
    "vmm",
    "-kernel",
    "@kernel@",
    "-append",
    "console=ttyS0 panic=1",
    "@gateFolder@/x",
  ];
  host.mount(servedSet(undefined, { command, expect: "login:", mode: "TCG" }));
  const { code, stderr } = await host.run("install");
  expect(code === 0 ? "ended well" : stderr).toBe("ended well");
  expect(stderr).toMatch(/booted to "login:" in \d+ s \(TCG\)/);
  expect(fs.readFileSync(seen, "utf8").trim().split("\n")).toEqual([
    "-kernel",
    `${fs.realpathSync(path.join(host.root, "current"))}/vmlinux`,
    "-append",
    "console=ttyS0 panic=1",
    `${host.state}/gate/x`,
  ]);
  await expectNothingLeft();
});

test("a boot of the host has one gate: not a second one, but a new one after a reboot or with another gate", async () => {
  host.mount(servedSet(BOOTS));
  const boots = async () => (await host.run("install")).stderr.includes("booted");
  expect([await boots(), await boots()]).toEqual([true, false]);
  host.kernel("proc/sys/kernel/random/boot_id", "boot-2\n");
  expect([await boots(), await boots()]).toEqual([true, false]);
  host.mount(servedSet(BOOTS, { expect: "init" }));
  expect([await boots(), await boots()]).toEqual([true, false]);
});

test("an image is baked without a gate or a doctor", async () => {
  host.mount(servedSet("#!/bin/sh\nexit 1\n"));
  const extra = { PROVE: "no", KVM_DEVICE: "/nowhere" };
  expect(await host.run("install", extra)).toMatchObject({ code: 0 });
  expect(fs.existsSync(path.join(host.root, "current/firecracker"))).toBe(true);
});
