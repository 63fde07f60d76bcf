import type { Fault } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { wholeNumberFaults } from "../shared/numbers";
import { patternFaults } from "../shared/patterns";
import type { ApiGatewayArgs } from "./args";
import { controllerOf } from "./exposure";
import { type ApiGatewayTls, EdgeController } from "./exposure-args";
import { ownAnnotations } from "./own-annotations";

/** The controllers of each kind of exposure that limits are written for. */
const LIMITED_BY = Object.freeze({
  ingress: [EdgeController.Traefik, EdgeController.Nginx],
  gateway: [EdgeController.Traefik, EdgeController.EnvoyGateway],
}) satisfies Record<string, EdgeController[]>;

const SUBDOMAIN = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

/** Checks how callers reach the gateway, and what they may ask. */
export function exposureFaults(args: ApiGatewayArgs): Fault[] {
  const { gateway, ingress, hosts, limits } = args;
  if (gateway === undefined && ingress === undefined) {
    const problem = "the gateway is not exposed";
    const fix = "ingress or gateway";
    return [
      ...(hosts === undefined ? [] : [{ path: "hosts", problem, fix }]),
      ...(limits === undefined ? [] : [{ path: "limits", problem, fix }]),
    ];
  }
  return [
    ...(gateway !== undefined && ingress !== undefined
      ? [{ path: "gateway", problem: "given beside ingress", allowed: "one of the two" }]
      : []),
    ...ingressFaults(args),
    ...gatewayFaults(args),
    ...hostFaults(hosts ?? []),
    ...(gateway === undefined ? [] : routeFaults(hosts ?? [])),
    ...clientFaults(args),
    ...limitFaults(args),
  ];
}

function ingressFaults({ ingress }: ApiGatewayArgs): Fault[] {
  if (ingress === undefined) return [];
  const allowed = [...LIMITED_BY.ingress, EdgeController.Other];
  return [
    ...memberFaults("ingress.controller", ingress.controller, allowed),
    ...classFaults("ingress.className", ingress.className),
    ...pathFaults("ingress.path", ingress.path),
    ...annotationFaults("ingress", ingress.annotations),
    ...tlsFaults("ingress.tls", ingress.tls),
  ];
}

function gatewayFaults({ gateway }: ApiGatewayArgs): Fault[] {
  if (gateway === undefined) return [];
  const allowed = [...LIMITED_BY.gateway, EdgeController.Other];
  const own = ["annotations", "className", "tls"] as const;
  return [
    ...memberFaults("gateway.controller", gateway.controller, allowed),
    ...pathFaults("gateway.path", gateway.path),
    ...annotationFaults("gateway", gateway.annotations),
    ...(gateway.parent === undefined
      ? [...classFaults("gateway.className", gateway.className), ...ownTlsFaults(gateway.tls)]
      : own
          .filter((path) => gateway[path] !== undefined)
          .map((path) => ({
            path: `gateway.${path}`,
            problem: "given beside parent, whose owner says it",
            fix: "to leave it out",
          }))),
  ];
}

function ownTlsFaults(tls: ApiGatewayTls | undefined): Fault[] {
  if (tls !== undefined) return tlsFaults("gateway.tls", tls);
  return [{ path: "gateway.tls", problem: "missing, and nothing is served without TLS" }];
}

function classFaults(path: string, got: string | undefined): Fault[] {
  const allowed = "a-z, 0-9, - and .";
  if (got === undefined) return [{ path, problem: "missing", allowed }];
  return patternFaults(path, got, SUBDOMAIN, "not the name of a class", allowed);
}

/** What an Ingress's rule and a route's match take alike. */
function pathFaults(path: string, got: string | undefined): Fault[] {
  const allowed = "/ or /a/b of letters, digits and . _ ~ -";
  return patternFaults(path, got, /^(\/|(\/[A-Za-z0-9._~-]+)+)$/, "not a path", allowed);
}

function annotationFaults(at: string, annotations: Record<string, string> = {}): Fault[] {
  return Object.keys(annotations)
    .filter(ownAnnotations)
    .map((key) => ({
      path: `${at}.annotations["${key}"]`,
      problem: "the component sets it itself",
      fix: "its arguments tls and limits",
    }));
}

function tlsFaults(path: string, { clusterIssuer, issuer, secretName }: ApiGatewayTls): Fault[] {
  const allowed = "clusterIssuer, issuer, or the name of a Secret that is there";
  const several = clusterIssuer !== undefined && issuer !== undefined;
  const none = clusterIssuer === undefined && issuer === undefined && secretName === undefined;
  return [
    ...(none ? [{ path, problem: "no certificate", allowed }] : []),
    ...(several ? [{ path, problem: "two issuers", allowed: "one of them" }] : []),
    ...Object.entries({ clusterIssuer, issuer, secretName }).flatMap(([key, got]) =>
      patternFaults(`${path}.${key}`, got, SUBDOMAIN, "not a name", "a-z, 0-9, - and ."),
    ),
  ];
}

function hostFaults(hosts: string[]): Fault[] {
  if (hosts.length === 0) {
    return [{ path: "hosts", problem: "missing, and a certificate is for names", fix: "one host" }];
  }
  const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  const name = new RegExp(`^(?=.{1,253}$)(\\*\\.)?${label}(\\.${label})+$`);
  return hosts.flatMap((got, index) => {
    const path = `hosts[${index}]`;
    if (hosts.indexOf(got) < index) return [{ path, problem: "there are two of that name", got }];
    const allowed = "lower-case DNS names of two labels or more, as in api.example.com";
    return patternFaults(path, got, name, "not the name of a host", allowed);
  });
}

/** Source: https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec */
function routeFaults({ length: got }: string[]): Fault[] {
  if (got <= 16) return [];
  const problem = "more than one route of the Gateway API takes";
  return [{ path: "hosts", problem, got, allowed: "1 to 16 hosts", fix: "a wildcard" }];
}

function clientFaults({ clients }: ApiGatewayArgs): Fault[] {
  if (clients !== undefined && clients.length > 0) return [];
  const problem = "missing, so nobody could call the gateway";
  const fix = "the namespace and labels of the ingress controller's pods";
  return [{ path: "clients", problem, fix }];
}

function limitFaults({ gateway, ingress, limits }: ApiGatewayArgs): Fault[] {
  if (limits === undefined) return [];
  const { bodyKib, burst, forwardedDepth, requestsPerSecond } = limits;
  const kind = ingress === undefined ? "gateway" : "ingress";
  const { className, controller: said } = ingress ?? gateway ?? {};
  const controller = controllerOf(said, className);
  const least = requestsPerSecond ?? 1;
  return [
    ...wholeNumberFaults("limits.bodyKib", bodyKib, 1, 1_048_576),
    ...wholeNumberFaults("limits.requestsPerSecond", requestsPerSecond, 1, 1_000_000),
    ...wholeNumberFaults("limits.burst", burst, Number.isInteger(least) ? least : 1, 10_000_000),
    ...wholeNumberFaults("limits.forwardedDepth", forwardedDepth, 1, 16),
    ...(requestsPerSecond === undefined
      ? (["burst", "forwardedDepth"] as const)
          .filter((key) => limits[key] !== undefined)
          .map((key) => ({ path: `limits.${key}`, problem: "there is no rate to go with it" }))
      : []),
    ...controllerFaults(kind, controller, className),
    ...unknownTo(controller, { burst, forwardedDepth }),
  ];
}

function controllerFaults(
  kind: keyof typeof LIMITED_BY,
  controller: EdgeController,
  className: string | undefined,
): Fault[] {
  const able: readonly EdgeController[] = LIMITED_BY[kind];
  if (able.includes(controller)) return [];
  const problem = `nothing is known to hold them behind ${className ?? "the existing Gateway"}`;
  const allowed = `with ${kind}: ${able.join(", ")}`;
  return [{ path: "limits", problem, allowed, fix: `${kind}.controller, if it is one of those` }];
}

/** Parts of the limits that a controller has no words for. */
function unknownTo(
  controller: EdgeController,
  { burst, forwardedDepth }: { burst: number | undefined; forwardedDepth: number | undefined },
): Fault[] {
  const envoy = controller === EdgeController.EnvoyGateway;
  const depthless = controller === EdgeController.Nginx || envoy;
  return [
    ...(envoy && burst !== undefined
      ? [{ path: "limits.burst", problem: "Envoy Gateway knows none", fix: "to leave it out" }]
      : []),
    ...(depthless && forwardedDepth !== undefined
      ? [
          {
            path: "limits.forwardedDepth",
            problem: "only Traefik takes it with the limit",
            fix: "the controller's own settings of the proxies that it trusts",
          },
        ]
      : []),
  ];
}
