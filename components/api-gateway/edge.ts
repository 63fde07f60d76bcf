import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as networkingv1 from "@pulumi/kubernetes/networking/v1";
import type * as pulumi from "@pulumi/pulumi";
import { type GatewayPlan, type IngressPlan, isIssued } from "./exposure";
import { EdgeController } from "./exposure-args";
import { limitObjects } from "./limits";
import { gatewayMetadata } from "./metadata";
import { solverPolicy } from "./network-policy";
import type { ApiGatewayPlan } from "./plan";
import { gatewaySpec, ingressAnnotations, ingressSpec, routeSpec } from "./routes";

/** Makes what leads callers from outside to the Service, once there are pods behind it. */
export function createEdge(
  parent: pulumi.Resource,
  plan: ApiGatewayPlan,
  dependsOn: pulumi.Resource[],
): void {
  const { exposure } = plan;
  if (exposure === undefined) return;
  if (isIssued(exposure)) createSolverPolicy(parent, plan);
  switch (exposure.kind) {
    case "ingress":
      createIngress(parent, plan, exposure, [...dependsOn, ...createLimits(parent, plan)]);
      return;
    case "gateway":
      createRoute(parent, plan, exposure, dependsOn);
      return;
    default:
      exposure satisfies never;
  }
}

function createSolverPolicy(parent: pulumi.Resource, plan: ApiGatewayPlan): void {
  new networkingv1.NetworkPolicy(
    `${plan.name}-acme`,
    { metadata: gatewayMetadata(plan, "acme"), spec: solverPolicy(plan) },
    { parent },
  );
}

function createLimits(
  parent: pulumi.Resource,
  plan: ApiGatewayPlan,
  dependsOn: pulumi.Resource[] = [],
): CustomResource[] {
  return limitObjects(plan.name, plan.exposure).map(
    ({ apiVersion, kind, spec, suffix }) =>
      new CustomResource(
        `${plan.name}-${suffix}`,
        { apiVersion, kind, metadata: gatewayMetadata(plan, suffix), spec },
        { parent, dependsOn },
      ),
  );
}

function createIngress(
  parent: pulumi.Resource,
  plan: ApiGatewayPlan,
  ingress: IngressPlan,
  dependsOn: pulumi.Resource[],
): void {
  const { name, namespace } = plan;
  const annotations = ingressAnnotations(name, namespace, ingress);
  new networkingv1.Ingress(
    name,
    { metadata: { ...gatewayMetadata(plan), annotations }, spec: ingressSpec(name, ingress) },
    { parent, dependsOn },
  );
}

const GATEWAY_API = "gateway.networking.k8s.io/v1";

/** Traefik's route names its Middlewares, so they come first; Envoy Gateway's policy names the route. */
function createRoute(
  parent: pulumi.Resource,
  plan: ApiGatewayPlan,
  gateway: GatewayPlan,
  before: pulumi.Resource[],
): void {
  const { name, port } = plan;
  const { by } = gateway;
  const metadata = gatewayMetadata(plan);
  const limitsFirst = gateway.controller !== EdgeController.EnvoyGateway;
  const dependsOn = [...before, ...(limitsFirst ? createLimits(parent, plan) : [])];
  if (by.own) {
    const annotations = { ...gateway.annotations, ...by.tls.annotations };
    const spec = gatewaySpec(gateway, by);
    dependsOn.push(
      new CustomResource(
        `${name}-gateway`,
        { apiVersion: GATEWAY_API, kind: "Gateway", metadata: { ...metadata, annotations }, spec },
        { parent },
      ),
    );
  }
  const route = new CustomResource(
    `${name}-route`,
    { apiVersion: GATEWAY_API, kind: "HTTPRoute", metadata, spec: routeSpec(name, gateway, port) },
    { parent, dependsOn },
  );
  if (!limitsFirst) createLimits(parent, plan, [route]);
}
