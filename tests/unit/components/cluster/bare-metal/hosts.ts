import {
  type BareMetalClusterArgs,
  type Host,
  HostRole,
} from "../../../../../components/cluster/bare-metal/args";

export const HOST_KEY = `ssh-ed25519 ${"A".repeat(68)}`;
export const PRIVATE_KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
export const KUBE_VIP = `ghcr.io/kube-vip/kube-vip:v1.0.4@sha256:${"c".repeat(64)}`;
export const SUM = "b".repeat(64);

/** A host whose address ends in a number. */
export function host(name: string, number: number, role: Host["role"] = HostRole.Both): Host {
  return { name, role, address: `10.0.0.${number}`, hostKey: HOST_KEY };
}

/** Three servers behind kube-vip, and a worker. */
export function haCluster(changes: Partial<BareMetalClusterArgs> = {}): BareMetalClusterArgs {
  return {
    access: { privateKey: PRIVATE_KEY },
    api: { address: "10.0.0.100", kubeVipImage: KUBE_VIP },
    hosts: [
      host("one", 1, HostRole.ControlPlane),
      host("two", 2, HostRole.ControlPlane),
      host("three", 3, HostRole.ControlPlane),
      host("four", 4, HostRole.Worker),
    ],
    network: { cniChartVersion: "1.19.1" },
    release: { version: "v1.36.3+k3s1", sha256: { amd64: SUM } },
    ...changes,
  };
}

/** One host that does everything. */
export function singleHost(changes: Partial<BareMetalClusterArgs> = {}): BareMetalClusterArgs {
  return haCluster({ api: undefined, hosts: [host("one", 1)], ...changes });
}
