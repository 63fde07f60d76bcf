import * as pulumi from "@pulumi/pulumi";
import { parseClusterArn, type ClusterArn } from "../cluster/aws/arn";
import type { AwsClusterRef } from "../cluster/cluster-ref";
import { objectName } from "../shared/names";

/** The cluster's ARN in its parts, once it is known. */
export function clusterArn(cluster: AwsClusterRef): pulumi.Output<ClusterArn> {
  return pulumi.output(cluster.arn).apply(parseClusterArn);
}

/**
 * A name that no other cluster of the account has. Roles and policies are the account's, so the logical name alone
 * would meet itself in the next stack.
 */
export function accountWideName(
  cluster: pulumi.Output<ClusterArn>,
  suffix: string,
  longest: number,
): pulumi.Output<string> {
  return cluster.apply(({ name, region }) => objectName([name, region, suffix], longest));
}
