import type { Fault } from "./faults";
import { type Taint, TaintEffect } from "./kvm-nodes";
import { requiredMemberFaults } from "./members";
import type { NodeContract } from "./node-contract";

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Checks the user's own labels. A kubelet refuses to start with a label of Kubernetes' domains outside its short
 * list, and the contract's domain says what the pool and the provisioner found: nobody else writes there.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export function labelFaults(
  path: string,
  labels: Readonly<Record<string, string>>,
  contract: NodeContract,
): Fault[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const at = `${path}["${key}"]`;
    return [...keyFaults(at, key, contract), ...kubeletFaults(at, key), ...valueFaults(at, value)];
  });
}

/** Checks the user's own taints. */
export function taintFaults(
  path: string,
  taints: readonly Taint[],
  contract: NodeContract,
): Fault[] {
  const seen = new Set<string>();
  return taints.flatMap(({ key, value, effect }, index) => {
    const at = `${path}[${String(index)}]`;
    const id = `${key}:${effect}`;
    const twice = seen.has(id) ? [{ path: at, problem: "given twice", got: id }] : [];
    seen.add(id);
    return [
      ...keyFaults(`${at}.key`, key, contract),
      ...valueFaults(`${at}.value`, value),
      ...requiredMemberFaults(`${at}.effect`, effect, Object.values(TaintEffect)),
      ...twice,
    ];
  });
}

function keyFaults(path: string, key: string, { domain }: NodeContract): Fault[] {
  const slash = key.indexOf("/");
  const prefix = slash === -1 ? undefined : key.slice(0, slash);
  const wellFormed =
    NAME.test(key.slice(slash + 1)) && (prefix === undefined || PREFIX.test(prefix));
  if (!wellFormed) {
    const allowed = "[DOMAIN/]NAME of letters, digits, -, _ and ., at most 63 characters";
    return [{ path, problem: "not a key", got: key, allowed }];
  }
  if (prefix === undefined || prefix !== domain) return [];
  const fix = "a domain of your own";
  return [{ path, problem: "in the domain of the node contract", got: key, fix }];
}

function kubeletFaults(path: string, key: string): Fault[] {
  const prefix = key.split("/")[0] ?? "";
  if (!key.includes("/") || !/(^|\.)(kubernetes|k8s)\.io$/.test(prefix)) return [];
  if (/(^|\.)(kubelet|node)\.kubernetes\.io$/.test(prefix)) return [];
  const allowed = "node.kubernetes.io/, kubelet.kubernetes.io/ or a domain of your own";
  return [{ path, problem: "a label that a kubelet must not set", got: key, allowed }];
}

function valueFaults(path: string, value: string): Fault[] {
  if (value === "" || NAME.test(value)) return [];
  const allowed = "letters, digits, -, _ and ., at most 63 characters";
  return [{ path, problem: "not the value of a label or taint", got: value, allowed }];
}
