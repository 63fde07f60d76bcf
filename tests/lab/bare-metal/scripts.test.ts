import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hardeningFiles } from "../../../components/cluster/bare-metal/hardening";
import { serverConfig } from "../../../components/cluster/bare-metal/k3s-config";
import { type K3sInstallation, k3sScript } from "../../../components/cluster/bare-metal/k3s-script";
import { planBareMetalCluster } from "../../../components/cluster/bare-metal/plan";
import {
  type HostNeeds,
  prepareScript,
} from "../../../components/cluster/bare-metal/prepare-script";
import { remoteCommand } from "../../../components/cluster/bare-metal/quote";
import {
  credentialScript,
  drainScript,
  uninstallScript,
} from "../../../components/cluster/bare-metal/removal-scripts";
import {
  type Machine,
  machines,
  runOn,
} from "../../../lab/engine/simulated-cloud/command/machines";
import { fakeK3s, nodePrograms } from "../../../lab/engine/simulated-cloud/command/node-programs";
import {
  noRootFilesystem,
  rootFilesystem,
} from "../../../lab/engine/simulated-cloud/command/root-filesystem";
import { labPaths } from "../../../lab/paths";
import { planHostProfile } from "../../../components/host-profile/plan";
import { hostProfileScript } from "../../../components/host-profile/script";
import { haCluster } from "../../unit/components/cluster/bare-metal/hosts";

const OLD = "v1.35.7+k3s1";
const NEW = "v1.36.3+k3s1";
const reason = noRootFilesystem();
const sum = (text: string) => createHash("sha256").update(text).digest("hex");
const addresses = {
  ...{ api: "10.0.0.100", first: "10.0.0.1", own: "10.0.0.1", public: "10.0.0.1" },
  servers: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
};

// Skipped without root and Debian's tools: the scripts run in a root file system of Debian, never on the host.
(reason === undefined ? describe : describe.skip)(
  `on a machine with Debian's own programs${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let root: string;
    let work: string;
    let machine: Machine;

    beforeAll(async () => {
      root = await rootFilesystem(labPaths().cache);
    });

    beforeEach(() => {
      work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-machines-"));
      machine = machines(work).add("10.0.0.1", root, { files: nodePrograms() });
      give(`srv/web/k3s-${OLD}`, fakeK3s(OLD));
      give(`srv/web/k3s-${NEW}`, fakeK3s(NEW));
    });

    afterEach(() => {
      fs.rmSync(work, { recursive: true, force: true });
    });

    const at = (file: string) => path.join(machine.folder, "upper", file);
    const give = (file: string, content: string) => {
      fs.mkdirSync(path.dirname(at(file)), { recursive: true });
      fs.writeFileSync(at(file), content);
    };
    const calls = () => {
      const text = fs.existsSync(at("srv/calls")) ? fs.readFileSync(at("srv/calls"), "utf8") : "";
      fs.rmSync(at("srv/calls"), { force: true });
      return text.trim().split("\n");
    };
    const run = (script: string, stdin = "") =>
      runOn(machine, remoteCommand(script, "root"), stdin);

    const needs = { name: "one", machine: os.arch() === "arm64" ? "aarch64" : "x86_64" };
    const prepare = (changes: Partial<HostNeeds> = {}) =>
      run(
        prepareScript({
          ...needs,
          minimumDiskGib: 1,
          modules: ["overlay", "br_netfilter"],
          ...changes,
        }),
      );

    function installation(version: string, changes: Partial<K3sInstallation> = {}): string {
      const planned = planBareMetalCluster("fabric", haCluster());
      if (!planned.ok) throw new Error("no plan");
      const [host] = planned.plan.hosts;
      const content = serverConfig(planned.plan, host!, addresses);
      return k3sScript({
        ...{ host: "one", unit: "k3s", version, sha256: sum(fakeK3s(version)) },
        url: `https://web/k3s-${version}`,
        files: [
          { path: "/etc/rancher/k3s/config.yaml", mode: "600", content },
          ...hardeningFiles("cilium"),
        ],
        secrets: [
          { path: "/etc/rancher/k3s/server-token", mode: "600" },
          { path: "/etc/rancher/k3s/agent-token", mode: "600" },
        ],
        ...{ first: true, others: ["10.0.0.100", "10.0.0.2"], readyNode: true },
        ...changes,
      });
    }
    const install = (version = NEW, changes: Partial<K3sInstallation> = {}) =>
      run(installation(version, changes), "server-secret\nagent-secret\n");

    test("a server is installed from a checked download, and a second run changes nothing", async () => {
      expect(await prepare()).toMatchObject({ code: 0, stderr: "" });
      expect(await install()).toMatchObject({ code: 0, stderr: "" });
      expect(fs.readFileSync(at("etc/rancher/k3s/server-token"), "utf8")).toBe("server-secret");
      expect(fs.statSync(at("etc/rancher/k3s/config.yaml")).mode & 0o777).toBe(0o600);
      expect(fs.statSync(at("etc/rancher/k3s")).mode & 0o777).toBe(0o700);
      const first = calls().filter((call) => /restart|https:\/\/web/.test(call));
      expect(first).toHaveLength(2);

      expect((await prepare()).stdout).toBe("one: ready to join, 0 changes\n");
      const before = fs.statSync(at("etc/rancher/k3s/config.yaml")).mtimeMs;
      const again = await install();
      expect(again).toMatchObject({ code: 0, stdout: `one: runs k3s ${NEW}, 0 changes\n` });
      expect(fs.statSync(at("etc/rancher/k3s/config.yaml")).mtimeMs).toBe(before);
      expect(calls().filter((call) => /restart|https:\/\/web|reload/.test(call))).toEqual([]);
    });

    test("prints the administrator's credential, and nothing else", async () => {
      await prepare();
      await install();
      expect((await run(credentialScript())).stdout).toBe("Q0E=\nQ0VSVA==\nS0VZ\n");
    });

    test("names at once all that a host lacks, and changes nothing on it", async () => {
      give("srv/modules", "overlay\n");
      fs.rmSync(at("sys/fs/cgroup/cgroup.controllers"));
      fs.rmSync(at("run/systemd"), { recursive: true });
      const result = await prepare({
        ...{ machine: "riscv64", minimumDiskGib: 10_000_000, modules: ["overlay", "wireguard"] },
      });
      expect(result.code).toBe(1);
      expect(result.stderr.replace(/has \d+ GiB|type \w+/g, "_")).toBe(
        [
          "one: does not run systemd",
          "one: is of _, declared as riscv64",
          "one: has no memory controller in cgroup v2, which kubelets need",
          "one: _ free in /var/lib, needs 10000000",
          "one: cannot load the kernel module wireguard",
          "one: cannot become a node\n",
        ].join("\n"),
      );
      expect(fs.existsSync(at("etc/sysctl.d/90-kvm-fabric.conf"))).toBe(false);
    });

    test("refuses Amazon Linux 2 for microVMs", async () => {
      give("etc/os-release", 'NAME="Amazon Linux"\nVERSION="2"\nID="amzn"\nVERSION_ID="2"\n');
      expect(await prepare()).toMatchObject({ code: 0 });
      expect((await prepare({ kvm: true })).stderr).toContain("one: runs Amazon Linux 2");
    });

    test("proves KVM before a host joins: one without it is told why", async () => {
      const planned = planHostProfile("profile");
      if (!planned.ok) throw new Error("no plan");
      const script = hostProfileScript(planned.plan);
      give("srv/modules", "overlay\n");
      const without = await run(script);
      expect(without.code).toBe(1);
      expect(without.stderr).toContain("cannot load the kernel module kvm: ");
      give("srv/modules", "kvm kvm_intel tun vhost_net vhost_vsock\n");
      // Settings of a kernel that is not the machine's own.
      const settings = Object.keys(planned.plan.sysctls).map((name) => name.replaceAll(".", "/"));
      for (const name of settings) give(`fake/proc/sys/${name}`, "0\n");
      give("fake/proc/cpuinfo", "flags: fpu\n");
      const fake = `KVM_FABRIC_ROOT=/fake; export KVM_FABRIC_ROOT\n${script}`;
      const bare = await run(fake);
      expect(bare.code).toBe(1);
      expect(bare.stderr).toContain("there is no /dev/kvm: the processor shows no virtualisation");
    });

    test("installs nothing whose sum differs, and leaves nothing of it", async () => {
      await prepare();
      const result = await install(NEW, { sha256: "0".repeat(64) });
      expect(result.code).toBe(1);
      expect(result.stderr).toBe(
        `one: https://web/k3s-${NEW} has SHA-256 ${sum(fakeK3s(NEW))}, wanted ${"0".repeat(64)}\n`,
      );
      expect(fs.readdirSync(at("usr/local/bin")).filter((file) => file.startsWith("k3s"))).toEqual(
        [],
      );
    });

    test("upgrades by one minor version while the other servers are ready, and no further", async () => {
      await prepare();
      await install(OLD);
      give("srv/servers", "two True\nthree True\n");
      expect(await install(NEW)).toMatchObject({ code: 0 });
      expect((await install("v1.38.0+k3s1")).stderr).toBe(
        "one: runs v1.36: v1.37 comes before v1.38.0+k3s1\n",
      );
      expect((await install(OLD)).stderr).toBe(`one: runs v1.36 and does not go back to ${OLD}\n`);
    });

    test("restarts no server while another is down, and takes up what was written once it is back", async () => {
      await prepare();
      await install(OLD);
      give("srv/servers", "two False\nthree True\n");
      const impatient = installation(NEW).replace(/^wait_seconds=.*$/m, "wait_seconds=0");
      calls();
      const refused = await run(impatient, "server-secret\nagent-secret\n");
      expect(refused).toMatchObject({
        code: 1,
        stderr: "one: not restarted: other servers are not ready: two \n",
      });
      expect(calls().filter((call) => call.includes("restart"))).toEqual([]);
      give("srv/servers", "two True\nthree True\n");
      expect(await install(NEW)).toMatchObject({ code: 0 });
      expect(calls().filter((call) => call.includes("restart"))).toHaveLength(1);
    });

    test("begins no second cluster beside one that answers", async () => {
      await prepare();
      give("srv/pong", "10.0.0.2\n");
      const result = await install();
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/^one: a cluster answers at 10\.0\.0\.2, and this host would/);
      expect(fs.existsSync(at("etc/rancher"))).toBe(false);
    });

    test("keeps a host in its role", async () => {
      await prepare();
      await install();
      const secrets = [{ path: "/etc/rancher/k3s/agent-token", mode: "600" }];
      const agent = await install(NEW, { unit: "k3s-agent", first: false, others: [], secrets });
      expect(agent.stderr).toMatch(/^one: runs k3s: a host's role does not change/);
    });

    test("says which token is missing", async () => {
      await prepare();
      expect((await run(installation(NEW), "server-secret\n")).stderr).toBe(
        "one: no content for /etc/rancher/k3s/agent-token on standard input\n",
      );
    });

    test("leaves nothing but etcd's snapshots on a host, also when it is told twice", async () => {
      await prepare();
      await install();
      give("var/lib/kvm-fabric/etcd-snapshots/one", "kept");
      expect(await run(uninstallScript("one", "k3s"))).toMatchObject({ code: 0, stderr: "" });
      expect(await run(uninstallScript("one", "k3s"))).toMatchObject({ code: 0, stderr: "" });
      const left = [
        "etc/rancher",
        "var/lib/rancher/k3s",
        "usr/local/bin/k3s",
        "srv/units/k3s.active",
      ];
      const there = await run(
        `for f in ${left.map((f) => `/${f}`).join(" ")}; do [ ! -d $f/k3s ] && [ ! -f $f ] || echo $f; done`,
      );
      expect(there.stdout).toBe("");
      expect(fs.readFileSync(at("var/lib/kvm-fabric/etcd-snapshots/one"), "utf8")).toBe("kept");
    });

    test("drains a node once, waits for no dead API, and gives up on what cannot be moved", async () => {
      await prepare();
      await install();
      give("srv/nodes", "two\n");
      calls();
      expect(await run(drainScript("one", "two"))).toMatchObject({ code: 0 });
      expect(calls().filter((call) => /drain|delete/.test(call))).toHaveLength(2);
      expect((await run(drainScript("one", "two"))).stdout).toBe("one: there is no node two\n");
      give("srv/nodes", "two\n");
      give("srv/undrainable", "");
      expect((await run(drainScript("one", "two"))).stderr).toMatch(/^one: two cannot be drained/);
      give("srv/api-down", "");
      expect(await run(drainScript("one", "two"))).toMatchObject({ code: 0 });
    });

    test("a command of a machine sees and changes nothing of the host", async () => {
      const marker = path.join(os.tmpdir(), `host-${process.pid}`);
      fs.writeFileSync(marker, "host");
      const seen = await run(
        `ls ${marker}; cat /proc/net/dev | wc -l; ps 2>/dev/null | wc -l; id -u`,
      );
      expect(seen.stderr).toContain(marker);
      expect((await run("echo 1 >/proc/sys/vm/overcommit_memory")).code).not.toBe(0);
      fs.rmSync(marker);
      expect(() => machines(work).find("10.9.9.9")).toThrow(
        /the lab has no machine at 10\.9\.9\.9/,
      );
    });
  },
);
