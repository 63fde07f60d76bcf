import { kubeClient, type KubeClient } from "../../../lab/kube/client";
import { loadKubeconfig } from "../../../lab/kube/kubeconfig";

export async function labCluster(): Promise<KubeClient> {
  return Promise.resolve(kubeClient(loadKubeconfig(process.env.KUBECONFIG ?? "")));
}
