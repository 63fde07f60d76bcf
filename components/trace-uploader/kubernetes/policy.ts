import type { input as k8s } from "@pulumi/kubernetes/types";
import type { TraceUploaderPlan } from "./plan";
import { selectorLabels } from "../../shared/labels";
import { PRIVATE_RANGES } from "../../shared/cidr";
import { addressPeer, dnsEgress, type NetworkPeer, podPeer } from "../../shared/network-peers";

/** Value of the label `app.kubernetes.io/name` of all that is the uploader's. */
export const COMPONENT = "trace-uploader";

/** Where the agent of EKS Pod Identity answers: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
const POD_IDENTITY_AGENT = "169.254.170.23/32";

/** Every public address: what is private, the cluster's own pods and nodes among it, has to be named. */
const PUBLIC: NetworkPeer[] = [
  {
    ipBlock: { cidr: "0.0.0.0/0", except: [...PRIVATE_RANGES, "100.64.0.0/10", "169.254.0.0/16"] },
  },
  { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } },
];

/** Renders the policy of the pods: nobody calls them; they call DNS, Queen and the store, and nobody else. */
export function networkPolicy(plan: TraceUploaderPlan): k8s.networking.v1.NetworkPolicySpec {
  const { name, podIdentity, storePort } = plan;
  return {
    podSelector: { matchLabels: selectorLabels(COMPONENT, name) },
    policyTypes: ["Ingress", "Egress"],
    ingress: [],
    egress: [
      dnsEgress(),
      queenEgress(plan),
      { to: storePeers(plan), ports: [{ port: storePort, protocol: "TCP" }] },
      ...(podIdentity
        ? [{ to: [addressPeer(POD_IDENTITY_AGENT)], ports: [{ port: 80, protocol: "TCP" }] }]
        : []),
    ],
  };
}

function queenEgress({ namespace, queen, queenCidrs }: TraceUploaderPlan) {
  const { podLabels, port, targetPort } = queen;
  const peers =
    podLabels === undefined
      ? queenCidrs.map(addressPeer)
      : [podPeer(queen.namespace ?? namespace, podLabels)];
  return { to: peers, ports: [{ port: targetPort ?? port, protocol: "TCP" }] };
}

function storePeers({ namespace, store }: TraceUploaderPlan): NetworkPeer[] {
  if (store.podLabels !== undefined) {
    return [podPeer(store.namespace ?? namespace, store.podLabels)];
  }
  return store.cidrs?.map(addressPeer) ?? PUBLIC;
}
