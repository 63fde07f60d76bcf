import { policyDocument } from "../../shared/iam-statement";
import { parseArn } from "./arn";
import { logsKeyPolicy } from "./logs-key";

/** Trust policy for an AWS service, as in `ec2.amazonaws.com`. */
export function serviceTrust(service: string): string {
  return policyDocument([
    { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" },
  ]);
}

/**
 * Trust policy for the pods of one service account in one cluster, through EKS Pod Identity. The tags are those that
 * EKS puts on each session.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export function podIdentityTrust(
  cluster: string,
  namespace: string,
  serviceAccount: string,
): string {
  return policyDocument([
    {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: {
        StringEquals: {
          "aws:RequestTag/eks-cluster-name": cluster,
          "aws:RequestTag/kubernetes-namespace": namespace,
          "aws:RequestTag/kubernetes-service-account": serviceAccount,
        },
      },
    },
  ]);
}

/** Policy of the key of Secrets and of the control plane's logs. */
export function keyPolicy(keyArn: string, logGroup: string): string {
  return logsKeyPolicy(keyArn, { sid: "LogsOfTheControlPlane", groups: logGroup });
}

/**
 * What the cluster's role does with the key that encrypts Secrets.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
 */
export function encryptionPolicy(keyArn: string): string {
  const Action = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"];
  return policyDocument([{ Effect: "Allow", Action, Resource: keyArn }]);
}

/** ARN of an AWS managed policy, in the partition of another ARN. */
export function managedPolicyArn(arn: string, name: string): string {
  return `arn:${parseArn(arn).partition}:iam::aws:policy/${name}`;
}

/** ARN of one of EKS's access policies, in the partition of another ARN. */
export function accessPolicyArn(arn: string, name: string): string {
  return `arn:${parseArn(arn).partition}:eks::aws:cluster-access-policy/${name}`;
}
