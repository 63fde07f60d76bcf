import * as fs from "node:fs";
import { kubeconfigFile } from "../cluster/cluster";
import { labEnvironment, readLabRecord } from "../environment";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import { readSettings, type StackEngine } from "../stack/engine";
import { type FabricStatus, readStatus } from "../status/read";
import { showStatus } from "../status/show";
import { stackArguments, stackFlags } from "./arguments";
import { stackFolder } from "./stack-folders";
import { userClient } from "./stack-session";
import { clientOf, makesClusters, simulatedClustersOf, type StackCluster } from "./stack-target";

const usage = "usage: npm run status [-- --json] [--stack NAME] [--context NAME]";

/**
 * `npm run status`: nodes, workers, Consul, services, pools and recent warnings of a stack's cluster, as tables or JSON. Of a stack
 * with several simulated clusters, of each: under its name, as the key of a JSON object.
 */
export async function run(args: string[]): Promise<number> {
  const { context, json, help, stack } = stackArguments(args, usage, ["context", "json", "stack"]);
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const clusters =
    context === undefined
      ? await labClusters(stack)
      : [{ title: `context ${context}`, client: userClient(context) }];
  try {
    const statuses = await Promise.all(
      clusters.map(async ({ title, client }) => ({ title, status: await readStatus(client) })),
    );
    process.stdout.write(json ? showJson(statuses) : showTables(statuses));
    return 0;
  } finally {
    for (const { client } of clusters) client.close();
  }
}

interface TitledStatus {
  title: string;
  status: FabricStatus;
}

function showJson(statuses: TitledStatus[]): string {
  const [only] = statuses;
  const all = Object.fromEntries(statuses.map(({ title, status }) => [title, status]));
  const value = statuses.length === 1 ? only?.status : all;
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function showTables(statuses: TitledStatus[]): string {
  if (statuses.length === 1) return statuses.map(({ status }) => showStatus(status)).join("");
  return statuses.map(({ title, status }) => `${title}\n\n${showStatus(status)}`).join("\n");
}

async function labClusters(stack: string): Promise<StackCluster[]> {
  const { state } = labPaths();
  const record = readLabRecord(state);
  const engine: StackEngine = {
    pulumi: record.pulumi,
    env: labEnvironment(state, record),
    stack,
    folder: stackFolder(state, stack),
  };
  if (!makesClusters(readSettings(engine))) return [{ title: "the lab", client: labClient(state) }];
  const clusters = await simulatedClustersOf(engine, state);
  if (clusters.length > 0) return clusters;
  throw new LabError(`stack ${stack} has no cluster in the lab`, {
    hint: `bring it up with: npm run up${stackFlags(stack)}`,
  });
}

function labClient(state: string) {
  const kubeconfig = kubeconfigFile(state);
  if (!fs.existsSync(kubeconfig)) {
    throw new LabError(`the lab is damaged: ${kubeconfig} is gone`, {
      hint: "repair it with: npm run up",
    });
  }
  return clientOf(kubeconfig);
}
