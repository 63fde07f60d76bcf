import { uuidOf } from "../../shared/uuid";

/**
 * All that the function may do with the archive: read blobs, and write those that it makes. The right to delete is not
 * among them; what is overwritten stays as a version.
 * Source: https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-blob-service-operations
 */
export const ARCHIVE_DATA_ACTIONS: readonly string[] = Object.freeze([
  "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
  "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
]);

/**
 * Ids of the built-in roles that are given besides, each on one resource.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const UPLOADER_ROLES = Object.freeze({
  /** Storage Blob Data Owner on the account of the code: the host's locks, and the package. */
  hostBlobs: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  /** Storage Queue Data Contributor on the account of the code: the host's queues. */
  hostQueues: "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
  /** Key Vault Secrets User on the one secret. */
  readIdentity: "4633458b-17de-408a-b874-0445c86b69e6",
  /** Monitoring Metrics Publisher on the component of Application Insights: it takes no keys. */
  writeTelemetry: "3913510d-42f4-4e42-8a64-420c390055eb",
});

/** The id of a role definition in the subscription of a resource. */
export function roleIdIn(scope: string, role: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}

/** The name of an assignment: a GUID that is a function of what it says. */
export function assignmentNameOf(scope: string, principalId: string, role: string): string {
  return uuidOf([scope.toLowerCase(), principalId, role.toLowerCase()].join("|"));
}
