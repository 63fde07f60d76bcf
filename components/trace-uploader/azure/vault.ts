import { Secret } from "@pulumi/azure-native/keyvault/secret";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import type { Subnet } from "@pulumi/azure-native/network/subnet";
import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import { identitySecret } from "../environment";
import { worldNameIn } from "./names";
import type { AzureTraceUploaderPlan } from "./plan";

const SECRET = "queen-identity";

/** Where the uploader finds its identity. */
export interface IdentityVault {
  secret: Secret;
  /** Id of the secret as a resource, for its grant. */
  secretId: pulumi.Output<string>;
  /** As the uploader reads it: the latest version. */
  secretUrl: pulumi.Output<string>;
}

/** Creates the vault with the one secret; only the function app's subnet reaches it, beside Azure's own services. */
export function createVault(
  parent: pulumi.Resource,
  plan: AzureTraceUploaderPlan,
  subnet: Subnet,
  identity: UserAssignedIdentity,
): IdentityVault {
  const { deletionProtection, name, network, queen, resourceGroupName, tags } = plan;
  const vaultName = worldNameIn(name, "v", network.vnetId);
  const vault = new Vault(
    `${name}-vault`,
    {
      location: network.location,
      properties: {
        enableRbacAuthorization: true,
        enableSoftDelete: true,
        // Once on, never off: without the guard, the vault's name is to be free again.
        ...(deletionProtection && { enablePurgeProtection: true }),
        networkAcls: {
          bypass: "AzureServices",
          defaultAction: "Deny",
          virtualNetworkRules: [{ id: subnet.id }],
        },
        sku: { family: "A", name: "standard" },
        softDeleteRetentionInDays: deletionProtection ? 90 : 7,
        tenantId: identity.tenantId,
      },
      resourceGroupName,
      tags,
      vaultName,
    },
    {
      parent,
      ...dataGuard(deletionProtection),
      // Azure never changes it, so a vault whose guard is switched later keeps what it was made with.
      ignoreChanges: ["properties.softDeleteRetentionInDays"],
    },
  );
  const secret = new Secret(
    `${name}-queen-identity`,
    {
      properties: { contentType: "application/json", value: identitySecret(queen) },
      resourceGroupName,
      secretName: SECRET,
      vaultName: vault.name,
    },
    { parent },
  );
  return {
    secret,
    secretId: pulumi.interpolate`${vault.id}/secrets/${SECRET}`,
    secretUrl: pulumi.interpolate`https://${vault.name}.vault.azure.net/secrets/${SECRET}`,
  };
}
