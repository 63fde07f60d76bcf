import * as networkingv1 from "@pulumi/kubernetes/networking/v1";
import type { Resource } from "@pulumi/pulumi";
import { addressPeer, dnsEgress, type NetworkPeer, podPeer } from "../shared/network-peers";
import { queenMetadata } from "./metadata";
import type { QueenPlan } from "./plan";
import { QUEEN_POD_PORTS } from "./ports";
import { QueenRole } from "./roles";

/** Closes Queen's pod to all but her consumers, each to the listener of its role; her guest calls whom it may. */
export function createPolicy(parent: Resource, plan: QueenPlan): void {
  new networkingv1.NetworkPolicy(
    plan.name,
    {
      metadata: queenMetadata(plan, plan.names.queen),
      spec: {
        podSelector: { matchLabels: plan.podLabels },
        policyTypes: ["Ingress", "Egress"],
        ingress: ingress(plan),
        egress: egress(plan),
      },
    },
    { parent },
  );
}

function ingress({ consumers, loadBalancer }: QueenPlan) {
  const peers = (...roles: QueenRole[]): NetworkPeer[] =>
    consumers
      .filter(({ role }) => roles.includes(role))
      .map(({ namespace, podLabels }) => podPeer(namespace, podLabels));
  const outside = (loadBalancer?.allowedCidrs ?? []).map(addressPeer);
  return [
    ...rule(peers(QueenRole.Worker, QueenRole.Gateway), QUEEN_POD_PORTS.fabric),
    ...rule([...peers(QueenRole.Uploader), ...outside], QUEEN_POD_PORTS.uploads),
  ];
}

/** A rule without anybody in it would let everybody in. */
function rule(from: NetworkPeer[], port: number) {
  return from.length === 0 ? [] : [{ from, ports: [{ port, protocol: "TCP" }] }];
}

function egress({ egressCidrs }: QueenPlan) {
  if (egressCidrs.length === 0) return [];
  return [{ to: egressCidrs.map(addressPeer) }, dnsEgress()];
}
