const ACCOUNT = "123456789012";
const REGION = "eu-central-1";

/** What AWS computes for the kinds that a cluster is made of. */
export function awsOutputs(type: string, name: string, inputs: any): Record<string, any> {
  switch (type) {
    case "aws:iam/role:Role":
      return { arn: `arn:aws:iam::${ACCOUNT}:role/${inputs.name}` };
    case "aws:iam/openIdConnectProvider:OpenIdConnectProvider":
      return { arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.example/id` };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}` };
    case "aws:kms/key:Key":
      return { arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}`, keyId: name };
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return { latestVersion: 7 };
    case "aws:eks/cluster:Cluster":
      return {
        arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${inputs.name}`,
        certificateAuthority: { data: "Q0E=" },
        endpoint: "https://api.example",
        identities: [{ oidcs: [{ issuer: "https://oidc.example/id" }] }],
        vpcConfig: { ...inputs.vpcConfig, clusterSecurityGroupId: "sg-cluster" },
      };
    default:
      return {};
  }
}
