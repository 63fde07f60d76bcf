import * as fs from "node:fs";
import { kubeconfigFile } from "../cluster/cluster";
import { type KubeClient, kubeClient } from "../kube/client";
import { loadKubeconfig } from "../kube/kubeconfig";
import { isRecord, textAt } from "../kube/objects";
import { LabError } from "../lab-error";
import { accessTo } from "../simulated-clusters/open";
import { listSimulatedClusters, type OpenCluster } from "../simulated-clusters/record";
import { pulumiOutput, stackExists, type StackEngine, type StackSettings } from "../stack/engine";
import { clustersOfStack } from "../stack/stack-clusters";

/** A cluster that a stack runs on. */
export interface StackCluster {
  /** What people call it. */
  title: string;
  client: KubeClient;
  /** Folder that the API server's data lies in, where it is one of the lab's. */
  folder?: string;
}

const FABRIC = "kvm-fabric:fabric";

/** The only target whose cluster is there before the stack. */
const KUBERNETES = "kubernetes";

/** Where a stack is stood up: on a cluster that exists, or with one of its own. Pure. */
export function targetOf(settings: StackSettings): string {
  return textAt(settings.config?.[FABRIC], "target") ?? KUBERNETES;
}

/** Says whether the stack makes its clusters itself. Pure. */
export function makesClusters(settings: StackSettings): boolean {
  return targetOf(settings) !== KUBERNETES;
}

/** The stack's settings with another kubeconfig context, where it runs on a cluster that exists. Pure. */
export function withContext(settings: StackSettings, context: string): StackSettings {
  const fabric = settings.config?.[FABRIC];
  if (!isRecord(fabric) || makesClusters(settings)) return settings;
  return {
    ...settings,
    config: { ...settings.config, [FABRIC]: { ...fabric, kubernetes: { context } } },
  };
}

/** The simulated clusters that a stack has made so far. */
export async function simulatedClustersOf(
  engine: StackEngine,
  state: string,
): Promise<StackCluster[]> {
  const clusters = listSimulatedClusters(state).filter(hasKubeconfig);
  if (clusters.length === 0 || !(await stackExists(engine))) return [];
  const exported = await pulumiOutput(engine, ["stack", "export"]);
  const answering = clusters.map((open) => ({ ...open, endpoint: accessTo(open.folder).endpoint }));
  return clustersOfStack(exported, answering).map(({ cluster, folder }) => ({
    title: `the simulated cluster ${cluster.name}`,
    client: kubeClient(loadKubeconfig(kubeconfigFile(folder))),
    folder,
  }));
}

// Not yet there while its first start is under way.
function hasKubeconfig({ folder }: OpenCluster): boolean {
  return fs.existsSync(kubeconfigFile(folder));
}

/** A client of a kubeconfig's context. Errors: LabError where it is not there. */
export function clientOf(kubeconfig: string, context?: string): KubeClient {
  try {
    return kubeClient(loadKubeconfig(kubeconfig, context === undefined ? {} : { context }));
  } catch (error) {
    throw new LabError(error instanceof Error ? error.message : String(error), {
      hint: "contexts of the kubeconfig: kubectl config get-contexts -o name",
      cause: error,
    });
  }
}
