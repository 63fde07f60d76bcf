import type { AwsTraceUploaderArgs } from "../../../../components/trace-uploader/aws/args";
import type { AzureTraceUploaderArgs } from "../../../../components/trace-uploader/azure/args";
import type { Bundle } from "../../../../components/trace-uploader/bundle";
import type { GcpTraceUploaderArgs } from "../../../../components/trace-uploader/gcp/args";
import type { TraceUploaderArgs } from "../../../../components/trace-uploader/kubernetes/args";

/** A program in place of the real one, which changes with every line of the function. */
export const BUNDLE: Bundle = {
  file: "/package/trace-uploader.js",
  sha256: "0123456789abcdef".repeat(4),
  text: "// the uploader\n",
};

export const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n";
export const KEY = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";

export const queen = {
  caCertificate: CERTIFICATE,
  clientCertificate: CERTIFICATE,
  clientKey: KEY,
  host: "queen.fabric.example",
  serverName: "queen",
};

export const awsLeast: AwsTraceUploaderArgs = {
  network: {
    privateSubnetIds: ["subnet-1", "subnet-2"],
    publicSubnetIds: [],
    vpcCidr: "10.0.0.0/16",
    vpcId: "vpc-1",
  },
  queen,
  storePrefixListId: "pl-6ea54007",
};

export const gcpLeast: GcpTraceUploaderArgs = {
  network: {
    networkId: "projects/p/global/networks/fabric",
    podRangeName: "pods",
    region: "europe-west1",
    serviceRangeName: "services",
    subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
  },
  queen,
  queenCidrs: ["10.0.0.0/20"],
};

const group = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/fabric";

export const azureLeast: AzureTraceUploaderArgs = {
  network: {
    location: "westeurope",
    nodeSubnetId: `${group}/providers/Microsoft.Network/virtualNetworks/fabric/subnets/nodes`,
    resourceGroupName: "fabric",
    vnetCidr: "10.0.0.0/16",
    vnetId: `${group}/providers/Microsoft.Network/virtualNetworks/fabric`,
  },
  queen,
  queenCidrs: ["10.0.0.0/20"],
  subnetCidr: "10.0.250.0/27",
};

export const IMAGE = `docker.io/library/node:22.22.0@sha256:${"a".repeat(64)}`;

export const kubernetesLeast: TraceUploaderArgs = {
  image: IMAGE,
  namespace: "services",
  queen: {
    caCertificate: CERTIFICATE,
    clientSecretName: "queen-uploader",
    host: "queen-uploads.agents.svc",
    namespace: "agents",
    podLabels: { "app.kubernetes.io/name": "queen" },
    port: 564,
    serverName: "queen",
    targetPort: 5641,
  },
  store: { bucket: "traces" },
};
