import { awsOutputs } from "../components/cluster/aws/outputs";
import type { DeployOptions } from "./deploy";
import { generatedOutputs } from "./generated";

/** What AWS and the random and tls providers compute for a whole stack; for the recorder. */
export function awsStackOutputs(type: string, name: string, inputs: any): Record<string, any> {
  return { ...awsOutputs(type, name, inputs), ...generatedOutputs(type) };
}

/** What Google Cloud computes for the kinds that a network, a cluster and its pools are made of; for the recorder. */
export function gcpOutputs(type: string, _name: string, inputs: any): Record<string, any> {
  switch (type) {
    case "gcp:serviceaccount/account:Account":
      return {
        email: `${inputs.accountId}@fabric-123456.iam.gserviceaccount.com`,
        member: `serviceAccount:${inputs.accountId}@fabric-123456.iam.gserviceaccount.com`,
        project: "fabric-123456",
      };
    case "gcp:projects/serviceIdentity:ServiceIdentity":
      return { member: "serviceAccount:service-7@container-engine-robot.iam.gserviceaccount.com" };
    case "gcp:container/cluster:Cluster":
      return {
        endpoint: "10.0.0.2",
        controlPlaneEndpointsConfig: { dnsEndpointConfig: { endpoint: "gke-1.gke.goog" } },
        masterAuth: { clusterCaCertificate: "Q0E=" },
        masterVersion: "1.36.3-gke.1640000",
        project: "fabric-123456",
      };
    default:
      return generatedOutputs(type);
  }
}

/** What Azure computes; see {@link gcpOutputs}. */
export function azureOutputs(type: string, name: string, inputs: any): Record<string, any> {
  switch (type) {
    case "azure-native:managedidentity:UserAssignedIdentity":
      return { principalId: "33333333-3333-3333-3333-333333333333" };
    case "azure-native:containerservice:ManagedCluster":
      return {
        name: inputs.resourceName,
        currentKubernetesVersion: "1.36.2",
        fqdn: "fabric-1.hcp.westeurope.azmk8s.io",
        privateFQDN: "fabric-1.7.privatelink.westeurope.azmk8s.io",
        identityProfile: { kubeletidentity: { objectId: "kubelet" } },
        oidcIssuerProfile: { enabled: true, issuerURL: "https://issuer.example/" },
      };
    case "azure-native:resources:ResourceGroup":
      return { name: inputs.resourceGroupName };
    case "azure-native:network:PublicIPPrefix":
      return { ipPrefix: "203.0.113.0/31", name };
    default:
      return { ...(type.startsWith("azure-native:") && { name }), ...generatedOutputs(type) };
  }
}

/** AKS's answer to who asks for a kubeconfig: in base64, with more in it than the certificate. */
export const azureCall: DeployOptions["call"] = () => {
  const text = "clusters: [{ cluster: { certificate-authority-data: Q0E=, server: https://x } }]";
  return { kubeconfigs: [{ name: "user", value: Buffer.from(text).toString("base64") }] };
};
