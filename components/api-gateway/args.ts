import type { Input } from "@pulumi/pulumi";
import type { ConsulRef } from "../consul/consul-ref";
import type { DataStoreRef } from "../data-store/data-store-ref";
import type { QueenRef } from "../queen/queen-ref";
import type { Toleration } from "../shared/node-contract";
import type { ApiGatewayIngress, ApiGatewayLimits, ApiGatewayRoute } from "./exposure-args";

/** One environment variable of a gateway whose value lies in a Secret. */
export interface ApiGatewaySecretVariable {
  /** Name of the variable. */
  name: string;
  /** The key of the Secret that holds the value. */
  secretKey: string;
  /** Name of the Secret, in the gateway's namespace. */
  secretName: Input<string>;
}

/** One end of a connection: pods, addresses or both. */
export interface ApiGatewayPeer {
  /** Addresses in CIDR notation, as in "10.0.0.0/8". Defaults to none. */
  cidrs?: string[];
  /** Namespace of the pods. Defaults to none: no pods. */
  namespace?: Input<string>;
  /** Labels of the pods. Defaults to none: all pods of the namespace. */
  podLabels?: Record<string, string>;
}

/** Connections that a gateway opens beyond those to the fabric. */
export interface ApiGatewayEgress {
  /** TCP ports of whoever is called; of pods their own, not their Service's. */
  ports: number[];
  /** Who is called. */
  to: ApiGatewayPeer;
}

/** The workers, which a gateway finds in Consul's catalogue and calls. */
export interface ApiGatewayWorkers {
  /** Name of their service in the catalogue. */
  serviceName: Input<string>;
  /** Addresses of the nodes, for workers that live in their node's network. Defaults to none. */
  cidrs?: string[];
  /** Their namespace. Required without `cidrs`. Defaults to none. */
  namespace?: Input<string>;
  /** Ports on which a gateway calls them. Defaults to 8081. */
  ports?: number[];
}

/** How many pods there are, by what they use: then the autoscaler alone says how many. */
export interface ApiGatewayAutoscaling {
  /** Most pods, 1 to 1000. */
  maxReplicas: number;
  /** Mean use of the CPU that pods ask for, in percent, above which there are more. Defaults to 70. */
  cpuPercent?: number;
  /** The same for memory, which must not stay above it when the load goes. Defaults to not looked at. */
  memoryPercent?: number;
  /** Least pods. Defaults to 3. */
  minReplicas?: number;
  /** Part of the pods that go within a minute at most, in percent. Defaults to 50. */
  scaleDownPercent?: number;
  /** How long use must be low before pods go, in seconds, 0 to 3600. Defaults to 300. */
  scaleDownStabilisationSeconds?: number;
  /** By how much pods grow within 15 seconds at most, in percent, or by 4 where that is more. Defaults to 100. */
  scaleUpPercent?: number;
  /** How long use must be high before pods come, in seconds, 0 to 3600. Defaults to 0. */
  scaleUpStabilisationSeconds?: number;
}

/** Where a gateway answers what measures it. */
export interface ApiGatewayMetrics {
  /** Who may read them: the monitoring's pods. */
  scrapers: ApiGatewayPeer[];
  /** How often they are read, in seconds; only with `serviceMonitor`. Defaults to 30. */
  intervalSeconds?: number;
  /** Labels of the ServiceMonitor by which a Prometheus selects it. Defaults to none. */
  monitorLabels?: Record<string, string>;
  /** Path of the metrics. Defaults to "/metrics". */
  path?: string;
  /** Port of the metrics, another than the gateway's: this one is not exposed. Defaults to 9090. */
  port?: number;
  /** Makes a ServiceMonitor; the Prometheus operator's definitions must be there. Defaults to false. */
  serviceMonitor?: boolean;
}

/** What the kubelet asks of a gateway, on its port. */
export interface ApiGatewayProbes {
  /** Without an answer here for 30 seconds a pod is restarted. Defaults to "/health". */
  livenessPath?: string;
  /** Without an answer here for 10 seconds a pod gets no requests. Defaults to "/health". */
  readinessPath?: string;
  /** How long a pod has to start, in seconds. Defaults to 60. */
  startupSeconds?: number;
}

/** What one pod of a gateway gets of its node. */
export interface ApiGatewayResources {
  /** CPU that is kept free, as in `500m`. Defaults to "250m". */
  cpu?: string;
  /** Memory that is kept free and at most used, as in `1Gi`. Defaults to "256Mi". */
  memory?: string;
}

/** Arguments of {@link ApiGateway}. */
export interface ApiGatewayArgs {
  /** The gateway's image, by digest. What it must do is in docs/api-gateway.md. */
  image: string;
  /** Namespace of the gateway; Pod Security level `restricted` is enough. */
  namespace: Input<string>;
  /** Makes an autoscaler, and leaves the number of pods to it. Defaults to none. */
  autoscaling?: ApiGatewayAutoscaling;
  /** Who may call the gateway: the pods or addresses of the ingress controller. Required with `ingress` and `gateway`. Defaults to nobody. */
  clients?: ApiGatewayPeer[];
  /** The gateway's command. Defaults to the image's own. */
  command?: string[];
  /** Consul, where the gateway finds workers. Defaults to none. */
  consul?: ConsulRef;
  /**
   * Consul's servers, for the policy of what the gateway calls. Defaults to the pods of a `Consul` component in the namespace
   * that the address names, and for any other address to everything on the address's port.
   */
  consulServers?: ApiGatewayPeer;
  /** Connections that the gateway opens beyond those to the fabric. Defaults to none. */
  egress?: ApiGatewayEgress[];
  /** Further environment variables; Kubernetes expands `$(NAME)` in their values. Defaults to none. */
  environment?: Record<string, Input<string>>;
  /** Further environment variables whose values lie in Secrets. Defaults to none. */
  environmentSecrets?: ApiGatewaySecretVariable[];
  /** Exposes the gateway by the Gateway API; not beside `ingress`. Defaults to no exposure. */
  gateway?: ApiGatewayRoute;
  /** Names under which the gateway is called; `*.` may stand before one. Required with `ingress` and `gateway`. Defaults to none. */
  hosts?: string[];
  /** Exposes the gateway by an Ingress; not beside `gateway`. Defaults to no exposure. */
  ingress?: ApiGatewayIngress;
  /** What one caller may ask, held at the edge; only with `ingress` or `gateway`. Defaults to no limits. */
  limits?: ApiGatewayLimits;
  /** How many pods an eviction may take at once: a count or a percentage. Defaults to "1". */
  maxUnavailable?: string;
  /** Where the gateway answers what measures it. Defaults to none. */
  metrics?: ApiGatewayMetrics;
  /** Labels that a node must have. Defaults to none. */
  nodeSelector?: Record<string, string>;
  /** Port that the gateway listens on and its Service offers. Defaults to 8080. */
  port?: number;
  /** The gateway's Postgres. Defaults to none. */
  postgres?: DataStoreRef;
  /**
   * How long a pod that is to end goes on as before, in seconds: until no balancer sends it anything new. Defaults to 10.
   */
  preStopSeconds?: number;
  /** PriorityClass of the pods. Defaults to none. */
  priorityClassName?: Input<string>;
  /** What the kubelet asks of a pod. Defaults to what {@link ApiGatewayProbes} says. */
  probes?: ApiGatewayProbes;
  /** Queen, whom the gateway calls with a certificate of its own. Defaults to none. */
  queen?: QueenRef;
  /** The gateway's Redis. Defaults to none. */
  redis?: DataStoreRef;
  /** How many pods, 1 to 1000; not beside `autoscaling`. Defaults to 3. */
  replicas?: number;
  /** What one pod gets of its node. Defaults to what {@link ApiGatewayResources} says. */
  resources?: ApiGatewayResources;
  /** Leaves a pod waiting rather than unevenly spread over zones and nodes. Defaults to false. */
  strictSpread?: boolean;
  /** How long a pod has to end, `preStopSeconds` included, in seconds. Defaults to 60. */
  terminationGracePeriodSeconds?: number;
  /** Taints to tolerate. Defaults to none. */
  tolerations?: Toleration[];
  /** User and group that the gateway runs as, not 0. Defaults to 65532. */
  userId?: number;
  /** The workers; only with `consul`. Defaults to none. */
  workers?: ApiGatewayWorkers;
}
