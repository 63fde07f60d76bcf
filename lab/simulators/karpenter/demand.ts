import { fieldAt, isRecord, type KubeObject, listAt, textAt } from "../../kube/objects";
import { quantity } from "./quantity";

/** What a pod needs, or a machine has left, by resource. */
export type Amounts = Record<string, number>;

/** Pods that wait for a node, as the scheduler says. Pure. */
export function waitingPods(pods: readonly KubeObject[]): KubeObject[] {
  return pods.filter(
    (pod) =>
      textAt(pod, "spec", "nodeName") === undefined &&
      pod.metadata.deletionTimestamp === undefined &&
      listAt(pod, "status", "conditions").some(
        (condition) =>
          textAt(condition, "type") === "PodScheduled" &&
          textAt(condition, "reason") === "Unschedulable",
      ),
  );
}

/** What a pod asks for, itself among it. Pure. */
export function requestsOf(pod: KubeObject): Amounts {
  const sum: Amounts = { pods: 1 };
  for (const container of listAt(pod, "spec", "containers")) {
    const requests = fieldAt(container, "resources", "requests");
    for (const [name, text] of Object.entries(isRecord(requests) ? requests : {})) {
      sum[name] = (sum[name] ?? 0) + quantity(String(text));
    }
  }
  return sum;
}

/** Whether a pod may run on nodes with these labels and taints: selector and tolerations count, affinity does not. Pure. */
export function mayRunOn(
  pod: KubeObject,
  labels: Readonly<Record<string, string>>,
  taints: readonly unknown[],
): boolean {
  const selector = fieldAt(pod, "spec", "nodeSelector");
  const selected = Object.entries(isRecord(selector) ? selector : {}).every(
    ([key, value]) => labels[key] === value,
  );
  const tolerations = listAt(pod, "spec", "tolerations");
  const repels = (taint: unknown) =>
    textAt(taint, "effect") !== "PreferNoSchedule" &&
    !tolerations.some((toleration) => tolerates(toleration, taint));
  return selected && !taints.some(repels);
}

function tolerates(toleration: unknown, taint: unknown): boolean {
  const key = textAt(toleration, "key") ?? "";
  const effect = textAt(toleration, "effect") ?? "";
  const sameEffect = effect === "" || effect === textAt(taint, "effect");
  if (!sameEffect) return false;
  if (textAt(toleration, "operator") === "Exists") {
    return key === "" || key === textAt(taint, "key");
  }
  const value = textAt(taint, "value") ?? "";
  return key === textAt(taint, "key") && (textAt(toleration, "value") ?? "") === value;
}

/** Takes what is needed off what is left; false, and nothing taken, where it does not fit. */
export function take(left: Amounts, needed: Amounts): boolean {
  const fits = Object.entries(needed).every(([name, amount]) => (left[name] ?? 0) >= amount);
  if (!fits) return false;
  for (const [name, amount] of Object.entries(needed)) left[name] = (left[name] ?? 0) - amount;
  return true;
}
