import type { Input } from "@pulumi/pulumi";
import { objectName } from "../shared/names";
import type { ApiGatewayArgs } from "./args";
import { type ApiGatewayLimits, type ApiGatewayTls, EdgeController } from "./exposure-args";
import { ANNOTATIONS } from "./own-annotations";

/** How callers from outside reach the gateway, with every default filled in. */
export type ExposurePlan = IngressPlan | GatewayPlan;

interface Exposed {
  annotations: Record<string, string>;
  controller: EdgeController;
  hosts: string[];
  limits: LimitsPlan | undefined;
  path: string;
}

/** By an Ingress. */
export interface IngressPlan extends Exposed {
  kind: "ingress";
  className: string;
  tls: TlsPlan;
}

/** By a route, below a Gateway of its own or an existing one. */
export interface GatewayPlan extends Exposed {
  kind: "gateway";
  by: OwnGateway | ExistingGateway;
}

/** A Gateway that is made here. */
export interface OwnGateway {
  own: true;
  className: string;
  tls: TlsPlan;
}

/** A Gateway that somebody else made. */
export interface ExistingGateway {
  own: false;
  parentRef: { name: Input<string>; namespace?: Input<string>; sectionName?: string };
}

/** The certificate that callers see. */
export interface TlsPlan {
  /** What tells cert-manager to issue it; empty for one that is there already. */
  annotations: Record<string, string>;
  secretName: string;
}

/** What one caller may ask; at least one of the first two is there. */
export interface LimitsPlan {
  bodyBytes: number | undefined;
  rate: { requestsPerSecond: number; burst: number } | undefined;
  forwardedDepth: number | undefined;
}

/** What runs behind a class: what was said, or what the class is called. */
export function controllerOf(
  controller: EdgeController | undefined,
  className: string | undefined,
): EdgeController {
  const named = Object.values(EdgeController).find((known) => known === className);
  return controller ?? named ?? EdgeController.Other;
}

/** Plans how callers reach the gateway, from arguments without faults; undefined where they do not. */
export function planExposure(name: string, args: ApiGatewayArgs): ExposurePlan | undefined {
  const { gateway, ingress } = args;
  const by = gateway ?? ingress;
  if (by === undefined) return undefined;
  const exposed = {
    annotations: by.annotations ?? {},
    controller: controllerOf(by.controller, by.className),
    hosts: args.hosts ?? [],
    limits: planLimits(args.limits),
    path: by.path ?? "/",
  };
  if (ingress !== undefined) {
    const tls = planTls(name, ingress.tls);
    return { ...exposed, kind: "ingress", className: ingress.className, tls };
  }
  return { ...exposed, kind: "gateway", by: planParent(name, args) };
}

/** True where cert-manager issues the certificate that callers see. */
export function isIssued(exposure: ExposurePlan | undefined): boolean {
  if (exposure === undefined) return false;
  const tls = exposure.kind === "ingress" ? exposure.tls : exposure.by.own && exposure.by.tls;
  return tls !== false && Object.keys(tls.annotations).length > 0;
}

function planParent(name: string, { gateway = {} }: ApiGatewayArgs): OwnGateway | ExistingGateway {
  const { className = "", parent, tls = {} } = gateway;
  if (parent === undefined) return { own: true, className, tls: planTls(name, tls) };
  const { name: parentName, namespace, sectionName } = parent;
  return {
    own: false,
    parentRef: {
      name: parentName,
      ...(namespace !== undefined && { namespace }),
      ...(sectionName !== undefined && { sectionName }),
    },
  };
}

/**
 * The annotations by which cert-manager finds Ingresses and Gateways to issue certificates for.
 * Source: https://cert-manager.io/docs/usage/ingress/ and https://cert-manager.io/docs/usage/gateway/
 */
function planTls(name: string, { clusterIssuer, issuer, secretName }: ApiGatewayTls): TlsPlan {
  return {
    annotations: {
      ...(clusterIssuer !== undefined && { [ANNOTATIONS.clusterIssuer]: clusterIssuer }),
      ...(issuer !== undefined && { [ANNOTATIONS.issuer]: issuer }),
    },
    secretName: secretName ?? objectName([name, "tls"]),
  };
}

function planLimits(limits: ApiGatewayLimits = {}): LimitsPlan | undefined {
  const { bodyKib, burst, forwardedDepth, requestsPerSecond } = limits;
  if (bodyKib === undefined && requestsPerSecond === undefined) return undefined;
  return {
    bodyBytes: bodyKib === undefined ? undefined : bodyKib * 1024,
    rate:
      requestsPerSecond === undefined
        ? undefined
        : { requestsPerSecond, burst: burst ?? 2 * requestsPerSecond },
    forwardedDepth,
  };
}
