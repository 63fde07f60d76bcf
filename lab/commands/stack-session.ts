import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { kubeconfigFile, renewedMarker } from "../cluster/cluster";
import { LAB_CONTEXT } from "../cluster/files";
import { labEnvironment, prepareEnvironment } from "../environment";
import { kubeClient, type KubeClient } from "../kube/client";
import { loadKubeconfig } from "../kube/kubeconfig";
import { LabError } from "../lab-error";
import { withLock } from "../lock";
import { labPaths } from "../paths";
import { prepareStack, readSettings, type StackEngine, type StackSettings } from "../stack/engine";
import { findInCluster } from "../stack/find-object";
import { refreshStack, repairStack } from "../stack/repair";
import { ensureTools } from "../toolchain";
import { prepareBin } from "./lab/programs";
import { startProviders } from "./lab/providers";
import { sourceVersion } from "./lab/source";
import { startLab } from "./lab/start";
import { stopLab } from "./lab/stop";

/** The stack that `npm run up` runs. */
const STACK = "dev";

/** Says whether a stack was made there and not yet destroyed: its settings stand for it. */
export function hasStack(state: string): boolean {
  return fs.existsSync(path.join(state, "stack", `settings.${STACK}.yaml`));
}

/** A cluster, and the engine that runs the dev stack on it. */
export interface StackSession {
  engine: StackEngine;
  client: KubeClient;
  /** Folder that keeps the Pulumi state and whatever else this cluster's stack needs. */
  state: string;
  /** Name of the kubeconfig context. */
  context: string;
  /** Ends what was started for the command alone. */
  close(): Promise<void>;
}

/** Folder of the stack's state: the lab's, or that of one of the user's contexts. */
export function stackState(context: string | undefined): string {
  return context === undefined ? labPaths().state : contextState(context);
}

/**
 * Runs a command on a stack while no other does: a second one waits, with a message. The state folder is made if
 * need be.
 */
export function withStackLock<T>(state: string, body: () => Promise<T>): Promise<T> {
  fs.mkdirSync(state, { recursive: true, mode: 0o700 });
  return withLock(path.join(state, "stack.lock"), body, { what: "this stack" });
}

/** Opens the dev stack, in the lab or on a context of the user's, for `body`, and closes it again. */
export async function withStackSession<T>(
  context: string | undefined,
  body: (session: StackSession) => Promise<T>,
): Promise<T> {
  const session = context === undefined ? await openLabStack() : await openContextStack(context);
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}

/**
 * Makes the stack if need be, and settles whatever a killed command, or a cluster that lost its data, left in
 * its state. Tells the user what.
 */
export async function bringInOrder(session: StackSession): Promise<void> {
  const { engine, state, client } = session;
  await prepareStack(engine, withContext(readSettings(engine), session.context));
  for (const line of await repairStack(engine, findInCluster(client))) {
    process.stderr.write(`settled what the last run left half done: ${line}\n`);
  }
  const renewed = renewedMarker(state);
  if (!fs.existsSync(renewed)) return;
  process.stderr.write("the cluster was made anew without its data: reading the stack again\n");
  await refreshStack(engine, "the cluster was made anew");
  fs.rmSync(renewed);
}

/** Starts the lab, or finds it running, and opens the dev stack on it. */
async function openLabStack(): Promise<StackSession> {
  const { state, record, env } = await startLab();
  const engine = { pulumi: record.pulumi, env, stack: STACK, folder: path.join(state, "stack") };
  const client = clientOf(kubeconfigFile(state));
  const close = () => {
    client.close();
    return Promise.resolve();
  };
  return { engine, client, state, context: LAB_CONTEXT, close };
}

/**
 * Opens the dev stack on a cluster of the user's: its state lies in a folder of its own, so that it never
 * mixes with the lab's. Provider stand-ins run for the command alone. Errors: LabError where the context is
 * not in the kubeconfig.
 */
async function openContextStack(context: string): Promise<StackSession> {
  const client = userClient(context);
  const state = contextState(context);
  const close = async () => {
    client.close();
    await stopLab(state);
  };
  try {
    return { engine: await contextEngine(state), client, state, context, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function contextEngine(state: string): Promise<StackEngine> {
  prepareEnvironment(state);
  // Of all tools it takes pulumi alone, so that it needs no system that the lab runs on.
  const tools = await ensureTools(["pulumi"]);
  const pulumi = prepareBin(state, tools);
  const providers = await startProviders(state, sourceVersion());
  const env = {
    ...labEnvironment(state, { pulumi, kubectl: "", providers }),
    KUBECONFIG: userKubeconfig(),
  };
  return { pulumi, env, stack: STACK, folder: path.join(state, "stack") };
}

/** A client of one of the user's contexts. */
export function userClient(context: string): KubeClient {
  return clientOf(userKubeconfig(), context);
}

function userKubeconfig(): string {
  const given = process.env.KUBECONFIG ?? "";
  return given !== "" ? given : path.join(os.homedir(), ".kube", "config");
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
