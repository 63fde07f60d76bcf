import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace";
import * as pulumi from "@pulumi/pulumi";
import type { AzureStorePlan } from "./azure-plan";

/** Days for which a workspace of the store's own keeps logs. */
const LOG_DAYS = 90;

/** Sends a store's logs to a workspace, and its metrics where they are its own; answers the workspace's id. */
export function createAzureLogs(
  { instanceName, name, network, resourceGroupName, tags, workspaceId }: AzureStorePlan,
  store: { id: pulumi.Output<string>; hasMetrics: boolean },
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const id =
    workspaceId ??
    new Workspace(
      `${name}-logs`,
      {
        workspaceName: `${instanceName}-logs`,
        resourceGroupName,
        location: network.location,
        features: { disableLocalAuth: true },
        retentionInDays: LOG_DAYS,
        sku: { name: "PerGB2018" },
        tags,
      },
      options,
    ).id;
  new DiagnosticSetting(
    `${name}-diagnostics`,
    {
      name: "store",
      resourceUri: store.id,
      workspaceId: id,
      logAnalyticsDestinationType: "Dedicated",
      logs: [{ categoryGroup: "allLogs", enabled: true }],
      ...(store.hasMetrics && { metrics: [{ category: "AllMetrics", enabled: true }] }),
    },
    options,
  );
  return pulumi.output(id);
}

/**
 * Azure's own protection: with the lock, nobody deletes the store, from wherever. The lock itself is not guarded, since it
 * has to go first when the protection is switched off.
 */
export function createAzureLock(
  parent: pulumi.Resource,
  { deletionProtection, instanceName, name }: AzureStorePlan,
  storeId: pulumi.Output<string>,
  dependsOn: pulumi.Resource[],
): void {
  if (!deletionProtection) return;
  new ManagementLockByScope(
    `${name}-lock`,
    {
      level: "CanNotDelete",
      lockName: `${instanceName}-deletion-protection`,
      notes: "Set deletionProtection to false and run `pulumi up` to lift it",
      scope: storeId,
    },
    { parent, dependsOn },
  );
}
