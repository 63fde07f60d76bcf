import type { CloudKind } from "../cloud-kind";

const ACCOUNT = "Microsoft.Storage/storageAccounts/{accountName}";
const CONTAINER = `${ACCOUNT}/blobServices/default/containers/{containerName}`;

/** Function apps of Azure, what they store and who watches them; `inGroup` makes a kind of a path. */
export function azureServerless(
  inGroup: (path: string, outputs?: CloudKind["outputs"]) => CloudKind,
): Record<string, CloudKind> {
  return {
    "azure-native:applicationinsights:Component": inGroup(
      "Microsoft.Insights/components/{resourceName}",
      { connectionString: "InstrumentationKey={uuid}" },
    ),
    "azure-native:authorization:RoleDefinition": {
      ...inGroup("Microsoft.Authorization/roleDefinitions/{roleDefinitionId}"),
      id: "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
    },
    "azure-native:monitor:ScheduledQueryRule": inGroup(
      "Microsoft.Insights/scheduledQueryRules/{ruleName}",
    ),
    "azure-native:resources:Deployment": inGroup(
      "Microsoft.Resources/deployments/{deploymentName}",
    ),
    "azure-native:storage:Blob": inGroup(`${CONTAINER}/blobs/{blobName}`, {
      url: "https://{accountName}.blob.core.windows.net/{containerName}/{blobName}",
    }),
    "azure-native:storage:BlobContainer": inGroup(CONTAINER),
    "azure-native:storage:BlobServiceProperties": inGroup(
      `${ACCOUNT}/blobServices/{blobServicesName}`,
    ),
    "azure-native:storage:ManagementPolicy": inGroup(
      `${ACCOUNT}/managementPolicies/{managementPolicyName}`,
    ),
    "azure-native:storage:Queue": inGroup(`${ACCOUNT}/queueServices/default/queues/{queueName}`),
    "azure-native:storage:StorageAccount": inGroup(ACCOUNT),
    "azure-native:web:AppServicePlan": inGroup("Microsoft.Web/serverfarms/{name}"),
    "azure-native:web:WebApp": inGroup("Microsoft.Web/sites/{name}", {
      defaultHostName: "{name}.azurewebsites.net",
    }),
  };
}
