import {
  conditionOf,
  fieldAt,
  isRecord,
  listAt,
  textAt,
  type KubeObject,
} from "../../../kube/objects";
import {
  failed,
  ready,
  waitingFor,
  type AwaitRule,
  type Readiness,
  type Surroundings,
} from "./readiness";

/** A Pod: scheduled, initialised and ready, or done. */
export const pod: AwaitRule = {
  onRead: true,
  evaluate(live): Readiness {
    const phase = textAt(live, "status", "phase");
    if (phase === "Succeeded") return ready;
    if (phase === "Failed") return failed("Pod failed", ...podProblems(live));
    const unmet = ["PodScheduled", "Initialized", "Ready"].filter(
      (type) => conditionOf(live, type)?.status !== "True",
    );
    if (unmet.length === 0) return ready;
    return waitingFor(`Pod is not ${unmet.join(", ")}`, ...podProblems(live));
  },
};

/** What keeps a pod from running, in words for the user; nothing while it is merely starting. */
export function podProblems(object: KubeObject): string[] {
  const name = object.metadata.name ?? "";
  const scheduled = conditionOf(object, "PodScheduled");
  const problems =
    scheduled?.status === "False" ? [`${scheduled.reason}: ${scheduled.message}`] : [];
  for (const list of ["initContainerStatuses", "containerStatuses"]) {
    for (const status of listAt(object, "status", list)) {
      const problem = containerProblem(status);
      if (problem !== undefined) {
        problems.push(`container ${textAt(status, "name") ?? ""}: ${problem}`);
      }
    }
  }
  return problems.map((problem) => `pod ${name}: ${problem}`);
}

const starting = ["ContainerCreating", "PodInitializing"];

function containerProblem(status: unknown): string | undefined {
  const waiting = textAt(status, "state", "waiting", "reason");
  if (waiting !== undefined && !starting.includes(waiting)) {
    return `${waiting}: ${textAt(status, "state", "waiting", "message") ?? ""}`;
  }
  const ended = fieldAt(status, "state", "terminated");
  const code = fieldAt(ended, "exitCode");
  if (typeof code !== "number" || code === 0) return undefined;
  return `ended with exit code ${code}${textAt(ended, "message") ? `: ${textAt(ended, "message")}` : ""}`;
}

/** The label selector of a workload, as a query. */
export function selectorOf(workload: KubeObject): string {
  const labels = fieldAt(workload, "spec", "selector", "matchLabels");
  const pairs = Object.entries(isRecord(labels) ? labels : {}).map(([k, v]) => `${k}=${String(v)}`);
  for (const expression of listAt(workload, "spec", "selector", "matchExpressions")) {
    const key = textAt(expression, "key") ?? "";
    const values = listAt(expression, "values").join(",");
    switch (textAt(expression, "operator")) {
      case "In":
        pairs.push(`${key} in (${values})`);
        break;
      case "NotIn":
        pairs.push(`${key} notin (${values})`);
        break;
      case "Exists":
        pairs.push(key);
        break;
      default:
        pairs.push(`!${key}`);
    }
  }
  return pairs.join(",");
}

const workloads = ["Deployment", "StatefulSet", "DaemonSet", "Job"];
const MOST_PROBLEMS = 5;

/** Why an object's pods and the server's own warnings say that it is not ready. */
export async function explain(live: KubeObject, around: Surroundings): Promise<string[]> {
  const namespace = live.metadata.namespace;
  if (namespace === undefined) return [];
  const pods =
    workloads.includes(live.kind) && selectorOf(live) !== ""
      ? await around.list("v1", "Pod", namespace, selectorOf(live))
      : [];
  const about = `type=Warning,involvedObject.uid=${live.metadata.uid ?? ""}`;
  const events = await around.list("v1", "Event", namespace, undefined, about);
  const warnings = events.map(
    (event) => `${textAt(event, "reason") ?? ""}: ${textAt(event, "message") ?? ""}`,
  );
  return [...new Set([...warnings, ...pods.flatMap(podProblems)])].slice(0, MOST_PROBLEMS);
}
