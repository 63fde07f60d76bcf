import { parseArn } from "./arn";

/** Trust policy for an AWS service, as in `ec2.amazonaws.com`. */
export function serviceTrust(service: string): string {
  return policy([{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }]);
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
  return policy([
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

/**
 * Policy of the key: its account administers it, CloudWatch Logs of its region uses it for one log group.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function keyPolicy(keyArn: string, logGroup: string): string {
  const { account, partition, region } = parseArn(keyArn);
  const suffix = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const logGroupArn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroup}`;
  return policy([
    {
      Sid: "AccountAdministers",
      Effect: "Allow",
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "LogsOfTheControlPlane",
      Effect: "Allow",
      Principal: { Service: `logs.${region}.${suffix}` },
      Action: [
        "kms:Decrypt",
        "kms:Describe*",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
      ],
      Resource: "*",
      Condition: { ArnEquals: { "kms:EncryptionContext:aws:logs:arn": logGroupArn } },
    },
  ]);
}

/**
 * What the cluster's role does with the key that encrypts Secrets.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
 */
export function encryptionPolicy(keyArn: string): string {
  const Action = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"];
  return policy([{ Effect: "Allow", Action, Resource: keyArn }]);
}

/** ARN of an AWS managed policy, in the partition of another ARN. */
export function managedPolicyArn(arn: string, name: string): string {
  return `arn:${parseArn(arn).partition}:iam::aws:policy/${name}`;
}

/** ARN of one of EKS's access policies, in the partition of another ARN. */
export function accessPolicyArn(arn: string, name: string): string {
  return `arn:${parseArn(arn).partition}:eks::aws:cluster-access-policy/${name}`;
}

function policy(statements: object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
