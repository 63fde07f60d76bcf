/** A network, a cluster with a pool of each kind, and what they need, on AWS. */
export const AWS_PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import * as autoscaling from "@pulumi/aws/autoscaling";
  import * as ec2 from "@pulumi/aws/ec2";
  import * as eks from "@pulumi/aws/eks";
  import * as iam from "@pulumi/aws/iam";
  const config = new pulumi.Config();
  const tags = { round: config.get("round") ?? "1" };
  const vpc = new ec2.Vpc("net", { cidrBlock: config.get("range") ?? "10.0.0.0/16", tags });
  const gateway = new ec2.InternetGateway("net", { vpcId: vpc.id });
  const subnets = ["a", "b"].map((zone, index) => new ec2.Subnet("net-" + zone, {
    vpcId: vpc.id, cidrBlock: "10.0." + index + ".0/24", availabilityZone: "eu-central-1" + zone,
  }));
  const eip = new ec2.Eip("net", { domain: "vpc" });
  new ec2.NatGateway("net", { subnetId: subnets[0]!.id, allocationId: eip.id }, { dependsOn: gateway });
  const trust = (service: string) => JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });
  const role = new iam.Role("cluster", { assumeRolePolicy: trust("eks.amazonaws.com") });
  const attached = new iam.RolePolicyAttachment("cluster", {
    role: role.name, policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
  });
  const cluster = new eks.Cluster("lab", {
    roleArn: role.arn, vpcConfig: { subnetIds: subnets.map(({ id }) => id) },
    accessConfig: { authenticationMode: "API" },
  }, { dependsOn: attached });
  const nodeRole = new iam.Role("node", { assumeRolePolicy: trust("ec2.amazonaws.com") });
  const nodeAttached = new iam.RolePolicyAttachment("node", {
    role: nodeRole.name, policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
  });
  new eks.NodeGroup("system", {
    clusterName: cluster.name, nodeRoleArn: nodeRole.arn, subnetIds: subnets.map(({ id }) => id),
    instanceTypes: ["m7i.large"], scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 2 },
  }, { dependsOn: nodeAttached });
  const userData = pulumi.all([cluster.name, cluster.endpoint, cluster.certificateAuthority]).apply(
    ([name, endpoint, authority]) => Buffer.from(JSON.stringify({
      apiVersion: "node.eks.aws/v1alpha1", kind: "NodeConfig",
      spec: {
        cluster: { name, apiServerEndpoint: endpoint, certificateAuthority: authority.data, cidr: "172.20.0.0/16" },
        kubelet: { flags: ["--node-labels=pool=kvm", "--register-with-taints=kvm=true:NoSchedule"] },
      },
    })).toString("base64"));
  const template = new ec2.LaunchTemplate("kvm", { instanceType: "m7i.metal-24xl", userData, tags });
  new autoscaling.Group("kvm", {
    minSize: 1, maxSize: 2, desiredCapacity: 1, vpcZoneIdentifiers: subnets.map(({ id }) => id),
    launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
  });
  export const endpoint = cluster.endpoint;
  export const group = cluster.vpcConfig.clusterSecurityGroupId;
  export const version = template.latestVersion;
  export const arn = cluster.arn;`;
