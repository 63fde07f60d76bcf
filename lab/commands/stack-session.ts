import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { kubeconfigFile, renewedMarker } from "../cluster/cluster";
import { LAB_CONTEXT } from "../cluster/files";
import { labEnvironment, prepareEnvironment } from "../environment";
import type { KubeClient } from "../kube/client";
import { LabError } from "../lab-error";
import { findInWorld, madeInWorld } from "../simulated-clusters/world";
import {
  prepareStack,
  pulumiOutput,
  readSettings,
  type StackEngine,
  type StackSettings,
} from "../stack/engine";
import { findInCluster } from "../stack/find-object";
import { needsMachines } from "../stack/machine-settings";
import type { FindObject } from "../stack/pending";
import { refreshStack, repairStack } from "../stack/repair";
import { prepareMachines, removeMachines } from "../stack/stack-machines";
import { labPaths } from "../paths";
import { ensureTools } from "../toolchain";
import type { StackArguments } from "./arguments";
import { prepareBin } from "./lab/programs";
import { startProviders } from "./lab/providers";
import { sourceVersion } from "./lab/source";
import { startLab } from "./lab/start";
import { stopLab } from "./lab/stop";
import { contextState, stackFolder } from "./stack-folders";
import {
  clientOf,
  makesClusters,
  simulatedClustersOf,
  type StackCluster,
  targetOf,
  withContext,
} from "./stack-target";

/** The clusters of a stack, and the engine that runs it. */
export interface StackSession {
  engine: StackEngine;
  /** Folder that keeps the Pulumi state and whatever else this stack needs. */
  state: string;
  /** What the stack is set to be here. */
  settings: StackSettings;
  /** The clusters that it runs on: the one that was there before, or those that it has made so far. */
  clusters(): Promise<StackCluster[]>;
  /** Gives back the machines that the stack needs no more: all of them once it is destroyed. */
  giveBack(destroyed: boolean): void;
  /** Ends what was started for the command alone. */
  close(): Promise<void>;
}

/** Which stack is opened. */
export type StackChoice = Pick<StackArguments, "configFile" | "context" | "stack">;

/** Opens a stack, in the lab or on a context of the user's, for `body`, and closes it again. */
export async function withStackSession<T>(
  { context, ...choice }: StackChoice,
  body: (session: StackSession) => Promise<T>,
): Promise<T> {
  const session =
    context === undefined ? await openLabStack(choice) : await openContextStack(context, choice);
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
  const { engine, settings } = session;
  await prepareStack(engine, settings);
  const made = () => madeInWorld(session.state);
  for (const line of await repairStack(engine, findAnywhere(session), made)) {
    process.stderr.write(`settled what the last run left half done: ${line}\n`);
  }
  const renewed = (await session.clusters())
    .flatMap(({ folder }) => (folder === undefined ? [] : renewedMarker(folder)))
    .filter((marker) => fs.existsSync(marker));
  if (renewed.length === 0) return;
  process.stderr.write("the cluster was made anew without its data: reading the stack again\n");
  await refreshStack(engine, "the cluster was made anew");
  for (const marker of renewed) fs.rmSync(marker);
}

function findAnywhere(session: StackSession): FindObject {
  const inWorld = findInWorld(session.state, () =>
    pulumiOutput(session.engine, ["stack", "export"]),
  );
  return async (create) => {
    if (!create.type.startsWith("kubernetes:")) return inWorld(create);
    for (const { client } of await session.clusters()) {
      const found = await findInCluster(client)(create);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Starts the lab, or finds it running, and opens the stack in it. */
async function openLabStack(choice: StackChoice): Promise<StackSession> {
  const { stack } = choice;
  // Before anything is started for a stack that is not there.
  readSettings(engineOf("", {}, labPaths().state, choice));
  const { state, record, env } = await startLab();
  const engine = engineOf(record.pulumi, env, state, choice);
  const settings = await fitLab(state, stack, withContext(readSettings(engine), LAB_CONTEXT));
  const opened: StackCluster[] = [];
  const clusters = async () => {
    const found = makesClusters(settings)
      ? await simulatedClustersOf(engine, state)
      : [{ title: "the lab", client: clientOf(kubeconfigFile(state)), folder: state }];
    opened.push(...found);
    return found;
  };
  const close = () => {
    for (const { client } of opened) client.close();
    return Promise.resolve();
  };
  const giveBack = (destroyed: boolean) => {
    removeMachines(state, stack, destroyed ? undefined : settings);
  };
  return { engine, state, settings, clusters, giveBack, close };
}

/** One's own machines are made by the lab, and what cannot be as the settings say is told. */
async function fitLab(
  state: string,
  stack: string,
  settings: StackSettings,
): Promise<StackSettings> {
  if (!needsMachines(settings)) return settings;
  const fitted = await prepareMachines(state, stack, settings);
  const lines = [
    `in the lab the machines of stack ${stack} are root file systems of Debian on this one, and k3s is played:`,
    ...fitted.changes.map((change) => `  ${change}`),
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  return fitted.settings;
}

function engineOf(
  pulumi: string,
  env: NodeJS.ProcessEnv,
  state: string,
  { configFile, stack }: StackChoice,
): StackEngine {
  const folder = stackFolder(state, stack);
  return { pulumi, env, stack, folder, ...(configFile !== undefined && { configFile }) };
}

/**
 * Opens the stack on a cluster of the user's: its state lies in a folder of its own, so that it never
 * mixes with the lab's. Provider stand-ins run for the command alone. Errors: LabError where the context is
 * not in the kubeconfig, or the stack makes clusters itself.
 */
async function openContextStack(context: string, choice: StackChoice): Promise<StackSession> {
  const { stack } = choice;
  const client = userClient(context);
  const state = contextState(context);
  const close = async () => {
    client.close();
    await stopLab(state);
  };
  try {
    const engine = await contextEngine(state, choice);
    const given = readSettings(engine);
    refuseCloud(stack, given, context);
    const clusters = () => Promise.resolve([{ title: `context ${context}`, client }]);
    const giveBack = () => undefined;
    return { engine, state, settings: withContext(given, context), clusters, giveBack, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function refuseCloud(stack: string, settings: StackSettings, context: string): void {
  if (!makesClusters(settings)) return;
  throw new LabError(
    `stack ${stack} makes its cluster itself (target ${targetOf(settings)}): it cannot run on context ${context}`,
    { hint: `in the lab: npm run up -- --stack ${stack}; for real: pulumi up --stack ${stack}` },
  );
}

async function contextEngine(state: string, choice: StackChoice): Promise<StackEngine> {
  prepareEnvironment(state);
  // Of all tools it takes pulumi alone, so that it needs no system that the lab runs on.
  const tools = await ensureTools(["pulumi"]);
  const pulumi = prepareBin(state, tools);
  const providers = await startProviders(state, sourceVersion());
  const env = {
    ...labEnvironment(state, { pulumi, kubectl: "", providers }),
    KUBECONFIG: userKubeconfig(),
  };
  return engineOf(pulumi, env, state, choice);
}

/** A client of one of the user's contexts. */
export function userClient(context: string): KubeClient {
  return clientOf(userKubeconfig(), context);
}

function userKubeconfig(): string {
  const given = process.env.KUBECONFIG ?? "";
  return given !== "" ? given : path.join(os.homedir(), ".kube", "config");
}
