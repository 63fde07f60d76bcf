import { AwsAccessPolicy, type AwsClusterArgs } from "../../../../../components/cluster/aws/args";

/** A day on which every minor version of the tests has standard support. */
export const TODAY = new Date("2026-09-01T12:00:00Z");

/** The least that makes a cluster. */
export const least: AwsClusterArgs = {
  accessEntries: [
    {
      name: "deployer",
      principalArn: "arn:aws:iam::123456789012:role/deployer",
      policy: AwsAccessPolicy.ClusterAdmin,
    },
  ],
  addOns: {
    coreDns: "v1.14.3-eksbuild.16",
    ebsCsiDriver: "v1.63.1-eksbuild.1",
    kubeProxy: "v1.36.0-eksbuild.21",
    podIdentityAgent: "v1.3.10-eksbuild.3",
    vpcCni: "v1.22.4-eksbuild.3",
  },
  kubernetesVersion: "1.36",
  network: {
    privateSubnetIds: ["subnet-a", "subnet-b", "subnet-c"],
    publicSubnetIds: [],
    vpcCidr: "10.0.0.0/16",
    vpcId: "vpc-1",
  },
  systemPool: { releaseVersion: "1.36.2-20260812" },
};
