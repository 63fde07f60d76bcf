import { all, type CustomResourceOptions, type Input, output, type Resource } from "@pulumi/pulumi";
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import { AksPrincipalType } from "./args";
import type { AzureClusterPlan } from "./plan";
import { assignmentName, type AzureRole, roleDefinitionId } from "./roles";

/** The control plane's identity, and the grants that it works by: they must outlive it. */
export interface ClusterIdentity {
  identity: UserAssignedIdentity;
  grants: RoleAssignment[];
}

/** What an assignment says. */
export interface Grant {
  principalId: Input<string>;
  principalType: AksPrincipalType;
  role: AzureRole;
  scope: Input<string>;
}

/**
 * Creates the identity of the control plane, with what it needs before the first node: to join machines and load
 * balancers to the subnet, and to use the zone and the keys that are given. Azure would make an identity of its own
 * only with the cluster, too late for these.
 */
export function createClusterIdentity(parent: Resource, plan: AzureClusterPlan): ClusterIdentity {
  const { name, clusterName, location, network, privateDnsZoneId, tags } = plan;
  const identity = new UserAssignedIdentity(
    `${name}-identity`,
    {
      resourceName: `${clusterName}-control-plane`,
      resourceGroupName: plan.resourceGroupName,
      location,
      tags,
    },
    { parent },
  );
  const own: Own = (suffix, role, scope) =>
    assign(parent, `${name}-${suffix}`, {
      principalId: identity.principalId,
      principalType: AksPrincipalType.ServicePrincipal,
      role,
      scope,
    });
  return {
    identity,
    grants: [
      own("subnet", "networkContributor", network.nodeSubnetId),
      ...(network.apiServerSubnetId === undefined
        ? []
        : [own("api-subnet", "networkContributor", network.apiServerSubnetId)]),
      ...(privateDnsZoneId === undefined
        ? []
        : [
            own("dns-zone", "privateDnsZoneContributor", privateDnsZoneId),
            // AKS links the zone to the network.
            own("vnet", "networkContributor", network.vnetId),
          ]),
      ...keyGrants(plan, own),
    ],
  };
}

type Own = (suffix: string, role: AzureRole, scope: Input<string>) => RoleAssignment;

function keyGrants({ diskEncryptionSetId, etcdKey }: AzureClusterPlan, own: Own): RoleAssignment[] {
  return [
    ...(etcdKey === undefined ? [] : [own("key-user", "keyVaultCryptoUser", etcdKey.keyVaultId)]),
    ...(diskEncryptionSetId === undefined
      ? []
      : [own("disk-key-reader", "diskEncryptionSetReader", diskEncryptionSetId)]),
  ];
}

/** Gives a principal a built-in role. */
export function assign(
  parent: Resource,
  name: string,
  { principalId, principalType, role, scope }: Grant,
  options: CustomResourceOptions = {},
): RoleAssignment {
  return new RoleAssignment(
    name,
    {
      principalId,
      // Told, so that Azure does not look for an identity that it may not know yet.
      principalType,
      roleAssignmentName: all([scope, principalId]).apply(([where, who]) =>
        assignmentName(where, who, role),
      ),
      roleDefinitionId: output(scope).apply((where) => roleDefinitionId(where, role)),
      scope,
    },
    { ...options, parent },
  );
}
