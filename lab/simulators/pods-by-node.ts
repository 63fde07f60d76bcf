import type { ObjectCache } from "./object-cache";
import type { PodView } from "./objects";
import { keyOf } from "./objects";

/**
 * An index over a cache of pods: which run on a node. Looking through 1,000 pods for each of 1,000
 * nodes is what makes a simulator slow at scale.
 */
export function podsByNode(pods: ObjectCache<PodView>): (node: string) => Iterable<PodView> {
  const keys = new Map<string, Set<string>>();
  pods.onChange((pod) => {
    const key = keyOf(pod);
    const { nodeName } = pod.spec;
    if (nodeName === undefined) {
      return;
    }
    const onNode = keys.get(nodeName) ?? new Set<string>();
    if (pods.get(key) === undefined) {
      onNode.delete(key);
    } else {
      onNode.add(key);
    }
    if (onNode.size === 0) {
      keys.delete(nodeName);
    } else {
      keys.set(nodeName, onNode);
    }
  });
  return (node) =>
    [...(keys.get(node) ?? [])].flatMap((key) => {
      const pod = pods.get(key);
      return pod?.spec.nodeName === node ? [pod] : [];
    });
}
