import type { input as k8s } from "@pulumi/kubernetes/types";
import type { Input } from "@pulumi/pulumi";
import { objectName } from "../shared/names";
import type { GatewayPlan, IngressPlan, OwnGateway } from "./exposure";
import { EdgeController } from "./exposure-args";
import { limitAnnotations, limitObjects } from "./limits";
import { SKIP_AWAIT } from "./metadata";
import { ANNOTATIONS } from "./own-annotations";

/** All annotations of the Ingress: those of arguments and of whoever reads the certificate, the limits and the class. */
export function ingressAnnotations(
  name: string,
  namespace: Input<string>,
  ingress: IngressPlan,
): Record<string, Input<string>> {
  return {
    ...SKIP_AWAIT,
    ...byController(ingress.controller),
    ...ingress.annotations,
    ...ingress.tls.annotations,
    ...limitAnnotations(name, namespace, ingress),
  };
}

/** What keeps each controller from serving the hosts without TLS as well. */
function byController(controller: EdgeController): Record<string, string> {
  switch (controller) {
    case EdgeController.Traefik:
      return { [ANNOTATIONS.traefikEntryPoints]: "websecure", [ANNOTATIONS.traefikTls]: "true" };
    case EdgeController.Nginx:
      return { [ANNOTATIONS.nginxRedirect]: "true" };
    case EdgeController.EnvoyGateway:
    case EdgeController.Other:
      return {};
    default:
      return controller satisfies never;
  }
}

/** Renders the Ingress: each host leads to the Service's port `http`. */
export function ingressSpec(name: string, ingress: IngressPlan): k8s.networking.v1.IngressSpec {
  const { className, hosts, path, tls } = ingress;
  const backend = { service: { name: objectName([name]), port: { name: "http" } } };
  return {
    ingressClassName: className,
    tls: [{ hosts, secretName: tls.secretName }],
    rules: hosts.map((host) => ({
      host,
      http: { paths: [{ path, pathType: "Prefix", backend }] },
    })),
  };
}

/** Renders a Gateway of our own: a listener for TLS a host, of which none serves anything in the clear. */
export function gatewaySpec({ hosts }: GatewayPlan, { className, tls }: OwnGateway) {
  return {
    gatewayClassName: className,
    listeners: hosts.map((hostname, index) => ({
      name: `https-${String(index)}`,
      hostname,
      port: 443,
      protocol: "HTTPS",
      tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: tls.secretName }] },
      allowedRoutes: { namespaces: { from: "Same" } },
    })),
  };
}

/** Renders the route from the Gateway to the Service. */
export function routeSpec(name: string, gateway: GatewayPlan, port: number) {
  const { by, controller, hosts, path } = gateway;
  const filters = controller === EdgeController.Traefik ? traefikFilters(name, gateway) : [];
  return {
    parentRefs: [by.own ? { name: objectName([name]) } : by.parentRef],
    hostnames: hosts,
    rules: [
      {
        matches: [{ path: { type: "PathPrefix", value: path } }],
        ...(filters.length === 0 ? {} : { filters }),
        backendRefs: [{ name: objectName([name]), port }],
      },
    ],
  };
}

function traefikFilters(name: string, gateway: GatewayPlan) {
  return limitObjects(name, gateway).map(({ kind, suffix }) => ({
    type: "ExtensionRef",
    extensionRef: { group: "traefik.io", kind, name: objectName([name, suffix]) },
  }));
}
