import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { until } from "../../support/wait";
import { ended } from "../../unit/components/node-provisioner/script/ended";
import type { BootingHost } from "./booting-host";

const PROGRAM = "/lib/systemd/systemd";

/** Where systemd counts processes; both where the machine has both versions of cgroups. */
const hierarchies = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"].filter(
  (folder) => fs.existsSync(path.join(folder, "cgroup.procs")),
);

/** Why systemd cannot be run here; empty where it can. */
export function whyNoSystemd(): string {
  if (!fs.existsSync(PROGRAM)) return "no systemd";
  if (process.getuid?.() !== 0) return "not root";
  if (spawnSync("unshare", ["--mount", "--pid", "--fork", "true"]).status !== 0) {
    return "no namespaces";
  }
  return hierarchies.some(isWritable) ? "" : "no cgroups of one's own";
}

function isWritable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A manager of systemd that runs, in namespaces of its own, with the units that a host's script writes. */
export interface Systemd {
  /** What `systemctl show` says of the service, by name. */
  show: (...properties: string[]) => Record<string, string>;
  systemctl: (...words: string[]) => string;
  /** Runs a host's script beside it, as cloud-init does. */
  boot: (script: string) => { status: number | null; stderr: string };
  stop: () => Promise<void>;
}

/**
 * Starts systemd for a host: the user's manager, which runs services as the system's does. What a script writes below the
 * host's folder is where systemd and the service look for it. A failed service is started again at once, not after
 * 30 s, and sees the folder for temporary files, in which the host's own lies.
 */
export async function startSystemd(host: BootingHost, variables: string[]): Promise<Systemd> {
  // Of the same name in both: where it counts in the newer one, it counts in the older one too.
  const group = `kvm-fabric-${randomBytes(4).toString("hex")}`;
  const groups = hierarchies.map((folder) => path.join(folder, group));
  for (const folder of groups) fs.mkdirSync(folder);
  const env = prepareMachine(host);
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const stage = ["sh", "-c", STAGE, "stage", host.machine, ...groups];
  const child = spawn("unshare", [...namespaces, ...stage], { env, detached: true });
  const end = ended(child);
  const inside = (command: string[], input = "") => {
    const words = ["--mount", "--pid", "--target", firstProcessOf(child), ...command];
    return spawnSync("nsenter", words, { env, input, encoding: "utf8" });
  };
  const systemctl = (...words: string[]) => inside(["systemctl", "--user", ...words]).stdout.trim();
  const stop = async () => {
    child.kill("SIGKILL");
    await end;
    for (const folder of groups) await removeGroup(folder);
  };
  try {
    await until(() => /running|degraded/.test(systemctl("is-system-running")));
    systemctl("set-environment", `PATH=${env.PATH}`, ...variables);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    systemctl,
    boot: (script) => inside(["sh", "-s"], script),
    show: (...properties) => {
      const said = systemctl(
        "show",
        "kvm-fabric-assets.service",
        ...properties.map((one) => `--property=${one}`),
      );
      return Object.fromEntries(said.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    },
  };
}

/** Writes what the manager finds on the machine; answers with the environment in which it finds it. */
function prepareMachine(host: BootingHost) {
  const at = (file: string) => path.join(host.machine, file);
  const fast = at("etc/systemd/system/kvm-fabric-assets.service.d");
  for (const folder of [at("run"), at("config/systemd"), fast]) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  fs.symlinkSync(at("etc/systemd/system"), at("config/systemd/user"));
  fs.writeFileSync(path.join(fast, "fast.conf"), "[Service]\nRestartSec=0.1\nPrivateTmp=no\n");
  const wrapper = '#!/bin/sh\nexec /usr/bin/systemctl --user "$@"\n';
  fs.writeFileSync(at("tools/systemctl"), wrapper, { mode: 0o755 });
  return {
    PATH: `${at("tools")}:${process.env.PATH ?? ""}`,
    HOME: host.home,
    KVM_FABRIC_ROOT: host.machine,
    XDG_CONFIG_HOME: at("config"),
    XDG_RUNTIME_DIR: at("run"),
    SYSTEMD_LOG_TARGET: "console",
  };
}

/** As this machine counts processes; nobody yet is this one, where nothing is found. */
function firstProcessOf({ pid = 0 }: ChildProcess): string {
  const children = fs.readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8");
  return children.trim() || "self";
}

/** The manager and what it starts see a machine of their own; with its first process everything of it ends. */
const STAGE = `
machine=$1
shift
for group; do echo $$ >"$group/cgroup.procs"; done
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system &&
  mount -t tmpfs tmpfs /usr/local/lib && mkdir -p "$machine/usr/local/lib/kvm-fabric" &&
  ln -s "$machine/usr/local/lib/kvm-fabric" /usr/local/lib/kvm-fabric || exit 1
/lib/systemd/systemd --user &
wait
`;

async function removeGroup(group: string): Promise<void> {
  const below = fs.existsSync(group) ? fs.readdirSync(group, { withFileTypes: true }) : [];
  for (const entry of below) {
    if (entry.isDirectory()) await removeGroup(path.join(group, entry.name));
  }
  for (let look = 0; look < 500 && fs.existsSync(group); look++) {
    try {
      fs.rmdirSync(group);
    } catch {
      // Its processes are on their way out.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
