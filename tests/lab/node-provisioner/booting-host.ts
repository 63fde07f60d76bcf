import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { ASSETS_SCRIPT_PATH, ASSETS_SERVICE } from "../../../components/host-profile/assets";
import { hostDefaults } from "../../../components/host-profile/plan";
import { ended, type Ended } from "../../unit/components/node-provisioner/script/ended";
import {
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";

/** A host that boots: what its user data or its image's script finds and starts. systemd itself is played. */
export interface BootingHost extends PretendedHost {
  /** The folder that stands for `/`. */
  machine: string;
  /** Runs a script as root would while the machine boots, or while its image is baked. */
  boot: (script: string) => Promise<Ended>;
  /** The calls of systemctl, in their order. */
  calls: () => string[];
  /** The unit that the script wrote. */
  unit: () => string;
  /** Starts what the unit starts, with the environment that systemd gives it and what the test needs. */
  service: () => ChildProcess;
  /** One run of the provisioner's container over the host, on a node of that name, that has the reporter's leave. */
  round: (turn: string, node?: string) => Promise<Ended>;
}

/** Makes a host that boots, on a disk that is its own or a copy of another's. */
export function bootingHost(disk?: string): BootingHost {
  const host = pretendedHost();
  const machine = path.join(host.home, "machine");
  const at = (file: string) => path.join(machine, file);
  const put = (file: string, text: string, mode = 0o644) => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), text, { mode });
  };
  if (disk === undefined) fs.mkdirSync(host.root);
  else spawnSync("cp", ["-a", disk, host.root]);
  fs.mkdirSync(at("var/lib"), { recursive: true });
  fs.symlinkSync(host.root, at("var/lib/kvm-fabric"));
  for (const name of Object.keys(hostDefaults.sysctls)) {
    put(`proc/sys/${name.replaceAll(".", "/")}`, "0\n");
  }
  put("proc/swaps", "Filename Type Size Used Priority\n");
  for (const module of ["kvm", "kvm_intel", ...hostDefaults.kernelModules]) {
    put(`sys/module/${module}/refcnt`, "0\n");
  }
  fs.mkdirSync(at("dev"));
  // A character device, which /dev/kvm is too.
  fs.symlinkSync("/dev/null", at("dev/kvm"));
  put("tools/modprobe", "#!/bin/sh\n", 0o755);
  put("tools/systemctl", '#!/bin/sh\necho "$*" >>"$KVM_FABRIC_ROOT/calls"\n', 0o755);
  const PATH = `${at("tools")}:${process.env.PATH ?? ""}`;
  return {
    ...host,
    machine,
    async boot(script) {
      const env = { PATH, KVM_FABRIC_ROOT: machine, MACHINE: "x86_64", CONNECT_SECONDS: "2" };
      const child = spawn("sh", ["-s"], { env, detached: true });
      child.stdin.end(script);
      return ended(child);
    },
    calls: () => (fs.existsSync(at("calls")) ? lines(fs.readFileSync(at("calls"), "utf8")) : []),
    unit: () => fs.readFileSync(at(`etc/systemd/system/${ASSETS_SERVICE}`), "utf8"),
    service() {
      const [program = "", file = ""] =
        /^ExecStart=(\S+) (\S+)$/m.exec(this.unit())?.slice(1) ?? [];
      expect(file).toBe(ASSETS_SCRIPT_PATH);
      const { MACHINE = "x86_64", HOST_ROOT = "", HOST_PROC = "" } = host.environment();
      const env = { PATH, MACHINE, HOST_ROOT, HOST_PROC, CONNECT_SECONDS: "2", TZ: "JST-9" };
      return spawn(program, [at(file)], { env, detached: true });
    },
    async round(turn, node = "node-1") {
      fs.writeFileSync(path.join(host.state, "turn"), `${turn}\n`);
      return host.run("round", { NODE_NAME: node, CONNECT_SECONDS: "2" });
    },
  };
}

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/**
 * A folder as somebody finds it who lists it: each name with its kind, rights, links and content. Of what tells the time or
 * a process, the content does not count.
 */
export function tree(folder: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => {
    const file = path.join(folder, name);
    const stat = fs.lstatSync(file);
    const rights = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) return `${name} -> ${fs.readlinkSync(file)}`;
    if (stat.isDirectory()) return `${name}/ ${rights}`;
    if (/^(\.checked-|\.lock$|metrics\/)/.test(name)) return `${name} ${rights}`;
    const sum = createHash("sha256").update(fs.readFileSync(file)).digest("hex");
    return `${name} ${rights} ${String(stat.nlink)} ${sum}`;
  });
}

/** The end of a process that a test started. */
export const endOf = (child: ChildProcess): Promise<Ended> => ended(child);
