import type * as corev1 from "@pulumi/kubernetes/core/v1";
import * as rbacv1 from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import { clusterRoleRules, eventRules, labels, roleRules } from "./manifests";
import type { ProvisionerPlan } from "./plan";

/** Comes after the confinement and goes before it: the account is never free, not for a moment. */
export function nodeAccess(
  parent: pulumi.ComponentResource,
  name: string,
  plan: ProvisionerPlan,
  account: corev1.ServiceAccount,
  confinement: pulumi.Resource[],
): rbacv1.ClusterRoleBinding {
  const metadata = { name: plan.objectName, labels: labels(plan) };
  const role = new rbacv1.ClusterRole(
    `${name}-role`,
    { metadata, rules: clusterRoleRules() },
    { parent },
  );
  return new rbacv1.ClusterRoleBinding(
    `${name}-role-binding`,
    { metadata, roleRef: roleRef("ClusterRole", role.metadata.name), subjects: [subject(account)] },
    { parent, dependsOn: confinement },
  );
}

/** By this a pod that is told to end learns whether the provisioner goes or only the pod; and the Lease. */
export function ownAccess(
  parent: pulumi.ComponentResource,
  name: string,
  plan: ProvisionerPlan,
  account: corev1.ServiceAccount,
  confinement: pulumi.Resource[],
): rbacv1.RoleBinding {
  const { namespace } = account.metadata;
  const metadata = { name: plan.objectName, namespace, labels: labels(plan) };
  const role = new rbacv1.Role(`${name}-self`, { metadata, rules: roleRules(plan) }, { parent });
  return new rbacv1.RoleBinding(
    `${name}-self-binding`,
    { metadata, roleRef: roleRef("Role", role.metadata.name), subjects: [subject(account)] },
    { parent, dependsOn: confinement },
  );
}

/** Events about nodes belong into the namespace `default`, so the right to tell them is one of that. */
export function eventAccess(
  parent: pulumi.ComponentResource,
  name: string,
  plan: ProvisionerPlan,
  account: corev1.ServiceAccount,
  confinement: pulumi.Resource[],
): rbacv1.RoleBinding {
  const metadata = { name: plan.objectName, namespace: "default", labels: labels(plan) };
  const role = new rbacv1.Role(`${name}-events`, { metadata, rules: eventRules() }, { parent });
  return new rbacv1.RoleBinding(
    `${name}-events-binding`,
    { metadata, roleRef: roleRef("Role", role.metadata.name), subjects: [subject(account)] },
    { parent, dependsOn: confinement },
  );
}

function roleRef(kind: string, name: pulumi.Input<string>) {
  return { apiGroup: "rbac.authorization.k8s.io", kind, name };
}

function subject({ metadata: { name, namespace } }: corev1.ServiceAccount) {
  return { kind: "ServiceAccount", name, namespace };
}
