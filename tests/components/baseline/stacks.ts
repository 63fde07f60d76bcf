import { awsClusterRef, awsNetworkRef } from "../../../components/cluster/aws/refs";
import {
  type BareMetalClusterArgs,
  Distribution,
} from "../../../components/cluster/bare-metal/args";
import { BareMetalCluster } from "../../../components/cluster/bare-metal/bare-metal-cluster";
import type { BareMetalClusterRef } from "../../../components/cluster/bare-metal/cluster-ref";
import { AwsCluster } from "../../../components/cluster/aws/aws-cluster";
import { AzureCluster } from "../../../components/cluster/azure/azure-cluster";
import { GcpCluster } from "../../../components/cluster/gcp/gcp-cluster";
import { Karpenter } from "../../../components/karpenter/karpenter";
import { AwsKvmNodePool } from "../../../components/kvm-node-pool/aws";
import { AzureKvmNodePool } from "../../../components/kvm-node-pool/azure";
import { BareMetalKvmNodePool } from "../../../components/kvm-node-pool/bare-metal";
import { KvmAccess } from "../../../components/kvm-node-pool/catalogue/machine";
import { GcpKvmNodePool } from "../../../components/kvm-node-pool/gcp";
import { AwsNetwork } from "../../../components/network/aws";
import { AzureNetwork } from "../../../components/network/azure";
import { GcpNetwork } from "../../../components/network/gcp";
import { azureCall, azureOutputs, gcpOutputs } from "../../support/cloud-outputs";
import { deploy, type DeployOptions, reveal } from "../../support/deploy";
import { generatedOutputs } from "../../support/generated";
import { least } from "../../unit/components/cluster/aws/least";
import { awsLeast, azureLeast, gcpLeast } from "../../unit/components/kvm-node-pool/least";
import { awsOutputs } from "../cluster/aws/outputs";
import { haCluster, HOST_KEY, SUM } from "../../unit/components/cluster/bare-metal/hosts";
import { recordedHosts } from "./host-files";
import type { Recorded } from "./rules";

/** All that a program asks for. */
export async function recorded(...run: Parameters<typeof deploy>): Promise<Recorded[]> {
  const { resources } = await deploy(...run);
  return resources.map(({ type, name, inputs }) => ({ type, name, inputs: reveal(inputs) }));
}

/** Names in ARNs of the kinds that the cluster's own outputs leave out. */
const services: Record<string, string> = {
  "aws:cloudwatch/logGroup:LogGroup": "logs",
  "aws:ec2/vpc:Vpc": "ec2",
  "aws:iam/policy:Policy": "iam",
  "aws:sqs/queue:Queue": "sqs",
};

function withArns(type: string, name: string, inputs: any): Record<string, unknown> {
  const service = services[type];
  const arn = `arn:aws:${service ?? ""}:eu-central-1:123456789012:${name}`;
  return { ...(service !== undefined && { arn }), ...awsOutputs(type, name, inputs) };
}

/** The whole of a cloud with nothing but what has no default: network, cluster, pools, Karpenter. */
export function awsStack(): Promise<Recorded[]> {
  return recorded(
    () => {
      const made = new AwsNetwork("net", { zones: ["eu-central-1a", "eu-central-1b"] });
      const network = awsNetworkRef(made);
      const cluster = awsClusterRef(new AwsCluster("fabric", { ...least, network }));
      new AwsKvmNodePool("kvm", { ...awsLeast, cluster });
      new Karpenter("karpenter", {
        cluster,
        pools: [
          {
            name: "nested",
            kvm: KvmAccess.Nested,
            instanceFamilies: ["m8i"],
            image: "al2023@v20260801",
          },
        ],
      });
    },
    { outputsOf: withArns },
  );
}

export function gcpStack(): Promise<Recorded[]> {
  return recorded(
    () => {
      const network = new GcpNetwork("net", { region: "europe-west1" });
      new GcpCluster("fabric", { network });
      new GcpKvmNodePool("kvm", gcpLeast);
    },
    { outputsOf: gcpOutputs },
  );
}

export function azureStack(): Promise<Recorded[]> {
  return recorded(
    () => {
      const network = new AzureNetwork("net", {});
      new AzureCluster("fabric", {
        adminGroupObjectIds: ["11111111-1111-1111-1111-111111111111"],
        kubernetesVersion: "1.36.2",
        network,
      });
      new AzureKvmNodePool("kvm", azureLeast);
    },
    { outputsOf: azureOutputs, call: azureCall },
  );
}

const bareMetalOutputs = {
  outputsOf: (type: string, name: string) =>
    type === "command:remote:Command"
      ? { stdout: "a\nb\nc\n" }
      : type.startsWith("tls:") || type.startsWith("random:")
        ? { ...generatedOutputs(type), result: `${name}-value` }
        : {},
};

const bareMetalRef: BareMetalClusterRef = {
  access: haCluster().access,
  agentToken: "agent-token-value",
  apiAddress: "10.0.0.100",
  cni: "cilium",
  encryption: "none",
  kubernetesVersion: haCluster().release.version,
  serverAddress: "10.0.0.1",
  serverHostKey: HOST_KEY,
  serverPort: 22,
  serverUser: "root",
};

const sums = { amd64: SUM };
const kubeadmCluster = (): BareMetalClusterArgs =>
  haCluster({
    api: { address: "10.0.0.100" },
    distribution: Distribution.Kubeadm,
    network: { cniManifest: { url: "https://example.com/cni.yml", sha256: SUM } },
    release: { version: "v1.36.3", sha256: sums, kubectlSha256: sums, kubeletSha256: sums },
  });

/** What any cloud or machine computes, as far as components build on it. */
export const recordedOutputs: DeployOptions["outputsOf"] = (type, name, inputs) => ({
  ...gcpOutputs(type, name, inputs),
  ...azureOutputs(type, name, inputs),
  ...withArns(type, name, inputs),
  ...bareMetalOutputs.outputsOf(type, name),
});

/** Three servers, a worker and a KVM host of one's own, with k3s. */
export async function k3sStack(): Promise<Recorded[]> {
  const deployment = await deploy(() => {
    new BareMetalCluster("fabric", haCluster());
    new BareMetalKvmNodePool("metal", {
      ...{ access: haCluster().access, release: haCluster().release },
      cluster: bareMetalRef,
      hosts: [{ name: "kvm", address: "10.0.0.21", hostKey: HOST_KEY }],
    });
  }, bareMetalOutputs);
  return recordedHosts(deployment, "k3s");
}

/** The same cluster with kubeadm. */
export async function kubeadmStack(): Promise<Recorded[]> {
  const deployment = await deploy(() => {
    new BareMetalCluster("fabric", kubeadmCluster());
  }, bareMetalOutputs);
  return recordedHosts(deployment, "kubeadm");
}
