import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  type GuestNetworkContext,
  type GuestNetworkPlan,
  planGuestNetwork,
} from "../../../components/worker/network/plan";
import {
  networkEnvironment,
  networkScript,
} from "../../../components/worker/network/network-script";
import type { GuestNetwork } from "../../../components/worker/args";
import { debianTree } from "../../../lab/node/debian";
import {
  bootMachine,
  endMachine,
  machineFolder,
  onMachine,
  runOnMachine,
} from "../../../lab/node/machine";
import { labPaths } from "../../../lab/paths";
import { ownFolder } from "../../support/lab-setup";

const PACKAGES = ["busybox-static", "dash", "iproute2", "mount", "nftables", "socat", "util-linux"];

/** Where everything is that anybody reaches, by what a test calls it. */
export const SERVED = {
  host4: "203.0.113.10",
  host6: "2001:db8::10",
  blocked4: "192.0.2.66",
  blocked6: "2001:db8:66::1",
  metadata4: "169.254.169.254",
  tasks4: "169.254.170.2",
  identity4: "169.254.170.23",
  wire4: "168.63.129.16",
  aws6: "fd00:ec2::254",
  gcp6: "fd20:ce::254",
  identity6: "fd00:ec2::23",
} as const;

/** What the worker's pod holds where nothing else is said. */
export const CONTEXT: GuestNetworkContext = {
  defaultTaps: 2,
  hostNetwork: false,
  name: "workers",
  ownerEach: true,
  tapDevices: "helper",
  workerMetadata: false,
};

export const GUESTS: GuestNetwork = {
  blocked: ["192.0.2.64/26", "2001:db8:66::/48"],
  guestPorts: [8080],
};

/** A plan of two guests. */
export function planOf(given: GuestNetwork = GUESTS, context: Partial<GuestNetworkContext> = {}) {
  return planGuestNetwork(given, { ...CONTEXT, ...context });
}

/** A machine with networks of its own; see guest-network-stage.sh. */
export async function openStage() {
  const state = await ownFolder();
  const tree = await debianTree(labPaths().cache, PACKAGES);
  const folder = machineFolder(state, "guests");
  const init = await bootMachine(state, "guests", {
    ...{ folder, hostname: "guests", tree, programs: {} },
  });
  // Its shell would take its own `ip` for that of iproute2, so the stage has another.
  await runOnMachine(init, ["/bin/busybox", "sh", "-c", "busybox --install -s 2>/dev/null || :"]);
  const library = fs.readFileSync(path.join(__dirname, "guest-network-stage.sh"), "utf8");
  const execute = (command: string[], env: Record<string, string> = {}) => {
    const given = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const [program, ...args] = onMachine(init, ["/bin/busybox", "env", ...given, ...command]);
    return endOf(program, args);
  };
  /** Runs a script with the functions of the library; its background goes on after it. */
  const play = async (script: string, env: Record<string, string> = {}): Promise<string> => {
    const { code, stdout, stderr } = await execute(
      ["/bin/dash", "-c", `${library}\n${script}`],
      env,
    );
    if (code !== 0) throw new Error(`${script}: ${stderr || `exit code ${code}`}`);
    return stdout;
  };
  return {
    init,
    execute,
    play,
    /** What comes of everything that somebody might try: an answer, by what was tried. */
    traffic: async (): Promise<Record<string, string>> => {
      const lines = (await play("traffic")).trim().split("\n");
      return Object.fromEntries(
        lines.map((line) => {
          const at = line.lastIndexOf(" ");
          return [line.slice(0, at), line.slice(at + 1).replace(/^\[fe80:.*/, "link-local")];
        }),
      );
    },
    /** Runs the container's script as its container does: in the pod's network, with no capability but NET_ADMIN. */
    network: (
      plan: GuestNetworkPlan,
      env: Record<string, string> = {},
      shell = ["/bin/dash"],
    ): ReturnType<typeof execute> => {
      const given = { ...environmentOf(plan), ...env };
      return execute([...inPod("net_admin"), ...shell, "-c", networkScript()], given);
    },
    script: networkScript(),
    environment: environmentOf,
    inPod,
    async close() {
      await endMachine(state, "guests");
      fs.rmSync(state, { recursive: true, force: true });
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

function environmentOf(plan: GuestNetworkPlan): Record<string, string> {
  const all = networkEnvironment(plan, "/run/worker/taps");
  return Object.fromEntries(all.map(({ name, value }) => [name, value]));
}

/** How a program ended. */
function endOf(program: string, args: string[]) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 600_000 });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (said.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (said.stderr += data.toString()));
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, ...said });
    });
  });
}

/** The command that gives another no capability but those named, of the pod's network alone. */
function inPod(capabilities: string, network = "pod"): string[] {
  const some = capabilities === "" ? "-all" : `-all,+${capabilities}`;
  return [
    ...["/usr/bin/nsenter", `--net=/run/netns/${network}`, "/usr/bin/setpriv", "--no-new-privs"],
    ...[`--bounding-set=${some}`, "--inh-caps=-all"],
  ];
}
