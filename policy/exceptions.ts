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
      "a server's own key, of Consul, Queen or a store: whoever loses it has another made, with its certificate, by the authority, whose key is guarded",
  },
  {
    type: "tls:index/privateKey:PrivateKey",
    name: /-client-key$/,
    reason:
      "the key of one of Queen's consumers: made anew as a server's is, by the authority, whose key is guarded",
  },
  {
    type: "aws:cloudwatch/logGroup:LogGroup",
    name: /-flow-logs$/,
    reason:
      "the group of a network's flows goes with the network, which has no guard: kept, it would refuse the next network of that name; the cluster's logs, who did what, are guarded",
  },
  {
    type: "aws:secretsmanager/secret:Secret",
    name: /-queen-identity$/,
    reason:
      "a copy of the certificate and key that the trace uploader is given: the next update writes it again, and a copy that stays when its function goes is one too many",
  },
  {
    type: "gcp:secretmanager/secret:Secret",
    name: /-queen-identity$/,
    reason: "the same copy on Google Cloud",
  },
  {
    type: "gcp:storage/bucket:Bucket",
    name: /-code$/,
    reason:
      "the trace uploader's code, which the next update uploads again; no trace is ever in it",
  },
  {
    type: "azure-native:storage:StorageAccount",
    name: /-code$/,
    reason:
      "the trace uploader's code and its host's locks and queue, made again by the next update; no trace is ever in it",
  },
  {
    type: "random:index/randomPassword:RandomPassword",
    name: /-login$/,
    reason:
      "the password of one user of a Redis in the cluster, which goes with its consumer: another is made, and the same update tells server and consumer",
  },
  {
    type: "random:index/randomPassword:RandomPassword",
    name: /-password$/,
    reason:
      "the password of a store that a cloud runs, changed by its replacement, which a guard would refuse: the same update tells server, secret store and consumers, and who administers the cloud sets one at any time",
  },
];

/** A store of objects that need not keep all that others must. */
export interface OpenStore {
  type: string;
  /** Fits its logical name. */
  name: RegExp;
  reason: string;
}

/** Every store whose keys open it, and that keeps no versions. */
export const openStores: readonly OpenStore[] = [
  {
    type: "azure-native:storage:StorageAccount",
    name: /-code$/,
    reason:
      "Pulumi's provider uploads the function app's package with the account's key (pulumi-azure-native issue 2015), and Azure fetches it with a signature made of that key; no trace is ever in it",
  },
];
