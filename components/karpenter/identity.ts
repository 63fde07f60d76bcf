import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { InstanceProfile } from "@pulumi/aws/iam/instanceProfile";
import { Policy } from "@pulumi/aws/iam/policy";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterArn } from "../cluster/aws/arn";
import type { AwsClusterRef } from "../cluster/cluster-ref";
import { accountWideName, clusterArn } from "./account-names";
import { KARPENTER_RELEASE } from "./chart";
import { policyDocument } from "../shared/iam-statement";
import { CONTROLLER_POLICIES, controllerStatements } from "./iam";
import { NODE_POLICIES, nodeTrust, podIdentityTrust } from "./interruption";
import type { KarpenterPlan } from "./plan";

/** IAM's own limits on names. */
const LONGEST_ROLE_NAME = 64;
const LONGEST_POLICY_NAME = 128;

/** What a node is, for AWS and for the cluster. */
export interface NodeIdentity {
  role: Role;
  /** Only where Karpenter cannot make its own. */
  instanceProfile: InstanceProfile | undefined;
  /** What must outlive the last node. */
  resources: pulumi.Resource[];
}

/** Creates the nodes' role with its policies, and lets nodes that have it join the cluster. */
export function createNodeIdentity(
  parent: pulumi.Resource,
  name: string,
  plan: KarpenterPlan,
  cluster: AwsClusterRef,
): NodeIdentity {
  const arn = clusterArn(cluster);
  const role = new Role(
    `${name}-node`,
    {
      name: accountWideName(arn, "karpenter-node", LONGEST_ROLE_NAME),
      description: "The nodes that Karpenter starts",
      assumeRolePolicy: arn.apply(nodeTrust),
      tags: plan.tags,
    },
    { parent },
  );
  const attach = (suffix: string, policyArn: pulumi.Input<string>) =>
    new RolePolicyAttachment(`${name}-node-${suffix}`, { role: role.name, policyArn }, { parent });
  const attachments = [
    ...Object.entries(NODE_POLICIES).map(([suffix, policy]) =>
      attach(suffix, pulumi.interpolate`arn:${arn.partition}:iam::aws:policy/${policy}`),
    ),
    ...plan.nodePolicyArns.map((policyArn, index) => attach(`own-${String(index)}`, policyArn)),
  ];
  const entry = new AccessEntry(
    `${name}-node`,
    { clusterName: cluster.name, principalArn: role.arn, type: "EC2_LINUX", tags: plan.tags },
    { parent },
  );
  const instanceProfile = createInstanceProfile(parent, name, plan, role, arn);
  const resources = [role, ...attachments, entry, ...(instanceProfile ? [instanceProfile] : [])];
  return { role, instanceProfile, resources };
}

/** IAM has no endpoint in a network: where there is no other way to it, Karpenter cannot make profiles itself. */
function createInstanceProfile(
  parent: pulumi.Resource,
  name: string,
  plan: KarpenterPlan,
  role: Role,
  arn: pulumi.Output<ClusterArn>,
): InstanceProfile | undefined {
  if (!plan.isolatedVpc) return undefined;
  return new InstanceProfile(
    `${name}-node`,
    {
      name: accountWideName(arn, "karpenter-node", LONGEST_POLICY_NAME),
      role: role.name,
      tags: plan.tags,
    },
    { parent },
  );
}

/** What the controller's permissions name. */
interface Permitted {
  cluster: AwsClusterRef;
  nodeRoleArn: pulumi.Output<string>;
  queueArn: pulumi.Output<string>;
}

/**
 * Creates the controller's role, its six policies and the association that gives the role to its pods. Pods get
 * credentials only if the association was there for about ten seconds when they were admitted, and no restart of
 * a container mends that: the policies, which wait for the queue, come after it, and the charts last.
 */
export function createControllerIdentity(
  parent: pulumi.Resource,
  name: string,
  plan: KarpenterPlan,
  { cluster, nodeRoleArn, queueArn }: Permitted,
): pulumi.Resource[] {
  const arn = clusterArn(cluster);
  const role = new Role(
    `${name}-controller`,
    {
      name: accountWideName(arn, "karpenter-controller", LONGEST_ROLE_NAME),
      description: "Karpenter's controller",
      assumeRolePolicy: podIdentityTrust(),
      tags: plan.tags,
    },
    { parent },
  );
  const association = new PodIdentityAssociation(
    `${name}-controller`,
    {
      clusterName: cluster.name,
      namespace: plan.namespace,
      serviceAccount: KARPENTER_RELEASE,
      roleArn: role.arn,
      tags: plan.tags,
    },
    { parent },
  );
  const attachments = CONTROLLER_POLICIES.flatMap((policy) => {
    const document = pulumi
      .all([arn, nodeRoleArn, queueArn])
      .apply(([parts, node, queue]) =>
        policyDocument(
          controllerStatements(policy, { cluster: parts, nodeRoleArn: node, queueArn: queue }),
        ),
      );
    const managed = new Policy(
      `${name}-${policy}`,
      {
        name: accountWideName(arn, `karpenter-${policy}`, LONGEST_POLICY_NAME),
        policy: document,
        tags: plan.tags,
      },
      { parent },
    );
    const attached = { role: role.name, policyArn: managed.arn };
    return [managed, new RolePolicyAttachment(`${name}-${policy}`, attached, { parent })];
  });
  return [role, association, ...attachments];
}
