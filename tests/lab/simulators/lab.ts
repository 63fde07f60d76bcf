import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { daemonSetSpec } from "../../../components/node-provisioner/manifests";
import type { ProvisionerPlan } from "../../../components/node-provisioner/plan";
import { auditLog, kubeconfigFile, labClient, startCluster } from "../../../lab/cluster/cluster";
import { storageClass } from "../../../lab/cluster/storage";
import { removeLab } from "../../../lab/commands/lab/stop";
import { daemonLog, startDaemon, stopDaemon, type Daemon } from "../../../lab/daemon";
import type { KubeClient } from "../../../lab/kube/client";
import type { KubeObject } from "../../../lab/kube/objects";
import { nodeCommand } from "../../../lab/node-command";
import { identify } from "../../../lab/processes";
import { ensureTools } from "../../../lab/toolchain";
import { applyIdentity } from "../node-provisioner/stage";

const DAEMON = "simulators";

/** A cluster of its own with an audit log, without any node yet, and the simulators' daemon. */
export interface SimulatorLab {
  client: KubeClient;
  state: string;
  auditFile: string;
  startSimulators: () => Promise<Daemon>;
  /** Sends SIGTERM and waits for the end. */
  stopSimulators: () => Promise<void>;
  log: () => string;
  /** A counter of the running daemon, by its name without prefix. */
  metric: (name: string) => Promise<number>;
  stop: () => Promise<void>;
}

/** Starts a cluster in a folder of its own. The daemon is for the test to start. */
export async function startSimulatorLab(): Promise<SimulatorLab> {
  // Named and owned like the shared lab, so that the next run's set-up removes what a killed run left.
  const state = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-test-lab-"));
  fs.writeFileSync(path.join(state, "owner.json"), JSON.stringify(identify(process.pid)));
  const tools = await ensureTools([
    ...(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const),
    ...(["kubectl", "kwok", "kwokctl"] as const),
  ]);
  await startCluster(state, { tools, audit: true, note: () => undefined });
  const client = labClient(state);
  await client.apply(storageClass());
  let daemon: Daemon | undefined;
  const lab = {
    ...{ client, state, auditFile: auditLog(state) },
    async startSimulators() {
      const main = path.join(__dirname, "../../../lab/simulators/main.ts");
      const env = { KUBECONFIG: kubeconfigFile(state) };
      daemon = await startDaemon(state, DAEMON, nodeCommand(main), { env });
      return daemon;
    },
    stopSimulators: () => stopDaemon(state, DAEMON),
    log: () => fs.readFileSync(daemonLog(state, DAEMON), "utf8"),
    metric: (name: string) => metricOf(daemon, name),
    async stop() {
      client.close();
      await removeLab(state);
    },
  };
  return lab;
}

async function metricOf(daemon: Daemon | undefined, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${daemon?.port}/metrics`);
  const line = new RegExp(`^kvm_fabric_lab_${name} (\\d+)$`, "m").exec(await answer.text());
  if (line === null) throw new Error(`no metric ${name}`);
  return Number(line[1]);
}

/** The provisioner as its component would create it: namespace, identity, policy and DaemonSet. */
export async function applyProvisioner(
  client: KubeClient,
  plan: ProvisionerPlan,
  namespace: string,
): Promise<void> {
  await client.apply(privilegedNamespace(namespace), { force: true });
  await applyIdentity(client, plan, namespace);
  await applyDaemonSet(client, plan, namespace);
}

/** A namespace for node agents. */
export function privilegedNamespace(name: string): KubeObject {
  const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** The DaemonSet alone. */
export async function applyDaemonSet(
  client: KubeClient,
  plan: ProvisionerPlan,
  namespace: string,
): Promise<void> {
  await client.apply(
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: plan.objectName, namespace },
      spec: daemonSetSpec(plan),
    },
    { force: true },
  );
}
