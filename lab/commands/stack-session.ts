import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { kubeconfigFile } from "../cluster/cluster";
import { LAB_CONTEXT } from "../cluster/files";
import { labEnvironment, prepareEnvironment } from "../environment";
import { kubeClient, type KubeClient } from "../kube/client";
import { loadKubeconfig } from "../kube/kubeconfig";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import type { StackEngine, StackSettings } from "../stack/engine";
import { ensureTools } from "../toolchain";
import { prepareBin } from "./lab/programs";
import { startProviders } from "./lab/providers";
import { sourceVersion } from "./lab/source";
import { startLab } from "./lab/start";

/** The stack that `npm run up` runs. */
const STACK = "dev";

/** A cluster, and the engine that runs the dev stack on it. */
export interface StackSession {
  engine: StackEngine;
  client: KubeClient;
  /** Folder that keeps the Pulumi state and whatever else this cluster's stack needs. */
  state: string;
  /** Name of the kubeconfig context. */
  context: string;
}

/** Starts the lab, or finds it running, and opens the dev stack on it. */
export async function openLabStack(): Promise<StackSession> {
  const { state, record, env } = await startLab();
  const engine = { pulumi: record.pulumi, env, stack: STACK, folder: path.join(state, "stack") };
  return { engine, client: clientOf(kubeconfigFile(state)), state, context: LAB_CONTEXT };
}

/**
 * Opens the dev stack on a cluster of the user's: its state lies in a folder of its own, so that it never
 * mixes with the lab's. Errors: LabError where the context is not in the kubeconfig.
 */
export async function openContextStack(context: string): Promise<StackSession> {
  const client = userClient(context);
  const state = contextState(context);
  fs.mkdirSync(state, { recursive: true, mode: 0o700 });
  prepareEnvironment(state);
  const tools = await ensureTools(["pulumi", "kubectl"]);
  const pulumi = prepareBin(state, tools);
  const providers = await startProviders(state, sourceVersion());
  const env = {
    ...labEnvironment(state, { pulumi, kubectl: tools.kubectl, providers }),
    KUBECONFIG: userKubeconfig(),
  };
  return {
    engine: { pulumi, env, stack: STACK, folder: path.join(state, "stack") },
    client,
    state,
    context,
  };
}

/** A client of one of the user's contexts. */
export function userClient(context: string): KubeClient {
  return clientOf(userKubeconfig(), context);
}

function userKubeconfig(): string {
  return process.env.KUBECONFIG ?? path.join(os.homedir(), ".kube", "config");
}

/** Folder of the state that belongs to one of the user's contexts. */
export function contextState(context: string): string {
  return path.join(labPaths().state, "contexts", encodeURIComponent(context));
}

/** The stack's settings with another kubeconfig context. Pure. */
export function withContext(settings: StackSettings, context: string): StackSettings {
  const key = "kvm-fabric:fabric";
  const fabric = settings.config?.[key];
  if (typeof fabric !== "object" || fabric === null) return settings;
  return {
    ...settings,
    config: { ...settings.config, [key]: { ...fabric, kubernetes: { context } } },
  };
}

function clientOf(kubeconfig: string, context?: string): KubeClient {
  try {
    return kubeClient(loadKubeconfig(kubeconfig, context === undefined ? {} : { context }));
  } catch (error) {
    throw new LabError(error instanceof Error ? error.message : String(error), {
      hint: "contexts of the kubeconfig: kubectl config get-contexts -o name",
      cause: error,
    });
  }
}
