import * as fs from "node:fs";
import { kubeconfigFile } from "../cluster/cluster";
import { readLabRecord } from "../environment";
import { kubeClient } from "../kube/client";
import { loadKubeconfig } from "../kube/kubeconfig";
import { LabError } from "../lab-error";
import { labPaths } from "../paths";
import { readStatus } from "../status/read";
import { showStatus } from "../status/show";
import { stackArguments } from "./arguments";
import { userClient } from "./stack-session";

const usage = "usage: npm run status [-- --json] [--context NAME]";

/** `npm run status`: nodes, workers, Consul, pools and recent warnings, as tables or JSON. */
export async function run(args: string[]): Promise<number> {
  const { context, json, help } = stackArguments(args, usage, ["context", "json"]);
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const client = context === undefined ? labClient() : userClient(context);
  try {
    const status = await readStatus(client);
    process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : showStatus(status));
    return 0;
  } finally {
    client.close();
  }
}

function labClient() {
  const { state } = labPaths();
  readLabRecord(state);
  const kubeconfig = kubeconfigFile(state);
  if (!fs.existsSync(kubeconfig)) {
    throw new LabError(`the lab is damaged: ${kubeconfig} is gone`, {
      hint: "repair it with: npm run up",
    });
  }
  return kubeClient(loadKubeconfig(kubeconfig));
}
