import * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import * as iam from "@pulumi/aws/iam";
import { Provider as Aws } from "@pulumi/aws/provider";
import * as container from "@pulumi/gcp/container";
import { Provider as Gcp } from "@pulumi/gcp/provider";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { renderKubeconfig, type ExecCredential } from "../../../../components/cluster/kubeconfig";

interface Fabric {
  deletionProtection?: boolean;
  clusters: string[];
  nodes: number;
}

const fabric = new pulumi.Config("kvm-fabric").requireObject<Fabric>("fabric");
const protect = fabric.deletionProtection ?? true;
const region = "eu-central-1";
const aws = { provider: new Aws("aws", { region }) };

function inside(
  name: string,
  endpoint: pulumi.Input<string>,
  certificateAuthorityData: pulumi.Input<string>,
  exec: ExecCredential,
  dependsOn: pulumi.Resource[],
): void {
  const kubeconfig = pulumi
    .all([endpoint, certificateAuthorityData])
    .apply(([url, authority]) =>
      renderKubeconfig({ name, endpoint: url, certificateAuthorityData: authority, exec }),
    );
  const provider = new Provider(name, { kubeconfig: pulumi.secret(kubeconfig) }, { dependsOn });
  new corev1.ConfigMap(name, { metadata: { name: `of-${name}` } }, { provider });
}

const trust = (service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });
const vpc = new ec2.Vpc("net", { cidrBlock: "10.0.0.0/16" }, aws);
const subnetIds = ["a", "b"].map((zone, index) => {
  const cidrBlock = `10.0.${String(index)}.0/24`;
  const args = { vpcId: vpc.id, cidrBlock, availabilityZone: `${region}${zone}` };
  return new ec2.Subnet(zone, args, aws).id;
});
const role = new iam.Role("cluster", { assumeRolePolicy: trust("eks.amazonaws.com") }, aws);
const mayRun = new iam.RolePolicyAttachment(
  "cluster",
  { role: role.name, policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy" },
  aws,
);
const nodeRole = new iam.Role("node", { assumeRolePolicy: trust("ec2.amazonaws.com") }, aws);
const mayJoin = new iam.RolePolicyAttachment(
  "node",
  { role: nodeRole.name, policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy" },
  aws,
);

for (const name of fabric.clusters) {
  const cluster = new eks.Cluster(
    name,
    {
      name,
      roleArn: role.arn,
      vpcConfig: { subnetIds },
      accessConfig: { authenticationMode: "API" },
      deletionProtection: protect,
    },
    { ...aws, dependsOn: mayRun, protect },
  );
  const system = new eks.NodeGroup(
    name,
    {
      clusterName: cluster.name,
      nodeRoleArn: nodeRole.arn,
      subnetIds,
      instanceTypes: ["m7i.large"],
      scalingConfig: { minSize: 0, maxSize: 5, desiredSize: fabric.nodes },
    },
    { ...aws, dependsOn: mayJoin },
  );
  const args = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"];
  const exec = { command: "aws", args, installHint: "install the AWS CLI" };
  const authority = cluster.certificateAuthority.data;
  inside(name, cluster.endpoint, authority, exec, [system]);
}

const gke = new container.Cluster(
  "gke",
  { name: "gke", location: "europe-west1", initialNodeCount: 1, deletionProtection: protect },
  { provider: new Gcp("gcp", { project: "lab-project" }), protect },
);
const exec = { command: "gke-gcloud-auth-plugin", args: [], installHint: "install it" };
const url = pulumi.interpolate`https://${gke.endpoint}`;
inside("gke", url, gke.masterAuth.clusterCaCertificate, exec, []);
