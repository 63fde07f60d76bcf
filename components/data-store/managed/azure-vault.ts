import { getClientConfigOutput } from "@pulumi/azure-native/authorization/getClientConfig";
import type { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { Key } from "@pulumi/azure-native/keyvault/key";
import { Secret } from "@pulumi/azure-native/keyvault/secret";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import * as pulumi from "@pulumi/pulumi";
import { AksPrincipalType } from "../../cluster/azure/args";
import { assign } from "../../cluster/azure/identity";
import { type DataStoreLogin, loginData } from "../secrets";
import type { AzureStorePlan } from "./azure-plan";

/** The key of a store, who uses it, and the vault that keeps it and the password. */
export interface AzureStoreKey {
  /** URI of the key, with its version. */
  keyUri: pulumi.Output<string>;
  identityId: pulumi.Output<string>;
  /** Lets the store use the key: gone, its data cannot be read. */
  grant: RoleAssignment;
  vault: VaultPlace;
}

/** A vault by its names. */
interface VaultPlace {
  id: pulumi.Output<string>;
  vaultName: pulumi.Output<string>;
  resourceGroupName: pulumi.Input<string>;
}

/** Days for which a deleted vault stays, fixed once it is made: the most and the least that Azure takes. */
const SOFT_DELETE_DAYS = { guarded: 90, unguarded: 7 };

/** Creates vault and key, unless the user brings them, and the identity by which the store uses the key. */
export function createAzureKey(
  plan: AzureStorePlan,
  suffix: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): AzureStoreKey {
  const { instanceName, name, network, resourceGroupName, tags } = plan;
  const vault = createVault(plan, suffix, options);
  const identity = new UserAssignedIdentity(
    `${name}-identity`,
    { resourceName: instanceName, resourceGroupName, location: network.location, tags },
    options,
  );
  const { keyName, keyUri } = keyOf(plan, vault, options);
  const grant = assign(
    options.parent,
    `${name}-key-user`,
    {
      principalId: identity.principalId,
      principalType: AksPrincipalType.ServicePrincipal,
      role: "keyVaultCryptoServiceEncryptionUser",
      // The key's, as a vault that is given may hold others.
      scope: pulumi.interpolate`${vault.id}/keys/${keyName}`,
    },
    options,
  );
  return { keyUri, identityId: identity.id, grant, vault };
}

/**
 * Creates the vault: without a public address, but for Azure's own services, which the store and Azure Resource Manager
 * come as. Its name, unique over all of Azure, has 24 characters at most.
 */
function createVault(
  plan: AzureStorePlan,
  suffix: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): VaultPlace {
  const { deletionProtection, instanceName, keyVaultId, name, network, tags } = plan;
  const { resourceGroupName } = plan;
  if (keyVaultId !== undefined) return givenVault(pulumi.output(keyVaultId));
  const { guarded, unguarded } = SOFT_DELETE_DAYS;
  const short = instanceName.slice(0, 15).replace(/-+$/, "");
  const vault = new Vault(
    `${name}-vault`,
    {
      vaultName: pulumi.interpolate`${short}-${suffix}`,
      resourceGroupName,
      location: network.location,
      properties: {
        enablePurgeProtection: true,
        enableRbacAuthorization: true,
        enableSoftDelete: true,
        networkAcls: { bypass: "AzureServices", defaultAction: "Deny" },
        publicNetworkAccess: "Disabled",
        sku: { family: "A", name: "standard" },
        softDeleteRetentionInDays: deletionProtection ? guarded : unguarded,
        tenantId: getClientConfigOutput({ parent: options.parent }).tenantId,
      },
      tags,
    },
    // Azure never changes it, so a vault whose guard is switched later keeps what it was made with:
    // MicrosoftDocs/azure-docs#110047
    { ...options, ignoreChanges: ["properties.softDeleteRetentionInDays"] },
  );
  return { id: vault.id, vaultName: vault.name, resourceGroupName };
}

function givenVault(id: pulumi.Output<string>): VaultPlace {
  return {
    id,
    vaultName: id.apply((text) => partOf(text, "vaults")),
    resourceGroupName: id.apply((text) => partOf(text, "resourceGroups")),
  };
}

/** The name behind a word of an Azure id. Throws where there is none. */
export function partOf(id: string, word: string): string {
  const [, part] = new RegExp(`/${word}/([^/]+)`, "i").exec(id) ?? [];
  if (part === undefined) throw new Error(`no ${word} in the Azure id "${id}"`);
  return part;
}

/** A key by its name in the vault and its URI: the one that is given, or a new one. */
function keyOf(
  plan: AzureStorePlan,
  vault: VaultPlace,
  options: pulumi.CustomResourceOptions,
): { keyName: pulumi.Output<string>; keyUri: pulumi.Output<string> } {
  if (plan.encryptionKey === undefined) {
    const key = createKey(plan, vault, options);
    return { keyName: key.name, keyUri: key.keyUriWithVersion };
  }
  const keyUri = pulumi.output(plan.encryptionKey);
  return { keyName: keyUri.apply((uri) => partOf(uri, "keys")), keyUri };
}

/** In a vault that is given, the key is named by the store: another store may have one there. */
function createKey(
  { instanceName, keyVaultId, name, tags }: AzureStorePlan,
  { resourceGroupName, vaultName }: VaultPlace,
  options: pulumi.CustomResourceOptions,
): Key {
  return new Key(
    `${name}-key`,
    {
      keyName: keyVaultId === undefined ? "data" : `${instanceName}-data`,
      resourceGroupName,
      vaultName,
      properties: { keyOps: ["wrapKey", "unwrapKey"], keySize: 3072, kty: "RSA" },
      tags,
    },
    options,
  );
}

/** Keeps the login in the vault, under the keys that consumers in a cluster read; answers the secret's id. */
export function createAzureCredentials(
  { instanceName, name, tags }: AzureStorePlan,
  { vault }: AzureStoreKey,
  login: DataStoreLogin,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { resourceGroupName, vaultName } = vault;
  return new Secret(
    `${name}-credentials`,
    {
      resourceGroupName,
      secretName: `${instanceName}-credentials`,
      vaultName,
      properties: {
        contentType: "application/json",
        value: pulumi.secret(pulumi.jsonStringify(loginData(login))),
      },
      tags,
    },
    options,
  ).id;
}
