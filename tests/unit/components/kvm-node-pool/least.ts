import type { AwsKvmNodePoolArgs } from "../../../../components/kvm-node-pool/aws-args";
import type { AzureKvmNodePoolArgs } from "../../../../components/kvm-node-pool/azure-args";
import type { GcpKvmNodePoolArgs } from "../../../../components/kvm-node-pool/gcp-args";
import type { AssetSet } from "../../../../components/node-provisioner/asset-set";

/** An asset set that has files for machines of one architecture. */
export const assets = {
  amd64: {
    kernel: { url: "https://assets.example.com/vmlinux", sha256: "ab".repeat(32) },
    gate: { command: ["qemu", "-kernel", "@kernel@"] },
  },
} satisfies AssetSet;

/** The least arguments of each cloud's pool. */
export const awsLeast = {
  cluster: {
    arn: "arn:aws:eks:eu-central-1:123456789012:cluster/fabric",
    certificateAuthorityData: "Q0E=",
    clusterSecurityGroupId: "sg-cluster",
    endpoint: "https://fabric.eks.example",
    kubernetesVersion: "1.36",
    name: "fabric",
    serviceCidr: "172.20.0.0/16",
  },
  imageId: "ami-0123456789abcdef0",
  instanceTypes: ["m8i.2xlarge"],
  subnetIds: ["subnet-a", "subnet-b"],
} satisfies AwsKvmNodePoolArgs;

export const gcpLeast = {
  cluster: {
    certificateAuthorityData: "Q0E=",
    endpoint: "https://203.0.113.1",
    kubernetesVersion: "1.36.3-gke.1640000",
    location: "europe-west1",
    name: "fabric",
    project: "fabric-project",
  },
  machineType: "n2-standard-8",
  threadsPerCore: 2,
  version: "1.36.3-gke.1640000",
  zones: ["europe-west1-b", "europe-west1-c"],
} satisfies GcpKvmNodePoolArgs;

export const azureLeast = {
  cluster: {
    certificateAuthorityData: "Q0E=",
    endpoint: "https://fabric.azmk8s.io:443",
    kubernetesVersion: "1.36.2",
    name: "fabric",
    resourceGroupName: "fabric-group",
  },
  subnetId: "/subscriptions/s/subnets/nodes",
  vmSize: "Standard_D8s_v5",
  zones: ["1", "2", "3"],
} satisfies AzureKvmNodePoolArgs;
