import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import * as appsv1 from "@pulumi/kubernetes/apps/v1";
import * as autoscalingv2 from "@pulumi/kubernetes/autoscaling/v2";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as networkingv1 from "@pulumi/kubernetes/networking/v1";
import * as policyv1 from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../shared/require-plan";
import type { ApiGatewayArgs } from "./args";
import { createEdge } from "./edge";
import { CA_FILE } from "./environment";
import { gatewayMetadata, SKIP_AWAIT } from "./metadata";
import { gatewayPolicy } from "./network-policy";
import { type ApiGatewayPlan, planApiGateway } from "./plan";
import { apiGatewayPodLabels } from "./ports";
import { autoscalerSpec, deploymentSpec, serviceSpec } from "./workload";

/**
 * The gateway before the workers: a Deployment that finds them in Consul's catalogue, keeps its state in Postgres and Redis,
 * and is reached by an Ingress or the Gateway API with TLS. See docs/api-gateway.md.
 *
 * Creates, under its logical name `NAME`: the ServiceAccount `NAME` (no token is mounted), the Deployment `NAME`, the Service
 * `NAME`, the NetworkPolicy `NAME`, with more than one pod the PodDisruptionBudget `NAME`; with `consul` and `queen` the
 * ConfigMaps `NAME-consul-ca` and `NAME-queen-ca`; with `autoscaling` the HorizontalPodAutoscaler `NAME`; with
 * `metrics.serviceMonitor` the ServiceMonitor `NAME`; with an issuer the NetworkPolicy `NAME-acme`; with `ingress` the Ingress `NAME`; with `gateway` the HTTPRoute `NAME-route`
 * and, without `parent`, the Gateway `NAME-gateway`; with `limits` the Middlewares `NAME-rate` and `NAME-body` (Traefik) or the
 * BackendTrafficPolicy `NAME-limits` (Envoy Gateway). It costs what `resources` keeps free for each pod.
 *
 * ```typescript
 * new ApiGateway("gateway", {
 *   image: "registry/gateway@sha256:...", namespace: services, hosts: ["api.example.com"],
 *   ingress: { className: "traefik", tls: { clusterIssuer: "letsencrypt" } }, clients: [{ namespace: "traefik" }],
 *   consul: consulRef(consul, "gateway"), workers: { serviceName: workers.serviceName, namespace: agents },
 * });
 * ```
 *
 * Not for whatever else is served over HTTP: it brings no Deployment but this one.
 */
export class ApiGateway extends pulumi.ComponentResource {
  /** Name of the Deployment. */
  public readonly deploymentName: pulumi.Output<string>;
  /** Namespace of the gateway. */
  public readonly namespace: pulumi.Output<string>;
  /** Labels that select the gateway's pods. */
  public readonly podLabels: pulumi.Output<Record<string, string>>;
  /** Name of the Service. */
  public readonly serviceName: pulumi.Output<string>;
  /** Where callers reach the gateway, one a host; empty without exposure. */
  public readonly urls: pulumi.Output<string[]>;

  constructor(name: string, args: ApiGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:ApiGateway", name, args, opts);
    const plan = requirePlan("ApiGateway", name, planApiGateway(name, args));

    const before = [
      createServiceAccount(this, plan),
      createPolicy(this, plan),
      ...createAuthorities(this, plan),
    ];
    const service = createService(this, plan);
    const deployment = createDeployment(this, plan, before);
    createDisruptionBudget(this, plan);
    createAutoscaler(this, plan, deployment);
    createServiceMonitor(this, plan, service);
    createEdge(this, plan, [service, deployment]);

    this.deploymentName = deployment.metadata.name;
    this.namespace = deployment.metadata.namespace;
    this.podLabels = pulumi.output(apiGatewayPodLabels(name));
    this.serviceName = service.metadata.name;
    this.urls = pulumi.output(urlsOf(plan));
    this.registerOutputs({
      deploymentName: this.deploymentName,
      namespace: this.namespace,
      podLabels: this.podLabels,
      serviceName: this.serviceName,
      urls: this.urls,
    });
  }
}

function createServiceAccount(parent: ApiGateway, plan: ApiGatewayPlan) {
  return new corev1.ServiceAccount(
    plan.name,
    { metadata: gatewayMetadata(plan), automountServiceAccountToken: false },
    { parent },
  );
}

/** Before the pods: they never run without it. */
function createPolicy(parent: ApiGateway, plan: ApiGatewayPlan) {
  return new networkingv1.NetworkPolicy(
    plan.name,
    { metadata: gatewayMetadata(plan), spec: gatewayPolicy(plan) },
    { parent },
  );
}

function createAuthorities(parent: ApiGateway, plan: ApiGatewayPlan): pulumi.Resource[] {
  const authorities = { "consul-ca": plan.consul, "queen-ca": plan.queen };
  return Object.entries(authorities).flatMap(([suffix, ref]) =>
    ref === undefined
      ? []
      : [
          new corev1.ConfigMap(
            `${plan.name}-${suffix}`,
            { metadata: gatewayMetadata(plan, suffix), data: { [CA_FILE]: ref.caCertificate } },
            { parent },
          ),
        ],
  );
}

function createService(parent: ApiGateway, plan: ApiGatewayPlan) {
  const metadata = { ...gatewayMetadata(plan), annotations: SKIP_AWAIT };
  return new corev1.Service(plan.name, { metadata, spec: serviceSpec(plan) }, { parent });
}

function createDeployment(parent: ApiGateway, plan: ApiGatewayPlan, dependsOn: pulumi.Resource[]) {
  return new appsv1.Deployment(
    plan.name,
    { metadata: gatewayMetadata(plan), spec: deploymentSpec(plan) },
    { parent, dependsOn },
  );
}

/** A budget for a single pod would only keep its node from ever being drained. */
function createDisruptionBudget(parent: ApiGateway, plan: ApiGatewayPlan): void {
  const { autoscaling, maxUnavailable, name, replicas } = plan;
  if ((replicas ?? autoscaling?.maxReplicas ?? 1) === 1) return;
  new policyv1.PodDisruptionBudget(
    name,
    {
      metadata: gatewayMetadata(plan),
      spec: {
        maxUnavailable,
        selector: { matchLabels: apiGatewayPodLabels(name) },
        // A pod that is broken anyway must not keep its node from being drained.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    { parent },
  );
}

function createAutoscaler(
  parent: ApiGateway,
  plan: ApiGatewayPlan,
  deployment: appsv1.Deployment,
): void {
  if (plan.autoscaling === undefined) return;
  new autoscalingv2.HorizontalPodAutoscaler(
    plan.name,
    {
      metadata: gatewayMetadata(plan),
      spec: autoscalerSpec(deployment.metadata.name, plan.autoscaling),
    },
    { parent },
  );
}

function createServiceMonitor(
  parent: ApiGateway,
  plan: ApiGatewayPlan,
  service: corev1.Service,
): void {
  if (plan.metrics?.serviceMonitor !== true) return;
  const { intervalSeconds, monitorLabels, path } = plan.metrics;
  const metadata = gatewayMetadata(plan);
  new CustomResource(
    plan.name,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { ...metadata, labels: { ...metadata.labels, ...monitorLabels } },
      spec: {
        selector: { matchLabels: apiGatewayPodLabels(plan.name) },
        endpoints: [{ port: "metrics", path, interval: `${String(intervalSeconds)}s` }],
      },
    },
    { parent, dependsOn: service },
  );
}

function urlsOf({ exposure }: ApiGatewayPlan): string[] {
  if (exposure === undefined) return [];
  const path = exposure.path === "/" ? "" : exposure.path;
  return exposure.hosts.map((host) => `https://${host}${path}`);
}
