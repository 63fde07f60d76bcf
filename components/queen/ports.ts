/** The port on which Queen is called, inside the cluster and outside: 9P's own. */
export const QUEEN_PORT = 564;

/** The pod's ports: of the listener that workers and gateways call, and of the one that uploaders call. */
export const QUEEN_POD_PORTS = Object.freeze({ fabric: 5640, uploads: 5641 });

/** The value of `app.kubernetes.io/name` on Queen's pod. */
export const QUEEN_APP = "queen";
