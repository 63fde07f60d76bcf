import type { Fault } from "../shared/faults";
import type { Toleration } from "../shared/node-contract";

/**
 * The taint of a node of which somebody has made sure that it is off: whoever does not tolerate it is taken off the node
 * for good, and so are the volumes.
 * Source: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown
 */
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

/** As long as everywhere: enough for a network or a runtime that starts anew. */
const NOT_READY_SECONDS = 300;

/**
 * How long Queen stays on a node that fails.
 *
 * Where the kubelet says that it is not ready, it can still end her: then she moves. Where it says nothing, no second Queen
 * may start before somebody knows that the first is gone. To mark her as deleted meanwhile, as happens after five minutes to
 * whoever says nothing, would start her no sooner elsewhere, and end her for nothing once a node comes back that was merely
 * cut off.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export function nodeFailureTolerations(): Toleration[] {
  const failure = (key: string) => ({ key, operator: "Exists", effect: "NoExecute" });
  return [
    { ...failure("node.kubernetes.io/not-ready"), tolerationSeconds: NOT_READY_SECONDS },
    failure("node.kubernetes.io/unreachable"),
  ];
}

/** Refuses to tolerate the taint by which Queen is got off a lost node. */
export function outOfServiceFaults(path: string, tolerations: readonly Toleration[] = []): Fault[] {
  return tolerations.flatMap(({ key }, index): Fault[] => {
    if (key !== OUT_OF_SERVICE) return [];
    const problem = "would keep Queen on a node that is lost";
    return [{ path: `${path}[${index}].key`, problem, got: key }];
  });
}
