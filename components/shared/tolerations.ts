import type { Fault } from "./faults";
import type { Toleration } from "./node-contract";

/**
 * Checks tolerations. One without a key tolerates every taint, which Kubernetes allows and no agent of a
 * node should have: it would be put on nodes that are about to go.
 */
export function tolerationFaults(path: string, tolerations: readonly Toleration[] = []): Fault[] {
  return tolerations.flatMap(({ key, operator, value }, index): Fault[] => {
    const at = `${path}[${String(index)}]`;
    if (operator !== undefined && operator !== "Equal" && operator !== "Exists") {
      const allowed = "Equal, Exists";
      return [{ path: `${at}.operator`, problem: "not an operator", got: operator, allowed }];
    }
    if (key === undefined || key === "") {
      const problem = "missing, so it would tolerate every taint";
      const fix = "one toleration a taint";
      return [{ path: `${at}.key`, problem, allowed: "the key of one taint", fix }];
    }
    if (operator === "Exists" && value !== undefined) {
      const problem = "an Exists toleration takes none";
      return [{ path: `${at}.value`, problem, got: value, allowed: "no value" }];
    }
    return [];
  });
}
