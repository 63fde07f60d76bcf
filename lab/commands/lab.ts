import { clusterProcesses, isClusterReady, kubeconfigFile, labClient } from "../cluster/cluster";
import { NodeKind } from "../cluster/node-manifests";
import { listLabNodes, scaleNodes } from "../cluster/nodes";
import { listDaemons } from "../daemon";
import { findLabRecord, labEnvironment, readLabRecord, shellExports } from "../environment";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import { labProcesses, residentMib } from "../processes";
import { withProgress } from "../progress";
import { accessTo } from "../simulated-clusters/open";
import { listSimulatedClusters } from "../simulated-clusters/record";
import { cloudObjects, countByCloud } from "../simulated-clusters/world";
import { runChild } from "./child";
import { nodeStates } from "../node/status";
import { runNode } from "./lab/node";
import { startLab } from "./lab/start";
import { stopLab } from "./lab/stop";

const USAGE = `npm run lab -- <command>

  start [--audit]  start the lab; with --audit the API server logs every request
  stop             stop it; its data and Pulumi state are kept
  status           what runs, with process ids and memory; simulated clusters and cloud objects
  env              shell exports: eval "$(npm run -s lab -- env)"
  kubectl ...      kubectl in the lab
  pulumi ...       pulumi in the lab
  nodes N          scale the simulated KVM nodes (0 to 9999)
  node start|stop [NAME]
                   start a real node beside them, with a kubelet and containerd, or take it away; needs root
`;

/** `npm run lab`: the lab by itself. */
export async function run(args: string[]): Promise<number> {
  const [command, ...rest] = args;
  const { state } = labPaths();
  switch (command) {
    case "start":
      return start(rest);
    case "stop":
      await stopLab(state);
      return 0;
    case "status":
      return status(state);
    case "env":
      process.stdout.write(shellExports(state, readLabRecord(state)));
      return 0;
    case "kubectl":
    case "pulumi":
      return runTool(state, command, rest);
    case "nodes":
      return nodes(state, rest);
    case "node":
      return runNode(state, rest);
    default:
      process.stderr.write(USAGE);
      return command === undefined || command === "help" || command === "--help" ? 0 : 2;
  }
}

async function start(args: string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== "--audit");
  if (unknown.length > 0) throw new LabError(`start: unknown option ${unknown.join(" ")}`);
  await startLab({ audit: args.includes("--audit") });
  process.stderr.write('the lab is up; try: eval "$(npm run -s lab -- env)"\n');
  return 0;
}

async function status(state: string): Promise<number> {
  const ready = await isClusterReady(state);
  const rows = [
    ...clusterProcesses(state).map(({ program, pid }) => ({ name: program, pid, runs: true })),
    ...listDaemons(state).map(({ daemon, alive }) => ({ ...daemon, runs: alive })),
  ];
  for (const { name, pid, runs } of rows) {
    const facts = runs ? `pid ${pid}, ${residentMib(pid)} MiB` : "not running";
    process.stdout.write(`${name.padEnd(26)}${facts}\n`);
  }
  const simulated = await simulatedStatus(state);
  process.stdout.write(simulated.text);
  const real = nodeStates(state);
  process.stdout.write(real.map(({ text }) => `${text}\n`).join(""));
  const runs = [...rows, simulated, ...real].every((part) => part.runs);
  const whole = ready && findLabRecord(state) !== undefined && runs;
  process.stdout.write(`${whole ? "the lab is up" : "the lab is not up"} (${state})\n`);
  if (!ready) return 1;
  const client = labClient(state);
  try {
    const kvm = await listLabNodes(client, NodeKind.Kvm);
    const plain = await listLabNodes(client, NodeKind.Plain);
    process.stdout.write(`${kvm.length} KVM nodes, ${plain.length} plain nodes\n`);
  } finally {
    client.close();
  }
  return whole ? 0 : 1;
}

/** The simulated clusters and the number of objects of the simulated clouds; nothing where there are none. */
async function simulatedStatus(state: string): Promise<{ text: string; runs: boolean }> {
  const lines: string[] = [];
  let runs = true;
  for (const { cluster, folder } of listSimulatedClusters(state)) {
    const up = await isClusterReady(folder);
    runs &&= up;
    const memory = labProcesses(folder).reduce((sum, { pid }) => sum + residentMib(pid), 0);
    const facts = up ? `${accessTo(folder).endpoint}, ${memory} MiB` : "not running";
    lines.push(`simulated cluster ${cluster.name} (${cluster.type}): ${facts}`);
    lines.push(`  KUBECONFIG=${kubeconfigFile(folder)}`);
  }
  const counts = Object.entries(countByCloud(cloudObjects(state))).sort();
  if (counts.length > 0) {
    const text = counts.map(([cloud, count]) => `${count} of ${cloud}`).join(", ");
    lines.push(`simulated cloud objects: ${text}`);
  }
  return { text: lines.map((line) => `${line}\n`).join(""), runs };
}

async function nodes(state: string, args: string[]): Promise<number> {
  const [count = ""] = args;
  if (args.length !== 1 || !/^\d+$/.test(count)) {
    throw new LabError(`nodes: not a number of nodes, got "${args.join(" ")}"`, {
      hint: "for example: npm run lab -- nodes 100",
    });
  }
  readLabRecord(state);
  const client = labClient(state);
  try {
    const { created, removed } = await withProgress(`${count} KVM nodes`, () =>
      scaleNodes(client, NodeKind.Kvm, Number(count)),
    );
    process.stdout.write(`created ${created.length}, removed ${removed.length}\n`);
  } finally {
    client.close();
  }
  return 0;
}

async function runTool(state: string, tool: "kubectl" | "pulumi", args: string[]): Promise<number> {
  const record = readLabRecord(state);
  const { code } = await runChild(record[tool], args, {
    // npm runs scripts in the repository's root; relative paths are meant from where the user is.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    env: labEnvironment(state, record),
  });
  return code;
}
