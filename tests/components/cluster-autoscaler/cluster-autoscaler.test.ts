import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { AwsClusterAutoscaler } from "../../../components/cluster-autoscaler/aws";
import { ClusterAutoscaler } from "../../../components/cluster-autoscaler/cluster-autoscaler";
import { deploy, find, tree, UNKNOWN } from "../../support/deploy";
import { cluster, computed } from "../karpenter/cluster";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const later = (name: string, value: string) =>
  new ConfigMap(name, { metadata: { name: value } }).metadata.name;

test("on EKS it makes exactly its resources, the identity before the chart", async () => {
  const deployment = await deploy(() => new AwsClusterAutoscaler("scaler", { cluster }), {
    outputsOf: computed,
  });
  expect(tree(deployment)).toEqual([
    "aws:eks/podIdentityAssociation:PodIdentityAssociation scaler < scaler",
    "aws:iam/policy:Policy scaler < scaler",
    "aws:iam/role:Role scaler < scaler",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment scaler < scaler",
    "kubernetes:helm.sh/v3:Release scaler-chart < scaler",
    "kvm-fabric:index:AwsClusterAutoscaler scaler < stack",
  ]);
  const chart = find(deployment, RELEASE, "scaler-chart");
  expect(chart.dependsOn).toEqual(["scaler", "scaler", "scaler", "scaler"]);
  expect(deployment.outputs.get("scaler")).toEqual({
    roleArn: "arn:aws:iam::123456789012:role/fabric-eu-central-1-autoscaler",
  });
});

test("on EKS it changes only groups that carry the cluster's tag", async () => {
  const deployment = await deploy(() => new AwsClusterAutoscaler("scaler", { cluster }), {
    outputsOf: computed,
  });
  const policy = JSON.parse(find(deployment, "aws:iam/policy:Policy", "scaler").inputs.policy);
  expect(policy.Statement[0].Action).toEqual([
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
    "eks:DescribeNodegroup",
  ]);
  expect(policy.Statement[1]).toEqual({
    Sid: "AllowScaling",
    Effect: "Allow",
    Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
    Resource: "*",
    Condition: { StringEquals: { "aws:ResourceTag/k8s.io/cluster-autoscaler/fabric": "owned" } },
  });
  expect(policy.Statement).toHaveLength(2);
});

test("on EKS the chart is told the cluster, the region and the startup taint", async () => {
  const deployment = await deploy(
    () => new AwsClusterAutoscaler("scaler", { cluster, domain: "aetherium.io" }),
    { outputsOf: computed },
  );
  const { inputs } = find(deployment, RELEASE, "scaler-chart");
  expect(inputs).toMatchObject({
    chart: "cluster-autoscaler",
    repositoryOpts: { repo: "https://kubernetes.github.io/autoscaler" },
    version: "9.59.0",
    namespace: "kube-system",
    atomic: true,
    timeout: 300,
  });
  expect(inputs.values).toMatchObject({
    cloudProvider: "aws",
    awsRegion: "eu-central-1",
    autoDiscovery: { clusterName: "fabric" },
    replicaCount: 2,
    rbac: { serviceAccount: { create: true, name: "cluster-autoscaler" } },
    extraArgs: { "startup-taint": "aetherium.io/not-ready", "max-node-provision-time": "30m" },
  });
  const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
  expect(find(deployment, association, "scaler").inputs).toMatchObject({
    namespace: inputs.namespace,
    serviceAccount: inputs.values.rbac.serviceAccount.name,
  });
});

test("for machines of one's own it talks to their service with TLS both ways", async () => {
  const program = () =>
    new ClusterAutoscaler("scaler", {
      address: "machines.example.com:8086",
      tlsSecretName: later("secret", "machines-client"),
    });
  const deployment = await deploy(program);
  expect(tree(deployment)).toEqual([
    "kubernetes:core/v1:ConfigMap scaler < scaler",
    "kubernetes:core/v1:ConfigMap secret < stack",
    "kubernetes:helm.sh/v3:Release scaler-chart < scaler",
    "kvm-fabric:index:ClusterAutoscaler scaler < stack",
  ]);
  const config = find(deployment, "kubernetes:core/v1:ConfigMap", "scaler").inputs;
  const { values } = find(deployment, RELEASE, "scaler-chart").inputs;
  const [configFile] = Object.keys(config.data);
  const mounts = Object.fromEntries(
    values.extraVolumeMounts.map(({ name, mountPath }: any) => [name, mountPath]),
  );
  expect(values.cloudProvider).toBe("externalgrpc");
  expect(values.extraArgs["cloud-config"]).toBe(`${mounts.config}/${configFile}`);
  expect(JSON.parse(config.data[configFile!])).toEqual({
    address: "machines.example.com:8086",
    cacert: `${mounts.tls}/ca.crt`,
    cert: `${mounts.tls}/tls.crt`,
    key: `${mounts.tls}/tls.key`,
  });
  expect(values.extraVolumes).toEqual([
    { name: "config", configMap: { name: config.metadata.name } },
    { name: "tls", secret: { secretName: "machines-client", defaultMode: 0o440 } },
  ]);
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(deployment));
});

test("makes the same tree on EKS where nothing is known yet", async () => {
  const program = () => {
    const arn = later("arn", "arn:aws:eks:eu-central-1:123456789012:cluster/fabric");
    new AwsClusterAutoscaler("scaler", {
      cluster: { ...cluster, arn, name: later("name", "fabric") },
    });
  };
  const known = await deploy(program, { outputsOf: computed });
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(find(unknown, RELEASE, "scaler-chart").inputs.values.awsRegion).toBe(UNKNOWN);
});
