import type { Fault } from "./faults";

/**
 * What node pools promise and node agents rely on: one source of truth for the labels, taints and the
 * extended resource that pools, provisioner, workers and Karpenter share.
 */
export interface NodeContract {
  /** The DNS domain that prefixes every key below. */
  domain: string;
  /** Label that a pool puts on each node that can run KVM; its value is "true". */
  capabilityLabel: string;
  /** Label that the provisioner writes once the node is proven; its value is the asset set's id. */
  assetsLabel: string;
  /** Taint (NoSchedule, value "true") that keeps all but worker pods off a KVM node. */
  workerTaint: string;
  /** Startup taint (NoSchedule) that the provisioner removes, last, from a proven node. */
  startupTaint: string;
  /** Extended resource of the device plugin: one unit is one pod's right to open /dev/kvm. */
  kvmResource: string;
  /** Label that names the pool a node belongs to. */
  poolLabel: string;
}

/** The domain used where none is given. */
export const DEFAULT_DOMAIN = "kvm-fabric.dev";

/** Derives the contract's keys from a domain that {@link domainFaults} found right. */
export function nodeContract(domain: string = DEFAULT_DOMAIN): NodeContract {
  return {
    domain,
    capabilityLabel: `${domain}/kvm-enabled`,
    assetsLabel: `${domain}/assets`,
    workerTaint: `${domain}/worker`,
    startupTaint: `${domain}/not-ready`,
    kvmResource: `${domain}/kvm`,
    poolLabel: `${domain}/pool`,
  };
}

/** A toleration as Kubernetes writes it. */
export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

/** Tolerates the worker taint: what every worker pod carries. */
export function workerTolerations(contract: NodeContract): Toleration[] {
  return [{ key: contract.workerTaint, operator: "Equal", value: "true", effect: "NoSchedule" }];
}

/** Tolerates the worker and the startup taint: what node agents carry that prepare a node. */
export function agentTolerations(contract: NodeContract): Toleration[] {
  return [
    ...workerTolerations(contract),
    { key: contract.startupTaint, operator: "Exists", effect: "NoSchedule" },
  ];
}

/**
 * Checks a domain: a DNS subdomain (RFC 1123) of at least two labels, at most 253 characters, outside
 * the domains that Kubernetes keeps for itself.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
 */
export function domainFaults(path: string, domain: string): Fault[] {
  const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  const wellFormed = new RegExp(`^${label}(\\.${label})+$`).test(domain) && domain.length <= 253;
  if (!wellFormed) {
    return [
      {
        path,
        problem: "not a DNS domain",
        got: domain,
        allowed: "lower-case labels of a-z, 0-9 and - joined by dots, at most 253 characters",
        fix: `"${DEFAULT_DOMAIN}" or a domain of your own`,
      },
    ];
  }
  if (/(^|\.)(kubernetes|k8s)\.io$/.test(domain)) {
    return [
      {
        path,
        problem: "a domain that Kubernetes keeps for itself",
        got: domain,
        allowed: "any domain outside kubernetes.io and k8s.io",
        fix: `"${DEFAULT_DOMAIN}" or a domain of your own`,
      },
    ];
  }
  return [];
}
