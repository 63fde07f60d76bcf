import { consumerPeers, type ConsumerPlan } from "../data-store/consumers";
import { addressPeer, dnsEgress, type NetworkPeer, podPeer } from "../shared/network-peers";
import { BackupCloud } from "./backup-args";
import type { InstancesPlan, PostgresPlan } from "./plan";
import { CLUSTER_LABEL, INSTANCE_PORTS, POSTGRES_PORT } from "./ports";

const { metrics, status } = INSTANCE_PORTS;

/** Renders who may call the instances, and whom they call: each other, DNS, the API server and the object store. */
export function instancesPolicy({ consumers, namespace }: PostgresPlan, plan: InstancesPlan) {
  const { apiServer, monitoring, names, operator } = plan;
  const labels = { [CLUSTER_LABEL]: names.cluster };
  const instances = [podPeer(namespace, labels)];
  const operators = [podPeer(operator.namespace, operator.podLabels)];
  return {
    podSelector: { matchLabels: labels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: instances, ports: tcp(POSTGRES_PORT, status) },
      { from: operators, ports: tcp(POSTGRES_PORT, status) },
      ...clients(consumers),
      ...(monitoring === undefined
        ? []
        : [
            {
              from: [podPeer(monitoring.namespace, monitoring.podLabels)],
              ports: tcp(metrics),
            },
          ]),
    ],
    egress: [
      { to: instances, ports: tcp(POSTGRES_PORT, status) },
      dnsEgress(),
      { to: apiServer.cidrs.map(addressPeer), ports: tcp(...apiServer.ports) },
      ...storeEgress(plan),
    ],
  };
}

/** An empty list of peers would let everybody in. */
function clients(consumers: readonly ConsumerPlan[]) {
  if (consumers.length === 0) return [];
  return [{ from: consumerPeers(consumers), ports: tcp(POSTGRES_PORT) }];
}

function storeEgress(plan: InstancesPlan) {
  const { objectStores } = plan;
  if (objectStores.cidrs.length === 0) return [];
  return [
    { to: objectStores.cidrs.map(addressPeer), ports: tcp(...objectStores.ports) },
    ...identityEgress(plan),
  ];
}

/**
 * Where pods without a key get their identity from, on the node itself: EKS Pod Identity's agent, GKE's metadata server.
 * On Azure, and with roles of AWS for ServiceAccounts, it is the cloud's API.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html and
 * https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
 */
function identityEgress({ backups, recovery }: InstancesPlan) {
  const clouds = [backups?.store, recovery?.store]
    .filter((store) => store !== undefined && store.credentialsSecret === undefined)
    .map((store) => store?.cloud);
  const at = (address: string): NetworkPeer[] => [{ ipBlock: { cidr: `${address}/32` } }];
  return [
    ...(clouds.includes(BackupCloud.S3) ? [{ to: at("169.254.170.23"), ports: tcp(80) }] : []),
    ...(clouds.includes(BackupCloud.Gcs)
      ? [
          { to: at("169.254.169.252"), ports: tcp(988) },
          { to: at("169.254.169.254"), ports: tcp(80) },
        ]
      : []),
  ];
}

function tcp(...ports: number[]) {
  return ports.map((port) => ({ port, protocol: "TCP" }));
}
