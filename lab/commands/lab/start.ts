import * as fs from "node:fs";
import * as path from "node:path";
import { kubeconfigFile, labClient, startCluster } from "../../cluster/cluster";
import { applyKarpenterCrds, startKarpenter } from "../../cluster/karpenter";
import { NodeKind } from "../../cluster/node-manifests";
import { listLabNodes, scaleNodes } from "../../cluster/nodes";
import { storageClass } from "../../cluster/storage";
import {
  labEnvironment,
  type LabRecord,
  prepareEnvironment,
  writeLabRecord,
} from "../../environment";
import type { KubeClient } from "../../kube/client";
import { withLock } from "../../lock";
import { labPaths } from "../../paths";
import { withProgress } from "../../progress";
import { ensureTools, type ToolPaths } from "../../toolchain";
import { prepareBin } from "./programs";
import { startProviders } from "./providers";
import { resumeSimulatedClusters } from "../../simulated-clusters/open";
import { startSimulators } from "../../simulators/start";
import { reconnectNodes } from "../../node/node";
import { forgetLostNodes } from "../../node/objects";
import { fileVersion, sourceVersion } from "./source";
import { endStrays } from "./stop";

/** How the lab is started. */
export interface StartOptions {
  /** Folder of the lab. Defaults to the user's, see labPaths. */
  state?: string;
  /** Keeps a log of all requests to the API server. Defaults to false. */
  audit?: boolean;
  /** How long a node may say nothing before it counts as lost, in seconds. Defaults to 200. */
  nodeGraceSeconds?: number;
}

/** A lab that is up. */
export interface RunningLab {
  state: string;
  record: LabRecord;
  /** Environment for programs that run in it. */
  env: NodeJS.ProcessEnv;
}

/** Numbers of simulated nodes that a new lab has. */
export const DEFAULT_NODES = { kvm: 3, plain: 3 } as const;

/**
 * Starts the lab, or finds it running: tools, cluster, simulated nodes, providers, simulators, Karpenter. What
 * runs and is right is left alone; what a killed command left half done is repaired. Safe to call at
 * once from several processes. Errors: LabError with what the user can do.
 */
export async function startLab(options: StartOptions = {}): Promise<RunningLab> {
  const state = options.state ?? labPaths().state;
  fs.mkdirSync(state, { recursive: true, mode: 0o700 });
  const tools = await ensureTools();
  return withLock(path.join(state, "lock"), () =>
    withProgress("lab", () => startParts(state, tools, options)),
  );
}

async function startParts(
  state: string,
  tools: ToolPaths,
  options: StartOptions,
): Promise<RunningLab> {
  prepareEnvironment(state);
  await endStrays(state);
  const source = sourceVersion();
  const pulumi = prepareBin(state, tools);
  const cluster = startClusterParts(state, tools, options, source);
  const starting = startProviders(state, source);
  await settled([starting, cluster]);
  await resumeSimulatedClusters(state, tools);
  const providers = await starting;
  const record = { pulumi, kubectl: tools.kubectl, providers };
  writeLabRecord(state, record);
  return { state, record, env: labEnvironment(state, record) };
}

async function startClusterParts(
  state: string,
  tools: ToolPaths,
  { audit = false, nodeGraceSeconds }: StartOptions,
  source: string,
): Promise<void> {
  await startCluster(state, { tools, audit, nodeGraceSeconds });
  const kubeconfig = kubeconfigFile(state);
  const client = labClient(state);
  // Of another address or other keys: what was started with the old ones must start anew.
  const version = `${source} ${fileVersion(kubeconfig)}`;
  try {
    await settled([
      client.apply(storageClass(), { force: true }),
      makeFirstNodes(client),
      forgetLostNodes(state, client),
      reconnectNodes(state),
      startSimulators(state, version),
      applyKarpenterCrds(client, tools["karpenter-crds"]).then(() =>
        startKarpenter(state, { kubeconfig, tools, version }),
      ),
    ]);
  } finally {
    client.close();
  }
}

// Like Promise.all, except that nothing goes on behind the back of whoever sees the error.
async function settled(work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}

// A lab that has nodes keeps their number, whatever it is.
async function makeFirstNodes(client: KubeClient): Promise<void> {
  const counts = await Promise.all(
    [NodeKind.Kvm, NodeKind.Plain].map((kind) => listLabNodes(client, kind)),
  );
  if (counts.flat().length > 0) return;
  await Promise.all([
    scaleNodes(client, NodeKind.Kvm, DEFAULT_NODES.kvm),
    scaleNodes(client, NodeKind.Plain, DEFAULT_NODES.plain),
  ]);
}
