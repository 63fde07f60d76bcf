import * as pulumi from "@pulumi/pulumi";
import { listManagedClusterUserCredentialsOutput } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster";
import type { ApiServerPlan, AzureClusterPlan } from "./plan";

/** Where the API server answers, and who signed its certificate. */
export interface ApiServer {
  certificateAuthorityData: pulumi.Output<string>;
  endpoint: pulumi.Output<string>;
}

/**
 * Finds the API server of a cluster. A private one has its name in a private zone, or, without a zone, in public DNS.
 *
 * AKS tells the authority's certificate only in the kubeconfig that it writes for users. Of that nothing else is kept;
 * it is asked for once the cluster is there, and so unknown in the preview that makes it.
 */
export function apiServer(
  parent: pulumi.Resource,
  { api, resourceGroupName }: AzureClusterPlan,
  cluster: ManagedCluster,
): ApiServer {
  const { kubeconfigs } = listManagedClusterUserCredentialsOutput(
    { resourceGroupName, resourceName: cluster.name },
    { parent, dependsOn: [cluster] },
  );
  return {
    // Public, and the invoke's other parts are dropped.
    certificateAuthorityData: pulumi.unsecret(
      kubeconfigs.apply(([credential]) => authorityOf(credential?.value ?? "")),
    ),
    endpoint: pulumi.interpolate`https://${hostOf(api, cluster)}`,
  };
}

/** A private API server without a zone of its own has its name where a public one has it. */
function hostOf({ isPrivate, publicName }: ApiServerPlan, cluster: ManagedCluster) {
  return isPrivate && !publicName ? cluster.privateFQDN : cluster.fqdn;
}

/**
 * Reads the certificate out of a kubeconfig in base64, as YAML or JSON: PEM in base64 again.
 *
 * @throws where there is none: nothing could be trusted then
 */
export function authorityOf(kubeconfig: string): string {
  const text = Buffer.from(kubeconfig, "base64").toString("utf8");
  const match = /"?certificate-authority-data"?:\s*"?([A-Za-z0-9+/]+=*)/.exec(text);
  if (match?.[1] !== undefined) return match[1];
  throw new Error("AKS gave a kubeconfig without the certificate of the cluster's authority");
}
