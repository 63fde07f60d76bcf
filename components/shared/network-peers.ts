import type { Input } from "@pulumi/pulumi";

/** One end of a rule of a NetworkPolicy: pods or addresses. */
export interface NetworkPeer {
  ipBlock?: { cidr: string; except?: string[] };
  namespaceSelector?: { matchLabels?: Record<string, Input<string>> };
  podSelector?: { matchLabels?: Record<string, string> };
}

/** Every address; {@link addressPeer} leaves the cloud's metadata service out of it. */
export const ANYWHERE: readonly string[] = Object.freeze(["0.0.0.0/0", "::/0"]);

/** The label by which Kubernetes itself names each namespace. */
const NAMESPACE_LABEL = "kubernetes.io/metadata.name";

// Instance metadata hands the node's own credentials to whoever asks, so no block of addresses holds it.
const METADATA_V4 = "169.254.169.254/32";
const METADATA_V6 = "fd00:ec2::254/128";

// Where NodeLocal DNSCache listens on each node.
// Source: https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
const NODE_LOCAL_DNS = "169.254.20.10/32";

/** Pods of a namespace: those with all of the labels, or every one of it. */
export function podPeer(
  namespace: Input<string>,
  labels: Readonly<Record<string, string>> = {},
): NetworkPeer {
  return {
    namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: namespace } },
    podSelector: Object.keys(labels).length === 0 ? {} : { matchLabels: { ...labels } },
  };
}

/** A block of addresses. An exception must lie inside its block, so only blocks that hold everything carry one. */
export function addressPeer(cidr: string): NetworkPeer {
  if (cidr === "0.0.0.0/0") return { ipBlock: { cidr, except: [METADATA_V4] } };
  if (cidr === "::/0") return { ipBlock: { cidr, except: [METADATA_V6] } };
  return { ipBlock: { cidr } };
}

/** The cluster's DNS, wherever it runs. */
export function dnsPeers(): NetworkPeer[] {
  return [podPeer("kube-system", { "k8s-app": "kube-dns" }), { ipBlock: { cidr: NODE_LOCAL_DNS } }];
}

/** Lets pods resolve names: what every pod needs that calls another by name. */
export function dnsEgress() {
  return {
    to: dnsPeers(),
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ],
  };
}
