import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { JAILER_CAPABILITIES, WITHHELD } from "../../../components/worker/jailer/seccomp";
import { Isolation } from "../../../components/worker/vmm";
import type { KubeObject } from "../../../lab/kube/objects";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { workerImage, workerTree } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { findMachine } from "../../../lab/node/machine";
import { startNode } from "../../../lab/node/node";
import { withOwnLab } from "../../support/own-lab";
import { describeOnRealNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { type Call, callScript } from "./jailer-calls";
import { capabilitiesOf, DOMAIN, jailedOn, maskOf } from "./jailer-stand";

const NODE = "a";
const EPERM = "1";
const NONE = maskOf([]);
const SEVEN = maskOf(JAILER_CAPABILITIES);

/** Of what SYS_ADMIN lets root do. */
const GUARDED: readonly Call[] = [
  "bpf",
  "fanotify_init",
  "perf_event_open",
  "quotactl",
  "setdomainname",
  "sethostname",
];
/** What no container is let do by default, whatever its rights. */
const NEVER: readonly Call[] = [
  "acct",
  "add_key",
  "chroot",
  "delete_module",
  "finit_module",
  "init_module",
  "io_uring_setup",
  "ioperm",
  "kexec_load",
  "keyctl",
  "open_by_handle_at",
  "reboot",
  "settimeofday",
  "swapon",
  "userfaultfd",
];
const JAILING: readonly Call[] = ["mount", "setns", "umount2", "unshare"];

/** What the jailer does to a folder that becomes its guest's root, in a mount namespace of its own. */
const PIVOT = `unshare -m sh -c '
  set -e
  mkdir -p /run/worker/jail
  mount --make-rprivate /
  mount --bind /run/worker/jail /run/worker/jail
  mkdir -p /run/worker/jail/old
  cd /run/worker/jail
  pivot_root . old
  echo "in a root of its own: $(cd / && echo *)"' 2>&1 || :`;

const hasKvm = fs.existsSync("/dev/kvm");
const isFit = hasKvm && process.arch === "x64";
// A worker opens /dev/kvm before it starts; the smallest programs are of one architecture.
const tests = isFit ? describeOnRealNode : describe.skip;
tests(`workers on a real node${isFit ? "" : " (skipped: needs /dev/kvm, on x86-64)"}`, () => {
  const lab = withOwnLab();
  let image: ImageArchive;
  const stand = jailedOn(lab, NODE, () => image);

  beforeAll(async () => {
    await startNode(lab.state, { name: NODE, domain: DOMAIN });
    image = await workerImage();
    await importImage(lab.state, NODE, image);
    await stand.prove();
  });

  describe("with the jailer", () => {
    let pod: string;
    let objects: KubeObject[];
    const calls = async (at: string, names: readonly Call[]) => {
      const lines = (await stand.run(at, callScript("/run/worker", names))).trim().split("\n");
      return Object.fromEntries(lines.map((line) => line.split(" ")));
    };
    const all = (names: readonly Call[], errno: string) =>
      Object.fromEntries(names.map((name) => [name, errno]));

    beforeAll(async () => {
      objects = await stand.objects("jailed", { isolation: Isolation.Jailer, ipForwarding: true });
      pod = await stand.rollOut("jailed", objects);
    });

    test("the worker has the seven capabilities, no more, can gain none, and is filtered", async () => {
      expect(capabilitiesOf(await stand.run(pod, "cat /proc/1/status"))).toEqual({
        CapInh: NONE,
        CapPrm: SEVEN,
        CapEff: SEVEN,
        CapBnd: SEVEN,
        CapAmb: NONE,
        NoNewPrivs: "1",
        Seccomp: "2",
      });
    });

    test("pivot_root, mounts and namespaces are the jailer's; what else SYS_ADMIN opens stays shut", async () => {
      expect(await stand.run(pod, PIVOT)).toBe("in a root of its own: old\n");
      expect(WITHHELD).toEqual(expect.arrayContaining([...GUARDED]));
      expect(await calls(pod, GUARDED)).toEqual(all(GUARDED, EPERM));
      expect(await calls(pod, NEVER)).toEqual(all(NEVER, EPERM));
      expect(Object.values(await calls(pod, [...JAILING, "pivot_root"]))).not.toContain(EPERM);
    });

    // The question that the sources left open: what the runtime's own profile says to the same worker.
    test("below the runtime's default profile the same worker has no pivot_root, and all the rest of SYS_ADMIN", async () => {
      const others = await stand.objects("default", {
        isolation: Isolation.Jailer,
        ipForwarding: true,
      });
      const daemonSet: any = others.find(({ kind }) => kind === "DaemonSet");
      const [worker] = daemonSet.spec.template.spec.containers;
      worker.securityContext.seccompProfile = { type: "RuntimeDefault" };
      const other = await stand.rollOut("default", others);
      expect(capabilitiesOf(await stand.run(other, "cat /proc/1/status"))).toMatchObject({
        CapEff: SEVEN,
        Seccomp: "2",
      });
      expect(await stand.run(other, PIVOT)).toMatch(/^pivot_root: .*Operation not permitted$/m);
      expect(await calls(other, ["pivot_root"])).toEqual({ pivot_root: EPERM });
      expect(Object.values(await calls(other, GUARDED))).not.toContain(EPERM);
      expect(Object.values(await calls(other, JAILING))).not.toContain(EPERM);
      expect(await calls(other, NEVER)).toEqual(all(NEVER, EPERM));
      await stand.remove("default", others);
    });

    test("a guest's user opens the TAP device that is its own, and no other", async () => {
      const attempt = (tap: string) => `unshare -m sh -c '
        set -e
        mount --make-rprivate /
        mknod /run/worker/tun c 10 200
        chown 64003 /run/worker/tun
        mount --bind /run/worker/tun /dev/net/tun
        echo "guest:x:64003:64003::/:/bin/sh" >/tmp/passwd
        mount --bind /tmp/passwd /etc/passwd
        echo quit | su -s /bin/sh guest -c "grep CapEff /proc/self/status; ${openTap(tap)}"' 2>&1; echo "ended with $?"; rm -f /run/worker/tun`;
      expect(await stand.run(pod, "cut -d ' ' -f 1,2 $KVM_FABRIC_TAPS")).toContain("tap3 64003\n");
      expect(await stand.run(pod, attempt("tap3"))).toMatch(/CapEff:\t0+\n[^]*ended with 0\n$/);
      for (const tap of ["tap4", "tap99"]) {
        expect(await stand.run(pod, attempt(tap))).toMatch(
          /CapEff:\t0+\n[^]*could not configure .*Operation not permitted[^]*ended with 1\n$/,
        );
      }
    });

    test("the profile lies on the node for as long as the worker", async () => {
      expect(stand.profiles()).toEqual([expect.stringMatching(/^jailed-[0-9a-f]{12}\.json$/)]);
      await stand.remove("jailed", objects);
      expect(stand.profiles()).toEqual([]);
    });
  });

  describe("with the device plugin alone", () => {
    test("the worker has no capability and opens its guests' TAP device; their network was made with NET_ADMIN alone", async () => {
      const objects = await stand.objects("plain", {
        ipForwarding: true,
        guestNetwork: { taps: 2 },
      });
      const daemonSet: any = objects.find(({ kind }) => kind === "DaemonSet");
      const network = daemonSet.spec.template.spec.initContainers.find(
        ({ name }: any) => name === "network",
      );
      network.command[2] = `cat /proc/self/status\n${network.command[2]}`;
      const pod = await stand.rollOut("plain", objects);
      expect(capabilitiesOf(await stand.run(pod, "cat /proc/1/status"))).toEqual({
        ...{ CapInh: NONE, CapPrm: NONE, CapEff: NONE, CapBnd: NONE, CapAmb: NONE },
        ...{ NoNewPrivs: "1", Seccomp: "2" },
      });
      const log = await stand.logs(pod, "network");
      expect(capabilitiesOf(log)).toMatchObject({
        CapPrm: maskOf(["NET_ADMIN"]),
        CapEff: maskOf(["NET_ADMIN"]),
        CapBnd: maskOf(["NET_ADMIN"]),
        NoNewPrivs: "1",
        Seccomp: "2",
      });
      expect(log).toContain("network: 2 TAP devices, the packet filter is loaded\n");
      const attempt = (tap: string) =>
        `echo quit | { ${openTap(tap)}; } 2>&1; echo "ended with $?"`;
      expect(await stand.run(pod, attempt("tap0"))).toMatch(/ended with 0\n$/);
      expect(await stand.run(pod, attempt("tap2"))).toMatch(
        /could not configure .*Operation not permitted[^]*ended with 1\n$/,
      );
      const metadata = "curl -sS --max-time 2 http://169.254.169.254/ 2>&1 || :";
      expect(await stand.run(pod, metadata)).toMatch(/curl: \(28\)/);
    });
  });

  describe("in the host's network", () => {
    test("the worker alone is privileged, and guests' packets are filtered on the node while it is there", async () => {
      const objects = await stand.objects("host", {
        isolation: Isolation.PrivilegedHostNetwork,
        privilegedReasons: ["its bridge is the host's"],
      });
      const pod = await stand.rollOut("host", objects);
      const tree = await workerTree();
      const nft = (...words: string[]) => {
        const machine = findMachine(lab.state, NODE);
        const program = [`--net=/proc/${machine}/ns/net`, "chroot", tree, "/usr/sbin/nft"];
        return spawnSync("nsenter", [...program, ...words], { encoding: "utf8" });
      };
      const tables = () => nft("list", "tables").stdout.match(/kvm_fabric_[0-9a-f]{12}/g) ?? [];
      const [table = ""] = tables();
      expect(nft("list", "table", "inet", table).stdout).toContain('iifname "tap*" jump guests');
      const capabilities = async (container: string) => {
        const command = [
          "-c",
          container,
          "--",
          "grep",
          "-E",
          "^(CapEff|NoNewPrivs)",
          "/proc/1/status",
        ];
        const status = await stand.kubectl("exec", "-n", "agents", pod, ...command);
        return status.trim().split(/\s+/).slice(1, 4);
      };
      expect(await capabilities("hold")).toEqual([NONE, "NoNewPrivs:", "1"]);
      expect(await capabilities("metadata-guard")).toEqual([
        ...[maskOf(["NET_ADMIN"]), "NoNewPrivs:", "1"],
      ]);
      expect((await capabilities("worker"))[2]).toBe("0");
      expect(nft("delete", "table", "inet", table).status).toBe(0);
      await eventually("it is loaded again", () => Promise.resolve(tables().length === 1));
      await stand.remove("host", objects);
      expect(tables()).toEqual([]);
    });
  });
});

/** A monitor without a machine, which opens its TAP device and is told to quit. */
function openTap(tap: string): string {
  const device = `tap,id=n,ifname=${tap},script=no,downscript=no`;
  return `qemu-system-x86_64 -machine none -nodefaults -display none -monitor stdio -netdev ${device}`;
}
