import { type Taint, TaintEffect } from "../../shared/kvm-nodes";
import { Cni, Encryption, HostRole } from "./args";
import { API_SERVER_ARGS, CONTROLLER_MANAGER_ARGS, KUBELET_ARGS } from "./hardening";
import type { HostPlan, K3sClusterPlan } from "./plan";

/** Files below which k3s reads what it needs; all of them 0600. */
export const K3S_FILES = Object.freeze({
  config: "/etc/rancher/k3s/config.yaml",
  serverToken: "/etc/rancher/k3s/server-token",
  agentToken: "/etc/rancher/k3s/agent-token",
  kubeconfig: "/etc/rancher/k3s/k3s.yaml",
  snapshots: "/var/lib/kvm-fabric/etcd-snapshots",
});

/** Port of the API server and of k3s's supervisor on every server. */
export const API_PORT = 6443;

/** Name of the Secret in `kube-system` that k3s reads the snapshots' bucket from. */
export const S3_SECRET = "kvm-fabric-etcd-snapshots";

/** What is known of an agent only once its address is. */
export interface AgentAddresses {
  /** Address of the API server. */
  api: string;
  /** The host's own. */
  own: string;
  /** The host's, as other sites see it. */
  public: string;
}

/** What is known of a server only once its address is. */
export interface HostAddresses extends AgentAddresses {
  /** Address of the server that the others join through. */
  first: string;
  /** All servers' addresses, in both spellings. */
  servers: string[];
}

/** Renders the settings of a host's kubelet: what servers and agents have in common. */
function nodeConfig(host: HostPlan, addresses: AgentAddresses) {
  const { own } = addresses;
  return {
    "node-name": host.name,
    ...(isAddress(own) && { "node-ip": own }),
    ...(addresses.public !== own && { "node-external-ip": addresses.public }),
    "node-label": Object.entries(host.labels).map(([key, value]) => `${key}=${value}`),
    "node-taint": host.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
    "protect-kernel-defaults": true,
    "kubelet-arg": KUBELET_ARGS,
  };
}

/** Renders k3s's configuration for an agent: JSON, which is YAML. Labels and taints count at its registration only. */
export function agentConfig(host: HostPlan, addresses: AgentAddresses): string {
  return text({
    server: `https://${urlHost(addresses.api)}:${API_PORT}`,
    "token-file": K3S_FILES.agentToken,
    ...nodeConfig(host, addresses),
  });
}

/**
 * Renders k3s's configuration for a server: JSON, which is YAML. The first one begins the cluster; on a host with
 * etcd's data k3s reads neither `cluster-init` nor `server`.
 * Sources: https://docs.k3s.io/cli/server and https://docs.k3s.io/security/hardening-guide
 */
export function serverConfig(
  plan: K3sClusterPlan,
  host: HostPlan,
  addresses: HostAddresses,
): string {
  const { network, snapshots } = plan;
  const joining = host.first
    ? { "cluster-init": true }
    : { server: `https://${urlHost(addresses.first)}:${API_PORT}` };
  return text({
    ...joining,
    "token-file": K3S_FILES.serverToken,
    "agent-token-file": K3S_FILES.agentToken,
    ...nodeConfig(host, addresses),
    "tls-san": [...new Set([addresses.api, ...addresses.servers, ...plan.tlsSans])],
    "write-kubeconfig-mode": "0600",
    "secrets-encryption": true,
    "kube-apiserver-arg": API_SERVER_ARGS,
    "kube-controller-manager-arg": CONTROLLER_MANAGER_ARGS,
    "cluster-cidr": network.podCidr,
    "service-cidr": network.serviceCidr,
    "cluster-domain": network.clusterDomain,
    "egress-selector-mode": plan.sites > 1 ? "cluster" : "agent",
    ...networkConfig(plan),
    // Ingress and load balancers are the fabric's, not what k3s happens to bring.
    disable: ["traefik", "servicelb"],
    "etcd-snapshot-schedule-cron": snapshots.schedule,
    "etcd-snapshot-retention": snapshots.retained,
    "etcd-snapshot-compress": true,
    "etcd-snapshot-dir": K3S_FILES.snapshots,
    ...(snapshots.s3 && { "etcd-s3": true, "etcd-s3-config-secret": S3_SECRET }),
  });
}

function networkConfig({ network, sites }: K3sClusterPlan) {
  if (network.cni !== Cni.Flannel) {
    return { "flannel-backend": "none", "disable-network-policy": true };
  }
  return {
    "flannel-backend": network.encryption === Encryption.WireGuard ? "wireguard-native" : "vxlan",
    ...(sites > 1 && { "flannel-external-ip": true }),
  };
}

/** The taint of servers that run no other pods: what Kubernetes itself calls them. */
export function serverTaints(role: HostRole): Taint[] {
  return role === HostRole.ControlPlane
    ? [
        {
          key: "node-role.kubernetes.io/control-plane",
          value: "true",
          effect: TaintEffect.NoSchedule,
        },
      ]
    : [];
}

function isAddress(value: string): boolean {
  return /^[\d.]+$/.test(value) || value.includes(":");
}

/** A host as a URL has it: an IPv6 address stands in brackets. */
export function urlHost(value: string): string {
  return value.includes(":") ? `[${value}]` : value;
}

function text(config: object): string {
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
