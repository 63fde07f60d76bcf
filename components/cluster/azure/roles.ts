import { uuidOf } from "../../shared/uuid";
import { AksRole } from "./args";

/**
 * Ids of Azure's built-in roles.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const AZURE_ROLES = Object.freeze({
  /** Reader: all that AKS needs of the set. https://learn.microsoft.com/azure/aks/concepts-identity */
  diskEncryptionSetReader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  /** Wrapping and unwrapping keys: all that a store that is encrypted with one does. */
  keyVaultCryptoServiceEncryptionUser: "e147488a-f6f5-4113-8e2d-b22465e65bf6",
  keyVaultCryptoUser: "12338af0-0e69-4776-bea7-57ae8d297424",
  networkContributor: "4d97b98b-1d4f-4787-a291-c67834d212e7",
  privateDnsZoneContributor: "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
  [AksRole.ClusterAdmin]: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
  [AksRole.Admin]: "3498e952-d568-435e-9b2c-8d77e338d7f7",
  [AksRole.Writer]: "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
  [AksRole.Reader]: "7f6c6a51-bcf8-42ba-9220-52d62157d7db",
});

/** A role of the set above. */
export type AzureRole = keyof typeof AZURE_ROLES;

/** The id of a built-in role as an assignment names it: in the subscription of what it is assigned on. */
export function roleDefinitionId(scope: string, role: AzureRole): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${AZURE_ROLES[role]}`;
}

/**
 * The name of a role assignment, which Azure wants to be a GUID: a function of what it says, so that one that an
 * interrupted update left behind can be found, and a new principal gets an assignment beside the old one's.
 */
export function assignmentName(scope: string, principalId: string, role: AzureRole): string {
  return uuidOf([scope.toLowerCase(), principalId, role].join("|"));
}
