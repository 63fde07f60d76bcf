import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as networkingv1 from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../shared/labels";
import { requirePlan } from "../shared/require-plan";
import type { NetworkFlow, Zone } from "./flows";
import {
  planNamespaces,
  type ApiServerAccess,
  type NamespacePlan,
  type NamespacesPlan,
} from "./plan";

/** Arguments of {@link Namespaces}. */
export interface NamespacesArgs {
  /** Name of the namespace of node agents. Defaults to the component's name and "-agents". */
  agents?: string;
  /** How pods reach the API server. Defaults to every address, ports 443 and 6443. */
  apiServer?: ApiServerAccess;
  /** Connections to let through beside those of the fabric's own components. Defaults to none. */
  flows?: NetworkFlow[];
  /**
   * Addresses of the nodes, as in "10.0.0.0/16": lets workers that live in their node's network reach
   * Consul, and everything else with such an address. Defaults to none.
   */
  nodeCidrs?: string[];
  /** Version of the Pod Security Standards that pods are held to. Defaults to "v1.32". */
  podSecurityVersion?: string;
  /** Name of the namespace of all other pods. Defaults to the component's name and "-services". */
  services?: string;
}

/**
 * The fabric's namespaces: `agents` for pods that reach into their node (Pod Security: privileged) and
 * `services` for all others (restricted), both closed to every connection that no flow names.
 *
 * Creates, named after the component: two Namespaces (`-agents`, `-services`), in each a NetworkPolicy
 * that refuses all (`-<zone>-default-deny`) and one for each kind of pods that takes part in a flow
 * (`-<zone>-allow-<app>`), and a ResourceQuota (`-critical-pods`) without which some clouds, GKE among
 * them, refuse system-node-critical pods outside kube-system. It costs nothing.
 *
 * Policies work only where the cluster's network plugin enforces them, and never for pods in their
 * node's network.
 *
 * ```typescript
 * const namespaces = new Namespaces("fabric", {});
 * new NodeProvisioner("provisioner", { namespace: namespaces.agents, image, assets });
 * ```
 *
 * Not for tenants: their namespaces come with quotas and rights of their own.
 */
export class Namespaces extends pulumi.ComponentResource {
  /** Name of the namespace of node agents. */
  public readonly agents: pulumi.Output<string>;
  /** Name of the namespace of all other pods. */
  public readonly services: pulumi.Output<string>;

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:Namespaces", name, args, opts);
    const plan = requirePlan("Namespaces", name, planNamespaces(name, args));

    const namespaces = createNamespaces(this, name, plan);
    createPolicies(this, name, plan, namespaces);
    createQuota(this, name, plan, namespaces.agents);

    this.agents = namespaces.agents.metadata.name;
    this.services = namespaces.services.metadata.name;
    this.registerOutputs({ agents: this.agents, services: this.services });
  }
}

type ZoneNamespaces = Record<Zone, corev1.Namespace>;

function createNamespaces(parent: Namespaces, name: string, plan: NamespacesPlan): ZoneNamespaces {
  const create = ({ zone, name: namespace, podSecurity }: NamespacePlan) =>
    new corev1.Namespace(
      `${name}-${zone}`,
      {
        metadata: {
          name: namespace,
          labels: { ...objectLabels("namespaces", plan.instance), ...podSecurity },
        },
      },
      { parent },
    );
  return { agents: create(plan.agents), services: create(plan.services) };
}

function createPolicies(
  parent: Namespaces,
  name: string,
  plan: NamespacesPlan,
  namespaces: ZoneNamespaces,
): void {
  for (const { zone, suffix, name: policyName, spec } of plan.policies) {
    new networkingv1.NetworkPolicy(
      `${name}-${suffix}`,
      {
        metadata: {
          name: policyName,
          namespace: namespaces[zone].metadata.name,
          labels: objectLabels("namespaces", plan.instance),
        },
        spec,
      },
      { parent },
    );
  }
}

/** More pods than the largest supported cluster can run of the node agents: it permits, never limits. */
const CRITICAL_PODS = "15000";

function createQuota(
  parent: Namespaces,
  name: string,
  plan: NamespacesPlan,
  namespace: corev1.Namespace,
): void {
  new corev1.ResourceQuota(
    `${name}-critical-pods`,
    {
      metadata: {
        name: plan.quotaName,
        namespace: namespace.metadata.name,
        labels: objectLabels("namespaces", plan.instance),
      },
      spec: {
        hard: { pods: CRITICAL_PODS },
        scopeSelector: {
          matchExpressions: [
            {
              scopeName: "PriorityClass",
              operator: "In",
              values: ["system-node-critical"],
            },
          ],
        },
      },
    },
    { parent },
  );
}
