import { WORKER_HEALTH_PORT } from "../worker/ports";
import type { ApiGatewayPlan, AutoscalingPlan } from "./plan";
import { API_GATEWAY_PORT } from "./ports";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  maxUnavailable: "1",
  metricsPort: 9090,
  port: API_GATEWAY_PORT,
  preStopSeconds: 10,
  replicas: 3,
  terminationGracePeriodSeconds: 60,
  userId: 65532,
  workerPorts: Object.freeze<readonly number[]>([WORKER_HEALTH_PORT]),
  autoscaling: Object.freeze<Omit<AutoscalingPlan, "maxReplicas">>({
    cpuPercent: 70,
    memoryPercent: undefined,
    minReplicas: 3,
    scaleDownPercent: 50,
    scaleDownStabilisationSeconds: 300,
    scaleUpPercent: 100,
    scaleUpStabilisationSeconds: 0,
  }),
  probes: Object.freeze<ApiGatewayPlan["probes"]>({
    livenessPath: "/health",
    readinessPath: "/health",
    startupSeconds: 60,
  }),
  resources: Object.freeze<ApiGatewayPlan["resources"]>({ cpu: "250m", memory: "256Mi" }),
});
