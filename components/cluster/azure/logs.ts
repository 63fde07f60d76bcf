import { type Input, output, type Output, type Resource } from "@pulumi/pulumi";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace";
import type { AzureClusterPlan } from "./plan";

/**
 * All that the control plane writes, beside its audit log.
 * Source: https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs
 */
const CATEGORIES = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "cloud-controller-manager",
  "cluster-autoscaler",
  "csi-azuredisk-controller",
  "csi-azurefile-controller",
  "csi-snapshot-controller",
  "guard",
];

/** Creates the workspace for the control plane's logs, unless one is given; answers its id. */
export function createWorkspace(parent: Resource, plan: AzureClusterPlan): Output<string> {
  const { name, clusterName, deletionProtection, location, tags, workspaceId } = plan;
  if (workspaceId !== undefined) return output(workspaceId);
  return new Workspace(
    `${name}-logs`,
    {
      workspaceName: `${clusterName}-logs`.replaceAll("_", "-"),
      resourceGroupName: plan.resourceGroupName,
      location,
      features: { disableLocalAuth: true },
      retentionInDays: plan.retentionDays,
      sku: { name: "PerGB2018" },
      tags,
    },
    { parent, protect: deletionProtection },
  ).id;
}

/** Sends the control plane's logs to the workspace, from the first minute to the last. */
export function createDiagnostics(
  parent: Resource,
  { name, auditCategory }: AzureClusterPlan,
  cluster: ManagedCluster,
  workspaceId: Input<string>,
): DiagnosticSetting {
  return new DiagnosticSetting(
    `${name}-diagnostics`,
    {
      name: "control-plane",
      resourceUri: cluster.id,
      workspaceId,
      // A table a category: cheaper to search than one for all of Azure.
      logAnalyticsDestinationType: "Dedicated",
      logs: [auditCategory, ...CATEGORIES].map((category) => ({ category, enabled: true })),
    },
    { parent },
  );
}
