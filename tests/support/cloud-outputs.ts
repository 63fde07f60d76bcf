import { awsOutputs } from "../components/cluster/aws/outputs";
import type { DeployOptions } from "./deploy";
import { generatedOutputs } from "./generated";

/** What AWS and the random and tls providers compute for a whole stack; for the recorder. */
export function awsStackOutputs(type: string, name: string, inputs: any): Record<string, any> {
  return { ...awsOutputs(type, name, inputs), ...generatedOutputs(type) };
}

/** What Google Cloud computes for the kinds that a network, a cluster and its pools are made of; for the recorder. */
export function gcpOutputs(type: string, name: string, inputs: any): Record<string, any> {
  switch (type) {
    case "gcp:storage/bucket:Bucket":
      return { name: inputs.name ?? `${name}-made` };
    case "gcp:projects/iAMCustomRole:IAMCustomRole":
      return { name: `projects/fabric-123456/roles/${inputs.roleId}` };
    case "gcp:serviceaccount/account:Account":
      return {
        email: `${inputs.accountId}@fabric-123456.iam.gserviceaccount.com`,
        member: `serviceAccount:${inputs.accountId}@fabric-123456.iam.gserviceaccount.com`,
        project: "fabric-123456",
      };
    case "gcp:compute/network:Network":
      return { id: `projects/fabric-123456/global/networks/${name}` };
    case "gcp:compute/subnetwork:Subnetwork":
      return { id: `projects/fabric-123456/regions/europe-west1/subnetworks/${name}` };
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

const GROUP = "/subscriptions/s/resourceGroups/g/providers";

/** What Azure computes; see {@link gcpOutputs}. */
export function azureOutputs(type: string, name: string, inputs: any): Record<string, any> {
  switch (type) {
    case "azure-native:managedidentity:UserAssignedIdentity":
      return {
        clientId: "44444444-4444-4444-4444-444444444444",
        principalId: "33333333-3333-3333-3333-333333333333",
        tenantId: "55555555-5555-5555-5555-555555555555",
      };
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
    case "azure-native:network:VirtualNetwork":
      return { id: `${GROUP}/Microsoft.Network/virtualNetworks/${name}`, name };
    case "azure-native:network:PublicIPPrefix":
      return { ipPrefix: "203.0.113.0/31", name };
    default:
      return { ...(type.startsWith("azure-native:") && { name }), ...generatedOutputs(type) };
  }
}

/** AKS's answer to who asks for a kubeconfig: in base64, with more in it than the certificate. */
export const azureCall: NonNullable<DeployOptions["call"]> = () => {
  const text = "clusters: [{ cluster: { certificate-authority-data: Q0E=, server: https://x } }]";
  return { kubeconfigs: [{ name: "user", value: Buffer.from(text).toString("base64") }] };
};
