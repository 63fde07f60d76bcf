import type { ApiGatewayArgs } from "../../../../components/api-gateway/args";
import type { ApiGatewayIngress } from "../../../../components/api-gateway/exposure-args";

export const image = `registry.example.com/gateway:1.0.0@sha256:${"a".repeat(64)}`;

/** The arguments that nothing goes without. */
export const least: ApiGatewayArgs = { image, namespace: "aetherium" };

export const traefik: ApiGatewayIngress = {
  className: "traefik",
  tls: { clusterIssuer: "letsencrypt-prod" },
};

/** What every exposure needs beside the way. */
export const exposed = {
  hosts: ["api.example.com", "*.apps.example.com"],
  clients: [{ namespace: "edge", podLabels: { app: "traefik" } }],
};

/** Every other argument. */
export const everything: Partial<ApiGatewayArgs> = {
  ...exposed,
  ingress: traefik,
  limits: { requestsPerSecond: 20, burst: 50, bodyKib: 1024, forwardedDepth: 2 },
  autoscaling: { maxReplicas: 12, memoryPercent: 80 },
  command: ["/gateway"],
  consul: {
    address: "https://aetherium-consul.aetherium.svc:8501",
    caCertificate: "CONSUL CA",
    datacenter: "dc1",
    tokenSecretName: "aetherium-consul-gateway-token",
  },
  workers: { serviceName: "aetherium-worker", namespace: "aetherium-agents" },
  postgres: {
    host: "db",
    port: 5432,
    secretName: "gateway-db",
    database: "aetherium",
    namespace: "aetherium",
    podLabels: { "cnpg.io/cluster": "db" },
    privateAuthority: true,
  },
  redis: {
    host: "redis.example.com",
    port: 6380,
    secretName: "gateway-redis",
    cidrs: ["10.1.0.0/16"],
    privateAuthority: false,
  },
  queen: {
    caCertificate: "QUEEN CA",
    clientSecretName: "queen-gateway",
    host: "queen.agents.svc",
    port: 564,
    serverName: "queen",
    namespace: "agents",
    podLabels: { "app.kubernetes.io/name": "queen" },
    targetPort: 5640,
  },
  egress: [{ to: { cidrs: ["203.0.113.0/24"] }, ports: [443] }],
  environment: { LOG_LEVEL: "info" },
  environmentSecrets: [{ name: "JWT_KEY", secretName: "jwt", secretKey: "key" }],
  metrics: {
    scrapers: [{ namespace: "monitoring" }],
    serviceMonitor: true,
    monitorLabels: { release: "prometheus" },
  },
  nodeSelector: { "kubernetes.io/arch": "amd64" },
  priorityClassName: "high",
  strictSpread: true,
  tolerations: [{ key: "edge", operator: "Exists" }],
};
