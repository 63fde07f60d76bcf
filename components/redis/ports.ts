/** The port on which a Redis is called, with TLS alone. */
export const REDIS_PORT = 6379;

/** The value of `app.kubernetes.io/name` on the pods of a Redis in the cluster. */
export const REDIS_APP = "redis";
