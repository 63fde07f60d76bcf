import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { digest } from "../consul/digest";
import { gatewayLabels } from "./metadata";
import type { ApiGatewayPlan, AutoscalingPlan } from "./plan";
import { gatewayPod } from "./pod";
import { apiGatewayPodLabels } from "./ports";

/** Renders the Deployment: a rollout takes no pod away before another is ready. */
export function deploymentSpec(plan: ApiGatewayPlan): k8s.apps.v1.DeploymentSpec {
  const { name, replicas } = plan;
  return {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: apiGatewayPodLabels(name) },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
    minReadySeconds: 5,
    revisionHistoryLimit: 5,
    template: {
      metadata: { labels: gatewayLabels(name), annotations: authorityDigests(plan) },
      spec: gatewayPod(plan),
    },
  };
}

/** Most clients read an authority's certificate once, when they start: another one needs other pods. */
function authorityDigests({ consul, queen }: ApiGatewayPlan) {
  return {
    ...(consul !== undefined && {
      "kvm-fabric.dev/consul-ca": pulumi.output(consul.caCertificate).apply(digest),
    }),
    ...(queen !== undefined && {
      "kvm-fabric.dev/queen-ca": pulumi.output(queen.caCertificate).apply(digest),
    }),
  };
}

/** Renders the Service: callers' port, and the metrics' for who may read them. */
export function serviceSpec({ metrics, name, port }: ApiGatewayPlan): k8s.core.v1.ServiceSpec {
  return {
    type: "ClusterIP",
    selector: apiGatewayPodLabels(name),
    ports: [
      { name: "http", port, targetPort: "http", protocol: "TCP" },
      ...(metrics === undefined
        ? []
        : [{ name: "metrics", port: metrics.port, targetPort: "metrics", protocol: "TCP" }]),
    ],
  };
}

/** Renders the autoscaler of the Deployment. */
export function autoscalerSpec(deployment: pulumi.Input<string>, plan: AutoscalingPlan) {
  const target = (name: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name, target: { type: "Utilization", averageUtilization } },
  });
  const { cpuPercent, maxReplicas, memoryPercent, minReplicas } = plan;
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
    minReplicas,
    maxReplicas,
    metrics: [
      target("cpu", cpuPercent),
      ...(memoryPercent === undefined ? [] : [target("memory", memoryPercent)]),
    ],
    behavior: behaviour(plan),
  };
}

function behaviour(plan: AutoscalingPlan) {
  return {
    scaleUp: {
      stabilizationWindowSeconds: plan.scaleUpStabilisationSeconds,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: plan.scaleUpPercent, periodSeconds: 15 },
        { type: "Pods", value: 4, periodSeconds: 15 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: plan.scaleDownStabilisationSeconds,
      selectPolicy: "Max",
      policies: [{ type: "Percent", value: plan.scaleDownPercent, periodSeconds: 60 }],
    },
  };
}
