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

/** A network and a GKE cluster with a pool. */
export const GCP_PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import * as compute from "@pulumi/gcp/compute";
  import * as container from "@pulumi/gcp/container";
  import * as serviceaccount from "@pulumi/gcp/serviceaccount";
  const machineType = new pulumi.Config().get("machine") ?? "n2-standard-8";
  const network = new compute.Network("net", { autoCreateSubnetworks: false });
  const subnet = new compute.Subnetwork("net", {
    network: network.id, ipCidrRange: "10.0.0.0/20", region: "europe-west1",
    secondaryIpRanges: [{ rangeName: "pods", ipCidrRange: "10.4.0.0/14" }],
  });
  const router = new compute.Router("net", { network: network.id, region: "europe-west1" });
  new compute.RouterNat("net", {
    router: router.name, region: "europe-west1", natIpAllocateOption: "AUTO_ONLY",
    sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
  });
  const account = new serviceaccount.Account("nodes", { accountId: "lab-nodes" });
  const cluster = new container.Cluster("lab", {
    location: "europe-west1", network: network.id, subnetwork: subnet.id, initialNodeCount: 1,
    removeDefaultNodePool: true, deletionProtection: false,
  });
  new container.NodePool("kvm", {
    cluster: cluster.id, nodeCount: 1,
    nodeConfig: {
      machineType, serviceAccount: account.email, labels: { pool: "kvm" },
      taints: [{ key: "kvm", value: "true", effect: "NO_SCHEDULE" }],
      advancedMachineFeatures: { threadsPerCore: 2, enableNestedVirtualization: true },
    },
  });
  export const endpoint = cluster.endpoint;
  export const authority = cluster.masterAuth.clusterCaCertificate;
  export const version = cluster.masterVersion;`;

/** A network and an AKS cluster with a pool beside it. */
export const AZURE_PROGRAM = `
  import * as containerservice from "@pulumi/azure-native/containerservice";
  import * as network from "@pulumi/azure-native/network";
  import * as resources from "@pulumi/azure-native/resources";
  const group = new resources.ResourceGroup("lab");
  const net = new network.VirtualNetwork("net", {
    resourceGroupName: group.name, addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
  });
  const subnet = new network.Subnet("nodes", {
    resourceGroupName: group.name, virtualNetworkName: net.name, addressPrefix: "10.0.0.0/20",
  });
  const cluster = new containerservice.ManagedCluster("lab", {
    resourceGroupName: group.name, dnsPrefix: "lab", identity: { type: "SystemAssigned" },
    agentPoolProfiles: [{ name: "system", mode: "System", count: 2, vmSize: "Standard_D4s_v5", vnetSubnetID: subnet.id }],
  });
  new containerservice.AgentPool("kvm", {
    resourceGroupName: group.name, resourceName: cluster.name, agentPoolName: "kvm", count: 3, mode: "User",
    vmSize: "Standard_D8s_v5", vnetSubnetID: subnet.id, nodeLabels: { pool: "kvm" }, nodeTaints: ["kvm=true:NoSchedule"],
  });
  const credentials = containerservice.listManagedClusterUserCredentialsOutput({
    resourceGroupName: group.name, resourceName: cluster.name,
  });
  export const kubeconfig = credentials.apply(({ kubeconfigs }) =>
    Buffer.from(kubeconfigs[0]!.value, "base64").toString());
  export const id = cluster.id;`;
