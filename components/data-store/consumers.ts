import type { Input } from "@pulumi/pulumi";
import type { Fault } from "../shared/faults";
import { objectName } from "../shared/names";
import { type NetworkPeer, podPeer } from "../shared/network-peers";
import { secretNameFaults } from "../shared/secret-names";

/** Somebody that uses a data store, and gets a Secret of its own. */
export interface DataStoreConsumer {
  /** Name of the consumer: a DNS label, once a store. */
  name: string;
  /** Namespace of the consumer's pods, which its Secret is written to. It must exist. */
  namespace: Input<string>;
  /** Labels of the pods that may connect to a store in the cluster. Defaults to all pods of the namespace. */
  podLabels?: Record<string, string>;
  /** Name of the Secret. Defaults to `NAME-CONSUMER`. */
  secretName?: string;
}

/** A consumer with every default filled in. */
export interface ConsumerPlan {
  name: string;
  namespace: Input<string>;
  podLabels: Record<string, string>;
  secretName: string;
}

/** Fills in the defaults of a store's consumers. */
export function planConsumers(
  store: string,
  consumers: readonly DataStoreConsumer[] = [],
): ConsumerPlan[] {
  return consumers.map(({ name, namespace, podLabels, secretName }) => ({
    name,
    namespace,
    podLabels: podLabels ?? {},
    secretName: secretName ?? objectName([store, name]),
  }));
}

/** Who may connect, as a NetworkPolicy says it. */
export function consumerPeers(consumers: readonly ConsumerPlan[]): NetworkPeer[] {
  return consumers.map(({ namespace, podLabels }) => podPeer(namespace, podLabels));
}

/** Finds everything that is wrong with the consumers; `taken` are names that the store needs for itself. */
export function dataStoreConsumerFaults(
  store: string,
  consumers: readonly DataStoreConsumer[] = [],
  taken: readonly string[] = [],
): Fault[] {
  const secrets = planConsumers(store, consumers).map(({ namespace, secretName }, index) => {
    return { namespace, name: secretName, given: consumers[index]?.secretName };
  });
  return consumers.flatMap((consumer, index) => {
    const path = `consumers[${index}]`;
    return [
      ...consumerNameFaults(`${path}.name`, consumers, index, taken),
      ...podLabelFaults(`${path}.podLabels`, consumer.podLabels),
      ...secretNameFaults(`${path}.secretName`, secrets, index),
    ];
  });
}

function consumerNameFaults(
  path: string,
  consumers: readonly DataStoreConsumer[],
  index: number,
  taken: readonly string[],
): Fault[] {
  const got = consumers[index]?.name ?? "";
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(got)) {
    const allowed = "a-z, 0-9 and -, at most 63 characters";
    return [{ path, problem: "not a DNS label", got, allowed }];
  }
  if (taken.includes(got)) return [{ path, problem: "a name that the store needs itself", got }];
  if (consumers.findIndex(({ name }) => name === got) === index) return [];
  return [{ path, problem: "there are two of that name", got }];
}

const LABEL_KEY =
  /^([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;

/** Checks labels that select pods. Nothing at all is no fault. */
export function podLabelFaults(path: string, labels: Record<string, string> | undefined): Fault[] {
  return Object.entries(labels ?? {})
    .filter(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value))
    .map(([key, got]) => ({
      path: `${path}["${key}"]`,
      problem: "not a label of Kubernetes",
      got,
      allowed: "letters, digits and ._- inside, at most 63",
    }));
}
