import type { Resource } from "@pulumi/pulumi";
import { MaintenanceConfiguration } from "@pulumi/azure-native/containerservice/maintenanceConfiguration";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster";
import { AksNodeOsChannel, AksUpgradeChannel } from "./args";
import { channelWindow, weeklyHours } from "./maintenance";
import type { AzureClusterPlan } from "./plan";

/**
 * Creates the maintenance configurations, whose names AKS prescribes: one for its own weekly releases, and one for
 * each channel that is on. One follows the other: AKS takes no two changes of a cluster at once.
 * Source: https://learn.microsoft.com/azure/aks/planned-maintenance
 */
export function createSchedules(
  parent: Resource,
  plan: AzureClusterPlan,
  cluster: ManagedCluster,
): MaintenanceConfiguration[] {
  const maintenanceWindow = channelWindow(plan.maintenance);
  const configurations = [
    { suffix: "releases", configName: "default", timeInWeek: weeklyHours(plan.maintenance) },
    ...(plan.upgradeChannel === AksUpgradeChannel.None
      ? []
      : [{ suffix: "upgrades", configName: "aksManagedAutoUpgradeSchedule", maintenanceWindow }]),
    ...(plan.nodeOsUpgradeChannel === AksNodeOsChannel.None
      ? []
      : [{ suffix: "images", configName: "aksManagedNodeOSUpgradeSchedule", maintenanceWindow }]),
  ];
  const made: MaintenanceConfiguration[] = [];
  for (const { suffix, ...configuration } of configurations) {
    made.push(
      new MaintenanceConfiguration(
        `${plan.name}-${suffix}`,
        {
          ...configuration,
          resourceGroupName: plan.resourceGroupName,
          resourceName: cluster.name,
        },
        { parent, dependsOn: made.slice(-1) },
      ),
    );
  }
  return made;
}
