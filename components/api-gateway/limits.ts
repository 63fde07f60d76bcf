import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { objectName } from "../shared/names";
import type { ExposurePlan, LimitsPlan } from "./exposure";
import { EdgeController } from "./exposure-args";
import { ANNOTATIONS } from "./own-annotations";

/** A custom object that holds a limit; what it is about is known by its name alone. */
export interface LimitObject {
  apiVersion: string;
  kind: string;
  /** Last part of its name. */
  suffix: string;
  spec: object;
}

/** The objects that hold the limits, for a controller that has some of its own; empty for the others. */
export function limitObjects(name: string, exposure: ExposurePlan | undefined): LimitObject[] {
  if (exposure?.limits === undefined) return [];
  const { controller, limits } = exposure;
  switch (controller) {
    case EdgeController.Traefik:
      return traefikMiddlewares(limits);
    case EdgeController.EnvoyGateway:
      return [envoyPolicy(name, limits)];
    case EdgeController.Nginx:
    case EdgeController.Other:
      return [];
    default:
      return controller satisfies never;
  }
}

/**
 * Source: https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/ratelimit/ and .../buffering/
 */
function traefikMiddlewares({ bodyBytes, forwardedDepth, rate }: LimitsPlan): LimitObject[] {
  const middleware = { apiVersion: "traefik.io/v1alpha1", kind: "Middleware" };
  const sourceCriterion = { ipStrategy: { depth: forwardedDepth } };
  return [
    ...(rate === undefined
      ? []
      : [
          {
            ...middleware,
            suffix: "rate",
            spec: {
              rateLimit: {
                average: rate.requestsPerSecond,
                period: "1s",
                burst: rate.burst,
                ...(forwardedDepth === undefined ? {} : { sourceCriterion }),
              },
            },
          },
        ]),
    ...(bodyBytes === undefined
      ? []
      : [
          {
            ...middleware,
            suffix: "body",
            spec: { buffering: { maxRequestBodyBytes: bodyBytes } },
          },
        ]),
  ];
}

/**
 * One bucket an address: `Distinct` with a block that holds every address. Local rate limits take it since 1.4, as they do
 * the buffer.
 * Source: https://gateway.envoyproxy.io/docs/api/extension_types/#backendtrafficpolicyspec
 */
function envoyPolicy(name: string, { bodyBytes, rate }: LimitsPlan): LimitObject {
  const rules = ["0.0.0.0/0", "::/0"].map((value) => ({
    clientSelectors: [{ sourceCIDR: { type: "Distinct", value } }],
    limit: { requests: rate?.requestsPerSecond, unit: "Second" },
  }));
  return {
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "BackendTrafficPolicy",
    suffix: "limits",
    spec: {
      targetRefs: [
        { group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: objectName([name]) },
      ],
      ...(rate === undefined ? {} : { rateLimit: { type: "Local", local: { rules } } }),
      ...(bodyBytes === undefined ? {} : { requestBuffer: { limit: String(bodyBytes) } }),
    },
  };
}

/**
 * What the limits add to an Ingress. nginx knows a burst as a multiple of the rate only.
 * Source: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
 */
export function limitAnnotations(
  name: string,
  namespace: Input<string>,
  exposure: ExposurePlan,
): Record<string, Input<string>> {
  const { controller, limits } = exposure;
  if (limits === undefined) return {};
  if (controller === EdgeController.Traefik) {
    return { [ANNOTATIONS.traefikMiddlewares]: middlewareNames(name, namespace, exposure) };
  }
  if (controller !== EdgeController.Nginx) return {};
  const { bodyBytes, rate } = limits;
  return {
    ...(bodyBytes !== undefined && { [ANNOTATIONS.nginxBody]: String(bodyBytes) }),
    ...(rate !== undefined && {
      [ANNOTATIONS.nginxRate]: String(rate.requestsPerSecond),
      [ANNOTATIONS.nginxBurst]: String(Math.ceil(rate.burst / rate.requestsPerSecond)),
    }),
  };
}

/** Traefik names the objects of its own kinds `NAMESPACE-NAME@kubernetescrd`. */
function middlewareNames(name: string, namespace: Input<string>, exposure: ExposurePlan) {
  const theirs = exposure.annotations[ANNOTATIONS.traefikMiddlewares];
  const ours = limitObjects(name, exposure).map(({ suffix }) => objectName([name, suffix]));
  return pulumi
    .output(namespace)
    .apply((known) =>
      [...ours.map((own) => `${known}-${own}@kubernetescrd`), theirs ?? []].flat().join(","),
    );
}
