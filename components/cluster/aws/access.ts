import * as eks from "@pulumi/aws/eks";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsAccessEntry } from "./args";
import type { AwsClusterPlan } from "./plan";
import { accessPolicyArn } from "./policies";

/** Creates the access entries. Whatever acts on the cluster's API depends on them, so they go last. */
export function createAccess(
  parent: pulumi.Resource,
  { accessEntries, name, tags }: AwsClusterPlan,
  cluster: eks.Cluster,
): pulumi.Resource[] {
  return accessEntries.flatMap((content) => {
    const { groups, principalArn } = content;
    const logicalName = `${name}-access-${content.name}`;
    const entry = new eks.AccessEntry(
      logicalName,
      {
        clusterName: cluster.name,
        principalArn,
        type: "STANDARD",
        ...(groups !== undefined && { kubernetesGroups: groups }),
        tags: { ...tags, Name: logicalName },
      },
      { parent },
    );
    return [entry, ...createPolicy(parent, logicalName, content, cluster, entry)];
  });
}

/**
 * A policy's scope cannot be changed in place, and a policy is known by its name and principal alone: the new one would
 * overwrite the old, and the old one's deletion take both away. So the old one goes first.
 */
function createPolicy(
  parent: pulumi.Resource,
  name: string,
  { namespaces, policy }: AwsAccessEntry,
  cluster: eks.Cluster,
  entry: eks.AccessEntry,
): pulumi.Resource[] {
  if (policy === undefined) return [];
  return [
    new eks.AccessPolicyAssociation(
      name,
      {
        clusterName: cluster.name,
        principalArn: entry.principalArn,
        policyArn: cluster.arn.apply((arn) => accessPolicyArn(arn, policy)),
        accessScope:
          namespaces === undefined ? { type: "cluster" } : { type: "namespace", namespaces },
      },
      { parent, dependsOn: [entry], deleteBeforeReplace: true },
    ),
  ];
}
