import type { EnvironmentVariable } from "../shared/environment-variable";

/** A worker's entry in Consul's catalogue, planned. */
export interface RegistrationPlan {
  serviceName: string;
  tags: string[];
  meta: Record<string, string>;
  healthPort: number;
}

/** Consul asks for a worker's health this often. */
const HEALTH_INTERVAL = "10s";

/**
 * Consul forgets a worker that was unhealthy for so long. A worker registers with whichever server the
 * Service led it to and only that server can take the entry back, so an entry whose worker was moved or
 * killed has to end by itself.
 */
const FORGET_AFTER = "10m";

/**
 * Renders a worker's registration, the body of Consul's `PUT /v1/agent/service/register`, with the node's
 * name and the pod's address as references that Kubernetes resolves when it starts the container.
 * Source: https://developer.hashicorp.com/consul/api-docs/agent/service
 */
function registrationBody(plan: RegistrationPlan): string {
  return JSON.stringify({
    ID: `${plan.serviceName}-$(NODE_NAME)`,
    Name: plan.serviceName,
    Tags: plan.tags.map(literally),
    Address: "$(POD_IP)",
    Port: plan.healthPort,
    Meta: metaWithNode(plan),
    Check: {
      HTTP: `http://$(POD_IP):${plan.healthPort}/health`,
      Interval: HEALTH_INTERVAL,
      DeregisterCriticalServiceAfter: FORGET_AFTER,
    },
  });
}

/**
 * The registration as environment variables: whole, for a worker that sends it as it is, and in parts, for
 * one that makes its own. They refer to NODE_NAME and POD_IP, so they must come after those.
 */
export function registrationEnvironment(plan: RegistrationPlan): EnvironmentVariable[] {
  return [
    { name: "CONSUL_SERVICE_ID", value: `${plan.serviceName}-$(NODE_NAME)` },
    { name: "CONSUL_SERVICE_NAME", value: plan.serviceName },
    { name: "CONSUL_SERVICE_TAGS", value: plan.tags.map(literally).join(",") },
    { name: "CONSUL_SERVICE_META", value: JSON.stringify(metaWithNode(plan)) },
    { name: "CONSUL_SERVICE_PORT", value: String(plan.healthPort) },
    { name: "CONSUL_SERVICE_REGISTRATION", value: registrationBody(plan) },
  ];
}

function metaWithNode({ meta }: RegistrationPlan): Record<string, string> {
  const own = Object.entries(meta).map(([key, value]) => [key, literally(value)] as const);
  return { node: "$(NODE_NAME)", kvm_enabled: "true", ...Object.fromEntries(own) };
}

/** Keeps Kubernetes from resolving `$(NAME)` in a user's text. */
function literally(text: string): string {
  return text.split("$(").join("$$(");
}
