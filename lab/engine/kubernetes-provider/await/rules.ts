import { textAt, type KubeObject } from "../../../kube/objects";
import { Annotation, groupOf, isBuiltinGroup } from "../kinds";
import { customResourceDefinition, namespace, resourceQuota, secret } from "./cluster";
import { pod } from "./pods";
import type { AwaitRule } from "./readiness";
import { ingress, service } from "./services";
import { persistentVolume, persistentVolumeClaim } from "./storage";
import { waitForRule } from "./wait-for";
import { daemonSet, deployment, job, statefulSet } from "./workloads";

const byKind = new Map<string, AwaitRule>([
  ["apps/Deployment", deployment],
  ["apps/StatefulSet", statefulSet],
  ["apps/DaemonSet", daemonSet],
  ["batch/Job", job],
  ["/Pod", pod],
  ["/Service", service],
  ["networking.k8s.io/Ingress", ingress],
  ["/PersistentVolumeClaim", persistentVolumeClaim],
  ["/PersistentVolume", persistentVolume],
  ["/Namespace", namespace],
  ["/ResourceQuota", resourceQuota],
  ["/Secret", secret],
  ["apiextensions.k8s.io/CustomResourceDefinition", customResourceDefinition],
]);

/** The rule for an object, by its annotations or its kind; undefined where nothing is waited for. */
export function ruleFor(object: KubeObject): AwaitRule | undefined {
  if (isAwaitSkipped(object)) return undefined;
  const waitFor = textAt(object, "metadata", "annotations", Annotation.WaitFor);
  if (waitFor !== undefined) return waitForRule(waitFor);
  if (!isBuiltinGroup(object.apiVersion)) return undefined;
  return byKind.get(`${groupOf(object.apiVersion)}/${object.kind}`);
}

/** Says whether the object asks not to be waited for. */
export function isAwaitSkipped(object: KubeObject): boolean {
  return textAt(object, "metadata", "annotations", Annotation.SkipAwait) === "true";
}

/** How long to wait for an object, in seconds: the resource's own option, the annotation, the rule's, 600. */
export function timeoutOf(object: KubeObject, optionSeconds: number, rule?: AwaitRule): number {
  if (optionSeconds > 0) return optionSeconds;
  if (rule?.timeoutSeconds !== undefined) return rule.timeoutSeconds;
  const annotated = textAt(object, "metadata", "annotations", Annotation.TimeoutSeconds) ?? "";
  return /^\d+$/.test(annotated) && Number(annotated) > 0 ? Number(annotated) : 600;
}
