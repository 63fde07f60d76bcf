import { bottlerocketSettings } from "../host-profile/bottlerocket";
import { bootScript } from "../host-profile/boot-script";
import { mimeUserData, userDataFaults } from "../host-profile/user-data";
import type { Fault } from "../shared/faults";
import type { AwsPoolPlan } from "./aws-plan";
import { AwsImageFamily } from "./aws-args";

/** What a node is told of its cluster. */
export interface ClusterFacts {
  certificateAuthorityData: string;
  endpoint: string;
  name: string;
  serviceCidr: string;
}

/** The user data of a pool's nodes: plain text, the same for the same input; EC2 takes it in base64. */
export function nodeUserData(plan: AwsPoolPlan, cluster: ClusterFacts): string {
  switch (plan.imageFamily) {
    case AwsImageFamily.AmazonLinux2023:
      return mimeUserData([
        { contentType: "application/node.eks.aws", body: nodeConfig(plan, cluster) },
        { contentType: "text/x-shellscript", body: bootScript(plan.hostProfile) },
      ]);
    case AwsImageFamily.Bottlerocket:
      return bottlerocketUserData(plan, cluster);
    case AwsImageFamily.AmazonLinux2:
      throw new Error("refused by the planner");
    default:
      return plan.imageFamily satisfies never;
  }
}

/** As long as EKS makes them; what they are is mostly known only once the cluster is there. */
const LONGEST_FACTS: ClusterFacts = {
  certificateAuthorityData: "x".repeat(1600),
  endpoint: "x".repeat(100),
  name: "x".repeat(100),
  serviceCidr: "x".repeat(43),
};

/** Refuses a pool whose nodes would be told more than EC2 lets them be told. */
export function nodeUserDataFaults(plan: AwsPoolPlan): Fault[] {
  const script = () => bootScript(plan.hostProfile);
  const path = plan.hostProfile.assets === undefined ? "hostProfile" : "hostProfile.assets";
  return userDataFaults(path, nodeUserData(plan, LONGEST_FACTS), 0, script);
}

/**
 * What nodeadm sets up a node by: JSON, which is YAML too. Nodeadm reads it before cloud-init runs the scripts, and
 * starts the kubelet after them: the host is ready before the node joins.
 * Source: https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/
 */
export function nodeConfig({ labels, taints }: AwsPoolPlan, cluster: ClusterFacts): string {
  const nodeLabels = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const nodeTaints = taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`);
  const config = {
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      cluster: {
        name: cluster.name,
        apiServerEndpoint: cluster.endpoint,
        certificateAuthority: cluster.certificateAuthorityData,
        cidr: cluster.serviceCidr,
      },
      kubelet: {
        flags: [
          `--node-labels=${nodeLabels.join(",")}`,
          `--register-with-taints=${nodeTaints.join(",")}`,
        ],
      },
    },
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/**
 * What Bottlerocket sets up a node by.
 * Source: https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/
 */
function bottlerocketUserData(plan: AwsPoolPlan, cluster: ClusterFacts): string {
  const taints = new Map<string, string[]>();
  for (const { key, value, effect } of plan.taints) {
    taints.set(key, [...(taints.get(key) ?? []), `${value}:${effect}`]);
  }
  return [
    "[settings.kubernetes]",
    `api-server = ${quoted(cluster.endpoint)}`,
    `cluster-certificate = ${quoted(cluster.certificateAuthorityData)}`,
    `cluster-dns-ip = ${quoted(dnsAddress(cluster.serviceCidr))}`,
    `cluster-name = ${quoted(cluster.name)}`,
    "",
    "[settings.kubernetes.node-labels]",
    ...Object.entries(plan.labels).map(([key, value]) => `${quoted(key)} = ${quoted(value)}`),
    "",
    "[settings.kubernetes.node-taints]",
    ...[...taints].map(([key, values]) => `${quoted(key)} = [${values.map(quoted).join(", ")}]`),
    "",
    bottlerocketSettings(plan.hostProfile),
  ].join("\n");
}

/** The tenth address of the Services' range: where EKS puts the cluster's DNS. */
export function dnsAddress(serviceCidr: string): string {
  if (serviceCidr.includes(":")) return serviceCidr.replace(/::?\/\d+$/, "::a");
  const octets = (serviceCidr.split("/")[0] ?? "").split(".");
  return [...octets.slice(0, 3), "10"].join(".");
}

/** A text as TOML quotes it, which for what labels and URLs hold is JSON's way. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
