import type { AwsClusterRef } from "../../../components/cluster/cluster-ref";

/** The reference to a cluster, as a program outside has it. */
export const cluster: AwsClusterRef = {
  arn: "arn:aws:eks:eu-central-1:123456789012:cluster/fabric",
  certificateAuthorityData: "Q0E=",
  clusterSecurityGroupId: "sg-0123456789abcdef0",
  endpoint: "https://ABCDEF.gr7.eu-central-1.eks.amazonaws.com",
  kubernetesVersion: "1.36",
  name: "fabric",
  serviceCidr: "172.20.0.0/16",
};

/** What the cloud fills in. */
export function computed(type: string, _: string, inputs: any): Record<string, unknown> {
  const account = "123456789012";
  const arns: Record<string, string> = {
    "aws:iam/role:Role": `arn:aws:iam::${account}:role/${inputs.name}`,
    "aws:iam/policy:Policy": `arn:aws:iam::${account}:policy/${inputs.name}`,
    "aws:sqs/queue:Queue": `arn:aws:sqs:eu-central-1:${account}:${inputs.name}`,
  };
  const arn = arns[type];
  return {
    ...(arn !== undefined && { arn }),
    ...(type === "aws:sqs/queue:Queue" && { url: `https://sqs.example/${inputs.name}` }),
  };
}
