import {
  accessPolicyArn,
  encryptionPolicy,
  keyPolicy,
  managedPolicyArn,
  podIdentityTrust,
  serviceTrust,
} from "../../../../../components/cluster/aws/policies";

const key = "arn:aws:kms:eu-central-1:123456789012:key/k";
const only = (text: string) => {
  const { Statement, Version } = JSON.parse(text);
  expect(Version).toBe("2012-10-17");
  expect(Statement).toHaveLength(1);
  return Statement[0];
};

test("a service's trust", () => {
  expect(only(serviceTrust("eks.amazonaws.com"))).toEqual({
    Effect: "Allow",
    Principal: { Service: "eks.amazonaws.com" },
    Action: "sts:AssumeRole",
  });
});

test("pods of one service account in one cluster alone, and no other", () => {
  expect(only(podIdentityTrust("fabric", "kube-system", "aws-node"))).toEqual({
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: {
      StringEquals: {
        "aws:RequestTag/eks-cluster-name": "fabric",
        "aws:RequestTag/kubernetes-namespace": "kube-system",
        "aws:RequestTag/kubernetes-service-account": "aws-node",
      },
    },
  });
});

test("the key's policy: its account, and the logs of one group", () => {
  expect(JSON.parse(keyPolicy(key, "/aws/eks/fabric/cluster")).Statement).toEqual([
    {
      Sid: "AccountAdministers",
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "LogsOfTheControlPlane",
      Effect: "Allow",
      Principal: { Service: "logs.eu-central-1.amazonaws.com" },
      Action: [
        "kms:Decrypt",
        "kms:Describe*",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
      ],
      Resource: "*",
      Condition: {
        ArnEquals: {
          "kms:EncryptionContext:aws:logs:arn":
            "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/eks/fabric/cluster",
        },
      },
    },
  ]);
});

test("the cluster's role uses the key, and does not administer it", () => {
  expect(only(encryptionPolicy(key))).toEqual({
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
    Resource: key,
  });
});

test("every ARN stays in the partition it came from", () => {
  const china = "arn:aws-cn:kms:cn-north-1:123456789012:key/k";
  const [root, logs] = JSON.parse(keyPolicy(china, "g")).Statement;
  expect(root.Principal.AWS).toBe("arn:aws-cn:iam::123456789012:root");
  expect(logs.Principal.Service).toBe("logs.cn-north-1.amazonaws.com.cn");
  const role = "arn:aws-us-gov:iam::123456789012:role/r";
  expect(managedPolicyArn(role, "service-role/P")).toBe(
    "arn:aws-us-gov:iam::aws:policy/service-role/P",
  );
  expect(accessPolicyArn(role, "P")).toBe("arn:aws-us-gov:eks::aws:cluster-access-policy/P");
});
