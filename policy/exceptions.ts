/** A privileged container that is known, and why it may be. */
export interface Exception {
  /** `app.kubernetes.io/name` of the pod. */
  app: string;
  /** Name of the container. */
  container: string;
  reason: string;
  /** What stands in for what the exception gives up. */
  compensation: string;
  /** Until when somebody must have looked at it again, as in `2027-06-30`. */
  reviewBy: string;
}

/** Every container that may be privileged. */
export const exceptions: readonly Exception[] = [
  {
    app: "worker",
    container: "worker",
    reason:
      "Isolation.PrivilegedHostNetwork, chosen by name and with its reasons in the annotation privileged-reasons: worker images that make bridges and TAP devices on the host themselves",
    compensation:
      "the worker alone, no container beside it; its own namespace and node pool, a taint that keeps other pods away, no token, read-only root file system, guests cut off from the metadata address",
    reviewBy: "2027-06-30",
  },
];

/** What is of a stateful kind, and may go all the same. */
export interface Remakeable {
  type: string;
  /** Fits its logical name. */
  name: RegExp;
  reason: string;
}

/** Everything that needs no guard although others of its kind do. */
export const remakeable: readonly Remakeable[] = [
  {
    type: "tls:index/privateKey:PrivateKey",
    name: /-server-key$/,
    reason:
      "Consul's servers' own key: whoever loses it has another made, with its certificate, by the authority, whose key is guarded",
  },
  {
    type: "aws:cloudwatch/logGroup:LogGroup",
    name: /-flow-logs$/,
    reason:
      "the group of a network's flows goes with the network, which has no guard: kept, it would refuse the next network of that name; the cluster's logs, who did what, are guarded",
  },
];
