import type { Input } from "@pulumi/pulumi";

/** What runs behind an ingress class or a GatewayClass: it decides how limits are written. */
export const EdgeController = {
  /** Envoy Gateway, 1.4 or newer: a BackendTrafficPolicy. Only with `gateway`. */
  EnvoyGateway: "envoy-gateway",
  /** The community's ingress-nginx, retired in March 2026: annotations. Only with `ingress`. */
  Nginx: "nginx",
  /** Any other: it gets no limits from here. */
  Other: "other",
  /** Traefik, 3.0 or newer: Middleware objects. */
  Traefik: "traefik",
} as const;
/** See the members of the constant of the same name. */
export type EdgeController = (typeof EdgeController)[keyof typeof EdgeController];

/** The certificate that callers see: issued by cert-manager, or one that is there already. */
export interface ApiGatewayTls {
  /** The ClusterIssuer of cert-manager that issues it. Defaults to none. */
  clusterIssuer?: string;
  /** The Issuer of cert-manager, in the gateway's namespace, that issues it. Defaults to none. */
  issuer?: string;
  /**
   * Name of the Secret of type `kubernetes.io/tls` in the gateway's namespace. Required without an issuer, for it must exist
   * then. Defaults to `NAME-tls`.
   */
  secretName?: string;
}

/** An Ingress before the gateway. */
export interface ApiGatewayIngress {
  /** Name of the IngressClass. */
  className: string;
  /** The certificate that callers see. */
  tls: ApiGatewayTls;
  /** Further annotations of the Ingress. Defaults to none. */
  annotations?: Record<string, string>;
  /** What runs behind the class. Defaults to the class's name where that is a controller's, else to `EdgeController.Other`. */
  controller?: EdgeController;
  /** Beginning of the paths that lead to the gateway. Defaults to "/". */
  path?: string;
}

/** A Gateway of the Gateway API that somebody else made, with listeners for TLS of their own. */
export interface ApiGatewayParent {
  /** Name of the Gateway. */
  name: Input<string>;
  /** Namespace of the Gateway. Defaults to the gateway's own. */
  namespace?: Input<string>;
  /** Name of one of its listeners. Defaults to all that take the hosts. */
  sectionName?: string;
}

/** A route of the Gateway API that leads to the gateway, by a Gateway of its own or by an existing one. */
export interface ApiGatewayRoute {
  /** Further annotations of the own Gateway. Defaults to none. */
  annotations?: Record<string, string>;
  /** Name of the GatewayClass of an own Gateway. Required without `parent`. Defaults to none. */
  className?: string;
  /** What runs behind the class. Defaults to the class's name where that is a controller's, else to `EdgeController.Other`. */
  controller?: EdgeController;
  /** The existing Gateway. Defaults to an own one. */
  parent?: ApiGatewayParent;
  /** Beginning of the paths that lead to the gateway. Defaults to "/". */
  path?: string;
  /** The certificate that callers of an own Gateway see. Required without `parent`. Defaults to none. */
  tls?: ApiGatewayTls;
}

/** What one caller may ask of the gateway, held at the edge. */
export interface ApiGatewayLimits {
  /** Longest body of a request, in KiB: a longer one is answered with 413. Defaults to no limit of ours. */
  bodyKib?: number;
  /**
   * Requests beyond the rate that a caller may make at once; nginx rounds it up to a multiple of the rate, and Envoy Gateway
   * knows none. Defaults to twice the rate.
   */
  burst?: number;
  /**
   * Which entry of `X-Forwarded-For`, counted from the end, is the caller's address, for Traefik behind other proxies.
   * Defaults to none: whoever opened the connection.
   */
  forwardedDepth?: number;
  /**
   * Requests a second that one address may make, counted by each instance of the controller for itself: more are answered with
   * 429, by nginx with 503. Defaults to no limit of ours.
   */
  requestsPerSecond?: number;
}
