/** The port on which a worker answers `GET /health`, to the kubelet and to Consul's servers. */
export const WORKER_HEALTH_PORT = 8081;

/** The value of `app.kubernetes.io/name` on every worker pod: what network policies select. */
export const WORKER_APP = "worker";
