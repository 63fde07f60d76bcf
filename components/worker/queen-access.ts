import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as networkingv1 from "@pulumi/kubernetes/networking/v1";
import type { Input, Resource } from "@pulumi/pulumi";
import { AUTHORITY_FILE } from "../queen/proxy";
import type { QueenRef } from "../queen/queen-ref";
import { selectorLabels } from "../shared/labels";
import { ANYWHERE, addressPeer, dnsEgress, podPeer } from "../shared/network-peers";
import { WORKER_APP } from "./ports";
import type { WorkerQueen } from "./queen";

/** The metadata of the DaemonSet. */
interface WorkerMetadata {
  name: string;
  namespace: Input<string>;
  labels: Record<string, string>;
}

/** Makes what workers need to reach Queen: her authorities, and a policy that lets them out to her. */
export function createQueenAccess(
  parent: Resource,
  name: string,
  queen: WorkerQueen | undefined,
  metadata: WorkerMetadata,
): Resource[] {
  if (queen === undefined) return [];
  const authority = new corev1.ConfigMap(
    `${name}-queen-ca`,
    {
      metadata: { ...metadata, name: queen.authority },
      data: { [AUTHORITY_FILE]: queen.ref.caCertificate },
    },
    { parent },
  );
  const policy = new networkingv1.NetworkPolicy(
    `${name}-queen`,
    {
      metadata: { ...metadata, name: queen.policy },
      spec: {
        podSelector: { matchLabels: selectorLabels(WORKER_APP, metadata.name) },
        policyTypes: ["Egress"],
        egress: [egress(queen.ref), dnsEgress()],
      },
    },
    { parent },
  );
  return [authority, policy];
}

/** Policies are applied behind the Service, so what counts is the port of her pod. */
function egress({ namespace, podLabels, port, targetPort }: QueenRef) {
  const to = namespace === undefined ? ANYWHERE.map(addressPeer) : [podPeer(namespace, podLabels)];
  return { to, ports: [{ port: targetPort ?? port, protocol: "TCP" }] };
}
