import * as eks from "@pulumi/aws/eks";
import type * as pulumi from "@pulumi/pulumi";
import type { AddOn, AddOnIdentity } from "./add-on-table";
import type { AwsClusterPlan } from "./plan";
import { podIdentityTrust } from "./policies";
import { createRole } from "./roles";

/** Namespace of every add-on. */
const NAMESPACE = "kube-system";

/**
 * Creates roles and Pod Identity associations of add-ons, long before any of their pods: a pod that starts within
 * seconds of its association gets no credentials, and never will.
 * Source: https://github.com/aws/containers-roadmap/issues/2507
 */
export function createIdentities(
  parent: pulumi.Resource,
  plan: AwsClusterPlan,
  cluster: eks.Cluster,
): Map<string, pulumi.Resource[]> {
  const { afterCompute, beforeCompute } = plan.addOns;
  return new Map(
    [...beforeCompute, ...afterCompute].map(({ identity, name }) => [
      name,
      identity === undefined ? [] : createIdentity(parent, plan, cluster, identity),
    ]),
  );
}

/** Creates add-ons at exact versions, each after what its pods act with. */
export function createAddOns(
  parent: pulumi.Resource,
  plan: AwsClusterPlan,
  cluster: eks.Cluster,
  { addOns, identities }: { addOns: AddOn[]; identities: Map<string, pulumi.Resource[]> },
  before: pulumi.Resource[] = [],
): eks.Addon[] {
  return addOns.map(
    ({ configuration, name, version }) =>
      new eks.Addon(
        `${plan.name}-${name}`,
        {
          clusterName: cluster.name,
          addonName: name,
          addonVersion: version,
          ...(configuration && { configurationValues: JSON.stringify(configuration) }),
          resolveConflictsOnCreate: "OVERWRITE",
          resolveConflictsOnUpdate: "OVERWRITE",
          tags: { ...plan.tags, Name: `${plan.names.cluster}-${name}` },
        },
        { parent, dependsOn: [...(identities.get(name) ?? []), ...before] },
      ),
  );
}

function createIdentity(
  parent: pulumi.Resource,
  { name, names, tags }: AwsClusterPlan,
  cluster: eks.Cluster,
  { managedPolicy, serviceAccount, word }: AddOnIdentity,
): pulumi.Resource[] {
  const { policies, role } = createRole(parent, {
    name: `${name}-${word}`,
    roleName: names.role(word),
    trust: podIdentityTrust(names.cluster, NAMESPACE, serviceAccount),
    managedPolicies: [managedPolicy],
    tags,
  });
  const association = new eks.PodIdentityAssociation(
    `${name}-${word}`,
    {
      clusterName: cluster.name,
      namespace: NAMESPACE,
      serviceAccount,
      roleArn: role.arn,
      tags: { ...tags, Name: names.role(word) },
    },
    { parent, dependsOn: policies },
  );
  return [...policies, association];
}
