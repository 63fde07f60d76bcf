import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { RoleDefinition } from "@pulumi/azure-native/authorization/roleDefinition";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import { uuidOf } from "../../shared/uuid";
import type { Archive } from "./archive";
import { ARCHIVE_DATA_ACTIONS, assignmentNameOf, roleIdIn } from "./iam";
import type { AzureTraceUploaderPlan } from "./plan";

/** Creates the identity that the function app runs as. */
export function createIdentity(
  parent: pulumi.Resource,
  { name, nameOf, network, resourceGroupName, tags }: AzureTraceUploaderPlan,
): UserAssignedIdentity {
  return new UserAssignedIdentity(
    `${name}-identity`,
    { location: network.location, resourceGroupName, resourceName: nameOf("identity"), tags },
    { parent },
  );
}

/** Gives an identity a built-in role on one resource. */
export function grant(
  parent: pulumi.Resource,
  name: string,
  identity: UserAssignedIdentity,
  role: string,
  scope: pulumi.Input<string>,
): RoleAssignment {
  const roleId = pulumi.output(scope).apply((known) => roleIdIn(known, role));
  return assign({ parent }, name, identity, scope, roleId);
}

/**
 * Creates the role of the archive, which none of Azure's own is narrow enough for, and gives it on the container. Under a
 * lock that stays, no grant is deleted: it stays too.
 */
export function grantArchive(
  parent: pulumi.Resource,
  { deletionProtection, name, nameOf }: AzureTraceUploaderPlan,
  identity: UserAssignedIdentity,
  { containerId, locked }: Archive,
): RoleAssignment {
  const group = containerId.apply(
    (id) => /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? "",
  );
  const role = new RoleDefinition(
    `${name}-archive`,
    {
      assignableScopes: [group],
      description: "Reads blobs and writes new ones; deletes none",
      permissions: [{ actions: [], dataActions: [...ARCHIVE_DATA_ACTIONS] }],
      roleDefinitionId: group.apply((scope) => uuidOf(`${scope.toLowerCase()}|${name}|archive`)),
      roleName: pulumi.interpolate`${nameOf("archive")} ${containerId.apply((id) => uuidOf(id).slice(0, 8))}`,
      roleType: "CustomRole",
      scope: group,
    },
    { parent },
  );
  const options = { parent, ...dataGuard(deletionProtection && locked !== undefined) };
  return assign(options, `${name}-archive`, identity, containerId, role.id);
}

function assign(
  options: pulumi.CustomResourceOptions,
  name: string,
  { principalId }: UserAssignedIdentity,
  scope: pulumi.Input<string>,
  roleDefinitionId: pulumi.Output<string>,
): RoleAssignment {
  return new RoleAssignment(
    name,
    {
      principalId,
      // Told, so that Azure does not look for an identity that it may not know yet.
      principalType: "ServicePrincipal",
      roleAssignmentName: pulumi
        .all([scope, principalId, roleDefinitionId])
        .apply(([where, who, role]) => assignmentNameOf(where, who, role)),
      roleDefinitionId,
      scope,
    },
    options,
  );
}
