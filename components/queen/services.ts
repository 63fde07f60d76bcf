import * as corev1 from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { QueenCloud, type QueenLoadBalancer } from "./args";
import { queenMetadata } from "./metadata";
import type { QueenPlan } from "./plan";
import { QUEEN_PORT } from "./ports";

/** Neither Service has an address behind it before the guest runs, and that is called by their names. */
const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };

/**
 * How long her pod, and what waits for it, may take: a node that is made and proven, and a guest that starts, take ten
 * minutes each. The engine alone would wait for ten.
 */
export const QUEEN_PATIENCE = { create: "30m", update: "30m" };

/** The Services of an instance. */
interface QueenServices {
  fabric: corev1.Service;
  uploads: corev1.Service;
  /** Undefined where no uploader is outside the cluster. */
  balancer: corev1.Service | undefined;
}

/** Makes the Services: of workers and gateways, of uploaders, and of uploaders outside the cluster. */
export function createServices(parent: pulumi.Resource, plan: QueenPlan): QueenServices {
  const { name, names } = plan;
  return {
    fabric: createService(parent, name, plan, names.queen, "fabric"),
    uploads: createService(parent, `${name}-uploads`, plan, names.uploads, "uploads"),
    balancer: plan.loadBalancer && createBalancer(parent, plan, plan.loadBalancer),
  };
}

function createService(
  parent: pulumi.Resource,
  name: string,
  plan: QueenPlan,
  objectName: string,
  listener: "fabric" | "uploads",
): corev1.Service {
  return new corev1.Service(
    name,
    {
      metadata: { ...queenMetadata(plan, objectName), annotations: SKIP_AWAIT },
      spec: { type: "ClusterIP", selector: plan.podLabels, ports: [port(listener)] },
    },
    { parent },
  );
}

function createBalancer(
  parent: pulumi.Resource,
  plan: QueenPlan,
  { allowedCidrs, annotations, cloud }: QueenLoadBalancer,
): corev1.Service {
  return new corev1.Service(
    `${plan.name}-uploads-balancer`,
    {
      metadata: {
        ...queenMetadata(plan, plan.names.balancer),
        annotations: { ...balancerAnnotations(cloud), ...annotations },
      },
      spec: {
        type: "LoadBalancer",
        // Keeps the uploaders' addresses, which the NetworkPolicy goes by.
        externalTrafficPolicy: "Local",
        loadBalancerSourceRanges: allowedCidrs,
        selector: plan.podLabels,
        ports: [port("uploads")],
      },
    },
    { parent, customTimeouts: QUEEN_PATIENCE },
  );
}

/**
 * What makes a load balancer internal.
 * Source: https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
 */
function balancerAnnotations(cloud: QueenCloud): Record<string, string> {
  switch (cloud) {
    case QueenCloud.Aws:
      return {
        "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
      };
    case QueenCloud.Gcp:
      return { "networking.gke.io/load-balancer-type": "Internal" };
    case QueenCloud.Azure:
      return { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" };
    default:
      return cloud satisfies never;
  }
}

function port(listener: "fabric" | "uploads") {
  return { name: "secure9p", port: QUEEN_PORT, targetPort: listener, protocol: "TCP" };
}

/** Nothing of it is there before the cloud has made the load balancer. */
interface BalancerStatus {
  loadBalancer?: { ingress?: { hostname?: string; ip?: string }[] };
}

/** The address of a load balancer, or its name; empty at the preview after a run that did not wait it out. */
export function balancerHost(balancer: corev1.Service): pulumi.Output<string> {
  return balancer.status.apply((status?: BalancerStatus) => {
    const [way] = status?.loadBalancer?.ingress ?? [];
    return way?.hostname ?? way?.ip ?? "";
  });
}
