import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomically } from "../../../atomic-file";
import { listAt, textAt } from "../../../kube/objects";
import type { CloudEffects, NodeTaint, SimulatedPool } from "../effects";
import type { Ended, Machine, machines, MachineCluster, MachineLine } from "./machines";

/** What clusters of machines are played with. */
export interface MachineWorld extends Pick<
  CloudEffects,
  "openCluster" | "closeCluster" | "setPool" | "removePool"
> {
  /** The kubeconfig of a cluster's administrator; undefined where there is no such cluster. */
  kubeconfig(clusterId: string): string | undefined;
  /** Runs a kubectl with these arguments as the administrator of a cluster. */
  kubectl(clusterId: string, args: readonly string[]): Promise<Ended>;
}

/** Type token of what a cluster of machines is made by. */
const CLUSTER_TYPE = "kvm-fabric:index:BareMetalCluster";

/** A machine that runs k3s: kept beside its root file system. */
interface Member {
  server: boolean;
  pool: SimulatedPool;
}

const DONE: Ended = { code: 0, stdout: "", stderr: "" };

/**
 * Answers what the k3s of a machine asks: to `join` its cluster, which the first server begins, as a node with the
 * labels and taints of its configuration; whether something `ping`s at an address; `kubectl`, as far as the scripts use it.
 */
export function k3sLine(
  all: ReturnType<typeof machines>,
  machine: Machine,
  cluster: MachineCluster,
  world: MachineWorld,
): MachineLine {
  return async ([verb = "", ...args]) => {
    switch (verb) {
      case "join":
        return join(all, machine, cluster, world, args[0] === "server");
      case "kubectl":
        return kubectl(cluster, world, args);
      case "ping":
        return ping(all, cluster, args[0] ?? "");
      default:
        return failed(`lab-line: unknown request ${verb}`);
    }
  };
}

/**
 * Takes a machine out of its cluster whose k3s is gone from its disk, with its node; with the last server goes the
 * cluster. Does nothing to any other.
 */
export async function leaveIfGone(
  all: ReturnType<typeof machines>,
  machine: Machine,
  cluster: MachineCluster,
  world: MachineWorld,
): Promise<void> {
  const member = memberOf(machine);
  if (member === undefined || fs.existsSync(onDisk(machine, "/var/lib/rancher/k3s"))) return;
  const servers = serversOf(all, cluster).filter(({ address }) => address !== machine.address);
  if (member.server && servers.length === 0) await world.closeCluster(cluster.id);
  else await world.removePool(member.pool.id);
  fs.rmSync(memberFile(machine), { force: true });
}

async function join(
  all: ReturnType<typeof machines>,
  machine: Machine,
  cluster: MachineCluster,
  world: MachineWorld,
  server: boolean,
): Promise<Ended> {
  const config: unknown = JSON.parse(
    fs.readFileSync(onDisk(machine, "/etc/rancher/k3s/config.yaml"), "utf8"),
  );
  const others = serversOf(all, cluster).filter(({ address }) => address !== machine.address);
  const problem = joinProblem(machine, cluster, others, config);
  if (problem !== undefined) return failed(`k3s: ${problem}`);
  if (server) await world.openCluster({ ...cluster, type: CLUSTER_TYPE });
  const pool = poolOf(machine, cluster, config, server);
  await world.setPool(pool);
  writeAtomically(memberFile(machine), JSON.stringify({ server, pool } satisfies Member));
  // k3s says that it has started once its node is there; the scripts would look again only after seconds.
  await world.kubectl(cluster.id, ["wait", "--for=condition=Ready", `node/${pool.name}`]);
  return { ...DONE, stdout: server ? (world.kubeconfig(cluster.id) ?? "") : "" };
}

/** Why k3s would not get into its cluster: nobody answers where it asks, or not to its token. */
function joinProblem(
  machine: Machine,
  cluster: MachineCluster,
  servers: readonly Machine[],
  config: unknown,
): string | undefined {
  const url = textAt(config, "server");
  // The first server begins the cluster, or goes on with its own data.
  if (url === undefined) return undefined;
  const host = new URL(url).hostname;
  if (!answers(cluster, servers, host)) return `no server answers at ${url}`;
  const file = textAt(config, "token-file") ?? "";
  const theirs = servers.map((server) => fs.readFileSync(onDisk(server, file), "utf8"));
  const own = fs.readFileSync(onDisk(machine, file), "utf8");
  return theirs.includes(own) ? undefined : `${url} does not take the token`;
}

/** A machine's node. As with a kubelet, labels and taints are those of its first start; the version is today's. */
function poolOf(
  machine: Machine,
  cluster: MachineCluster,
  config: unknown,
  server: boolean,
): SimulatedPool {
  const name = textAt(config, "node-name") ?? "";
  const before = memberOf(machine)?.pool;
  const roles = ["control-plane", "etcd"].map((role) => [
    `node-role.kubernetes.io/${role}`,
    "true",
  ]);
  const { labels, taints } = before ?? {
    labels: {
      ...Object.fromEntries(textsAt(config, "node-label").map((text) => split(text, "="))),
      ...(server && Object.fromEntries(roles)),
    },
    taints: textsAt(config, "node-taint").map(taintOf),
  };
  return {
    id: `${cluster.id}/${name}`,
    clusterId: cluster.id,
    ...{ name, count: 1, machineType: "k3s", zones: [], labels, taints },
    machines: [
      {
        name,
        address: textAt(config, "node-ip") ?? machine.address,
        kubeletVersion: version(machine),
      },
    ],
  };
}

/** As `k3s --version` prints it. */
function version(machine: Machine): string {
  const text = fs.readFileSync(onDisk(machine, "/usr/local/bin/k3s"), "utf8");
  return /k3s version (\S+)/.exec(text)?.[1] ?? "";
}

const ALLOWED = [/^get (?:--raw \/readyz|nodes? )/, /^drain \S/, /^delete node \S/];

async function kubectl(
  cluster: MachineCluster,
  world: MachineWorld,
  args: readonly string[],
): Promise<Ended> {
  const own = args[0] === "--kubeconfig" ? args.slice(2) : args;
  // It runs outside of the machine: nothing that could read or write a file there.
  if (!ALLOWED.some((form) => form.test(own.join(" ")))) {
    return failed(`kubectl: not played: ${own.join(" ")}`);
  }
  if (world.kubeconfig(cluster.id) === undefined) {
    return failed(`kubectl: no API server answers at ${cluster.address}`);
  }
  return world.kubectl(cluster.id, own);
}

function ping(
  all: ReturnType<typeof machines>,
  cluster: MachineCluster,
  host: string,
): Promise<Ended> {
  const isThere = answers(cluster, serversOf(all, cluster), host);
  return Promise.resolve(isThere ? { ...DONE, stdout: "pong" } : { ...DONE, code: 7 });
}

/** Says whether one of these servers answers at an address: its own, or the cluster's, which leads to any of them. */
function answers({ address }: MachineCluster, servers: readonly Machine[], host: string): boolean {
  return servers.length > 0 && [address, ...servers.map((server) => server.address)].includes(host);
}

function serversOf(all: ReturnType<typeof machines>, { id }: MachineCluster): Machine[] {
  return all
    .list()
    .filter((machine) => machine.cluster?.id === id && memberOf(machine)?.server === true);
}

function memberOf(machine: Machine): Member | undefined {
  const file = memberFile(machine);
  if (!fs.existsSync(file)) return undefined;
  const member: Member = JSON.parse(fs.readFileSync(file, "utf8"));
  return member;
}

function memberFile({ folder }: Machine): string {
  return path.join(folder, "member.json");
}

function onDisk({ folder }: Machine, file: string): string {
  return path.join(folder, "upper", file);
}

function textsAt(value: unknown, field: string): string[] {
  return listAt(value, field).map(String);
}

function split(text: string, at: string): [string, string] {
  const [first = "", ...rest] = text.split(at);
  return [first, rest.join(at)];
}

function taintOf(text: string): NodeTaint {
  const [key, rest] = split(text, "=");
  const [value, effect] = split(rest, ":");
  return { key, value, effect };
}

function failed(problem: string): Ended {
  return { ...DONE, code: 1, stderr: `${problem}\n` };
}
