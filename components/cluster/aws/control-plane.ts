import * as ec2 from "@pulumi/aws/ec2";
import * as eks from "@pulumi/aws/eks";
import * as iam from "@pulumi/aws/iam";
import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";
import { oneMinorUpgrade } from "../upgrade-hook";
import { type ClusterKey, createKey, createLogGroup } from "./keys";
import type { AwsClusterPlan } from "./plan";
import { encryptionPolicy, serviceTrust } from "./policies";
import { createRole } from "./roles";

/** Every kind of log that a control plane writes: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html */
const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/** A control plane with what lets others reach it. */
export interface ControlPlane {
  cluster: eks.Cluster;
  /** Id of the security group that EKS made: of the control plane's interfaces and of every node. */
  securityGroupId: pulumi.Output<string>;
  /** Rules that let others than nodes reach the private endpoint, and the tag that Karpenter finds the group by. */
  reach: pulumi.Resource[];
}

/** Creates key, log group, role and cluster, and opens the cluster to those who may reach it. */
export function createControlPlane(parent: pulumi.Resource, plan: AwsClusterPlan): ControlPlane {
  const key = createKey(parent, plan);
  const logGroup = createLogGroup(parent, plan, key);
  const { before, roleArn } = createClusterRole(parent, plan, key);
  const cluster = createCluster(parent, plan, { keyArn: key.arn, roleArn }, [logGroup, ...before]);
  const securityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
  return { cluster, securityGroupId, reach: createReach(parent, plan, securityGroupId) };
}

/** Creates the provider that lets IAM trust the cluster's service accounts, where it was asked for. */
export function createOidcProvider(
  parent: pulumi.Resource,
  { irsa, name, names, tags }: AwsClusterPlan,
  issuer: pulumi.Output<string>,
): iam.OpenIdConnectProvider[] {
  if (!irsa) return [];
  return [
    new iam.OpenIdConnectProvider(
      `${name}-oidc`,
      {
        url: issuer,
        clientIdLists: ["sts.amazonaws.com"],
        tags: { ...tags, Name: names.cluster },
      },
      { parent },
    ),
  ];
}

function createClusterRole(parent: pulumi.Resource, plan: AwsClusterPlan, key: ClusterKey) {
  const { name, names, tags } = plan;
  const { policies, role } = createRole(parent, {
    name: `${name}-cluster`,
    roleName: names.role("cluster"),
    trust: serviceTrust("eks.amazonaws.com"),
    managedPolicies: ["AmazonEKSClusterPolicy"],
    tags,
  });
  const encryption = new iam.RolePolicy(
    `${name}-cluster-encryption`,
    { name: "encryption", role: role.name, policy: key.arn.apply(encryptionPolicy) },
    { parent },
  );
  return { roleArn: role.arn, before: [...policies, encryption] };
}

function createCluster(
  parent: pulumi.Resource,
  plan: AwsClusterPlan,
  { keyArn, roleArn }: { keyArn: pulumi.Output<string>; roleArn: pulumi.Output<string> },
  dependsOn: pulumi.Resource[],
): eks.Cluster {
  const { deletionProtection, name, names } = plan;
  const version = { input: "version", output: "version" };
  return new eks.Cluster(
    name,
    {
      name: names.cluster,
      version: plan.kubernetesVersion,
      roleArn,
      accessConfig: {
        authenticationMode: "API",
        bootstrapClusterCreatorAdminPermissions: false,
      },
      bootstrapSelfManagedAddons: false,
      deletionProtection,
      enabledClusterLogTypes: LOG_TYPES,
      encryptionConfig: { provider: { keyArn }, resources: ["secrets"] },
      kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: plan.serviceCidr },
      upgradePolicy: { supportType: plan.supportType },
      vpcConfig: endpoints(plan),
      zonalShiftConfig: { enabled: plan.zonalShift },
      tags: { ...plan.tags, Name: names.cluster },
    },
    {
      parent,
      dependsOn,
      protect: deletionProtection,
      hooks: { beforeUpdate: oneMinorUpgrade("AwsCluster", name, version) },
    },
  );
}

/** The private endpoint always, so that no node ever needs the public one. */
function endpoints({ network, publicAccessCidrs }: AwsClusterPlan) {
  const endpointPublicAccess = publicAccessCidrs.length > 0;
  return {
    subnetIds: network.controlPlaneSubnetIds ?? network.privateSubnetIds,
    endpointPrivateAccess: true,
    endpointPublicAccess,
    ...(endpointPublicAccess && { publicAccessCidrs }),
  };
}

/** EKS's own group already lets nodes and control plane talk; Karpenter must find this one group and no other. */
function createReach(
  parent: pulumi.Resource,
  { name, names, privateAccessCidrs, tags }: AwsClusterPlan,
  securityGroupId: pulumi.Output<string>,
): pulumi.Resource[] {
  const discovery = new ec2.Tag(
    `${name}-discovery`,
    { resourceId: securityGroupId, key: "karpenter.sh/discovery", value: names.cluster },
    { parent },
  );
  const rules = privateAccessCidrs.map(
    (cidrIpv4) =>
      new vpc.SecurityGroupIngressRule(
        `${name}-api-from-${cidrIpv4.replace(/[./]/g, "-")}`,
        {
          securityGroupId,
          cidrIpv4,
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
          description: "API server",
          tags: { ...tags, Name: `${names.cluster}-api` },
        },
        { parent },
      ),
  );
  return [discovery, ...rules];
}
