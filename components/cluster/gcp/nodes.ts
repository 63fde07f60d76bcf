import { interpolate, type Resource } from "@pulumi/pulumi";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import type { GcpClusterPlan } from "./plan";

/**
 * All that a node's own agents need: to write logs and metrics, and to pull images of the project. Pods get nothing
 * of it: they see GKE's metadata server.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa
 */
export const NODE_ROLES = Object.freeze({
  logs: "roles/logging.logWriter",
  metrics: "roles/monitoring.metricWriter",
  "metrics-viewer": "roles/monitoring.viewer",
  metadata: "roles/stackdriver.resourceMetadata.writer",
  images: "roles/artifactregistry.reader",
});

/** The identity of the nodes, and the grants that must outlive every node. */
export interface NodeIdentity {
  account: Account;
  grants: IAMMember[];
}

/** Creates the service account of the cluster's nodes, with the least roles. */
export function createNodeIdentity(parent: Resource, plan: GcpClusterPlan): NodeIdentity {
  const { name, clusterName } = plan;
  const account = new Account(
    `${name}-nodes`,
    {
      accountId: plan.accountId,
      displayName: `Nodes of the GKE cluster ${clusterName}`,
      project: plan.project,
    },
    { parent },
  );
  const grants = Object.entries(NODE_ROLES).map(
    ([word, role]) =>
      new IAMMember(
        `${name}-nodes-${word}`,
        { project: account.project, role, member: interpolate`serviceAccount:${account.email}` },
        { parent },
      ),
  );
  return { account, grants };
}
