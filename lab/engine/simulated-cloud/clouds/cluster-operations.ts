import type { Properties } from "../../grpc/wire";
import { textAt } from "./paths";
import type { CloudCall } from "./trouble";

/** A call that changes a cluster or one of its pools. */
export interface ClusterCall {
  operation: CloudCall["operation"];
  type: string;
  /** The provider's id; "" for what is being made. */
  id: string;
  inputs: Properties;
}

interface Running {
  isPool: boolean;
  /** The pool's name; the cluster's where it is the cluster itself. */
  name: string;
  state: string;
  done: Promise<void>;
}

type End = () => void;

const AKS = "azure-native:containerservice:";
const GKE = "gcp:container/";
const KINDS: ReadonlySet<string> = new Set([
  `${AKS}ManagedCluster`,
  `${AKS}AgentPool`,
  `${GKE}cluster:Cluster`,
  `${GKE}nodePool:NodePool`,
]);
const STATES: Readonly<Partial<Record<CloudCall["operation"], string>>> = {
  create: "Creating",
  update: "Updating",
  delete: "Deleting",
};
const GKE_POOLS_AT_A_TIME = 5;

/**
 * What runs on the clusters of AKS and GKE, which take few operations at a time.
 *
 * - AKS takes one, and refuses any other (Azure/AKS#1913, cilium/cilium#25944): the provider hands that on.
 * - GKE takes five on pools, and answers the sixth with 429 (hashicorp/terraform-provider-google#15205), which the
 *   provider hands on. One on the cluster itself goes alone: there the provider waits, before and after.
 */
export class ClusterOperations {
  readonly #running = new Map<string, Running[]>();

  /** Begins an operation and answers with what ends it. Throws what the cloud answers where it refuses. */
  async begin(call: ClusterCall, note: (message: string) => void): Promise<End> {
    const state = STATES[call.operation];
    if (state === undefined || !KINDS.has(call.type)) return () => undefined;
    const { key, name } = placeOf(call);
    const isPool = call.type.endsWith("Pool");
    if (call.type.startsWith(AKS)) refuseSecond(this.#of(key), call);
    else await this.#turn(key, isPool, note);
    let end: End = () => undefined;
    const done = new Promise<void>((resolve) => (end = resolve));
    const own = { isPool, name, state, done };
    this.#running.set(key, [...this.#of(key), own]);
    return () => {
      const others = this.#of(key).filter((one) => one !== own);
      if (others.length > 0) this.#running.set(key, others);
      else this.#running.delete(key);
      end();
    };
  }

  #of(key: string): Running[] {
    return this.#running.get(key) ?? [];
  }

  async #turn(key: string, isPool: boolean, note: (message: string) => void): Promise<void> {
    for (;;) {
      const all = this.#of(key);
      const [inTheWay] = isPool ? all.filter((one) => !one.isPool) : all;
      if (inTheWay === undefined) {
        if (all.length < GKE_POOLS_AT_A_TIME) return;
        throw new Error(
          `googleapi: Error 429: The cluster ${key} hits the concurrent operations quota ${GKE_POOLS_AT_A_TIME}., rateLimitExceeded`,
        );
      }
      note(`${inTheWay.name} is ${inTheWay.state.toLowerCase()}: waited`);
      await inTheWay.done;
    }
  }
}

function refuseSecond([other]: readonly Running[], { operation, type, id }: ClusterCall): void {
  if (other === undefined) return;
  const kind = other.isPool ? "agentpool" : "managed cluster";
  throw new Error(
    `${operation} ${type} ${id}: Code="OperationNotAllowed" Message="Operation is not allowed: Another ${kind} ` +
      `operation (${other.name} - ${other.state}) is in progress, please wait for it to finish before starting a new ` +
      'operation."',
  );
}

// By its cluster: Azure's ids and Google's end alike, and inputs name cluster and pool.
function placeOf({ id, inputs }: ClusterCall): { key: string; name: string } {
  const [, group = "", cluster = "", pool] =
    /(?:resourceGroups|locations)\/([^/]+)\/.*?(?:managedClusters|clusters)\/([^/]+)(?:\/\w+\/([^/]+))?$/.exec(
      id || textAt(inputs, "cluster"),
    ) ?? [];
  const place = group || textAt(inputs, "resourceGroupName") || textAt(inputs, "location");
  const own = textAt(inputs, "agentPoolName") || textAt(inputs, "name");
  const named = cluster || textAt(inputs, "resourceName") || textAt(inputs, "cluster") || own;
  return { key: `${place}/${named}`.toLowerCase(), name: pool ?? (own || named) };
}
