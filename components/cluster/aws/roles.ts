import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { managedPolicyArn } from "./policies";

/** A role with everything that it may do. */
export interface RoleWithPolicies {
  role: iam.Role;
  /** What gives the role its rights: whoever acts with the role depends on these. */
  policies: pulumi.Resource[];
}

/** What a role is made of. */
export interface RoleContent {
  /** Logical name. */
  name: string;
  /** Name in IAM. */
  roleName: string;
  trust: string;
  /** AWS managed policies, as the parts of their ARNs behind `policy/`. */
  managedPolicies: string[];
  tags: Record<string, string>;
}

/** Creates a role and attaches its managed policies. */
export function createRole(parent: pulumi.Resource, content: RoleContent): RoleWithPolicies {
  const { managedPolicies, name, roleName, tags, trust } = content;
  const role = new iam.Role(
    name,
    { name: roleName, assumeRolePolicy: trust, tags: { ...tags, Name: roleName } },
    { parent },
  );
  const policies = managedPolicies.map(
    (managed) =>
      new iam.RolePolicyAttachment(
        `${name}-${lastPart(managed)}`,
        { role: role.name, policyArn: role.arn.apply((arn) => managedPolicyArn(arn, managed)) },
        { parent },
      ),
  );
  return { role, policies };
}

function lastPart(managedPolicy: string): string {
  return managedPolicy.slice(managedPolicy.lastIndexOf("/") + 1);
}
