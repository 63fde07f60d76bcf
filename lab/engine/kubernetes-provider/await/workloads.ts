import {
  conditionOf,
  fieldAt,
  listAt,
  numberAt,
  textAt,
  type KubeObject,
} from "../../../kube/objects";
import { selectorOf } from "./pods";
import { failed, ready, waitingFor, type AwaitRule, type Readiness } from "./readiness";

const REVISION = "deployment.kubernetes.io/revision";

/** The controller has not looked at the newest specification yet. */
function isUnobserved(live: KubeObject): boolean {
  const observed = numberAt(live, "status", "observedGeneration") ?? 0;
  return observed < (live.metadata.generation ?? 0);
}

const unobserved = waitingFor("the controller has not seen the newest specification yet");

/** A Deployment: rolled out and available, counted by the ReplicaSet of its current revision. */
export const deployment: AwaitRule = {
  looksAround: true,
  onRead: true,
  async evaluate(live, around): Promise<Readiness> {
    if (isUnobserved(live)) return unobserved;
    const progress = conditionOf(live, "Progressing");
    const faults = rolloutFaults(live, progress);
    if (faults.state !== "ready") return faults;
    const sets = await around.list(
      live.apiVersion,
      "ReplicaSet",
      live.metadata.namespace ?? "default",
      selectorOf(live),
    );
    return replicaSetReadiness(live, sets);
  },
};

function rolloutFaults(live: KubeObject, progress: ReturnType<typeof conditionOf>): Readiness {
  const failure = conditionOf(live, "ReplicaFailure");
  const available = conditionOf(live, "Available");
  const isFirst = live.metadata.annotations?.[REVISION] === "1";
  const isRolledOut = progress?.status === "True" && progress.reason === "NewReplicaSetAvailable";
  return waitingFor(
    failure?.status === "True" && `pods cannot be created: ${failure.message}`,
    progress?.status === "False" && `rollout is stuck: ${progress.reason}: ${progress.message}`,
    available?.status !== "True" &&
      `minimum number of pods is not available${suffixed(available?.message)}`,
    !isFirst &&
      !isRolledOut &&
      numberAt(live, "spec", "replicas") !== 0 &&
      `pods of the new revision are not all available${suffixed(progress?.message)}`,
  );
}

/** Judges a Deployment by its ReplicaSets. */
export function replicaSetReadiness(live: KubeObject, sets: readonly KubeObject[]): Readiness {
  const revision = live.metadata.annotations?.[REVISION];
  const current = sets.find(
    (set) =>
      set.metadata.annotations?.[REVISION] === revision &&
      listAt(set, "metadata", "ownerReferences").some(
        (owner) => fieldAt(owner, "uid") === live.metadata.uid,
      ),
  );
  if (!current) return waitingFor("the ReplicaSet of the current revision does not exist yet");
  const wanted = numberAt(current, "spec", "replicas") ?? 1;
  const there = numberAt(current, "status", "readyReplicas") ?? 0;
  return waitingFor(there < wanted && `${there} of ${wanted} pods ready`);
}

/** A StatefulSet: every replica ready and, unless pods are replaced by hand, of the newest revision. */
export const statefulSet: AwaitRule = {
  onRead: true,
  evaluate(live): Readiness {
    if (isUnobserved(live)) return unobserved;
    const wanted = numberAt(live, "spec", "replicas") ?? 1;
    const count = (field: string) => numberAt(live, "status", field) ?? 0;
    const counts = waitingFor(
      count("replicas") !== wanted && `${count("replicas")} of ${wanted} pods exist`,
      count("readyReplicas") !== wanted && `${count("readyReplicas")} of ${wanted} pods ready`,
    );
    if (counts.state !== "ready") return counts;
    if (textAt(live, "spec", "updateStrategy", "type") === "OnDelete") return ready;
    const kept = numberAt(live, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
    if (kept > 0) {
      const due = Math.max(0, wanted - kept);
      return waitingFor(
        count("updatedReplicas") < due && `${count("updatedReplicas")} of ${due} pods updated`,
      );
    }
    const isCurrent =
      textAt(live, "status", "currentRevision") === textAt(live, "status", "updateRevision");
    return waitingFor(
      !isCurrent && `${count("updatedReplicas")} of ${wanted} pods of the newest revision`,
      isCurrent && count("currentReplicas") !== wanted && "pods are being counted",
    );
  },
};

/** A DaemonSet: a ready pod of the newest template on every node that should have one. */
export const daemonSet: AwaitRule = {
  onRead: true,
  evaluate(live): Readiness {
    if (isUnobserved(live)) return unobserved;
    const count = (field: string) => numberAt(live, "status", field) ?? 0;
    const wanted = count("desiredNumberScheduled");
    const short = (field: string, what: string) =>
      count(field) < wanted && `${count(field)} of ${wanted} pods ${what}`;
    return waitingFor(
      short("currentNumberScheduled", "scheduled"),
      short("updatedNumberScheduled", "of the newest template"),
      short("numberReady", "ready"),
      count("numberReady") >= wanted && short("numberAvailable", "available"),
    );
  },
};

const finalFailures = ["BackoffLimitExceeded", "DeadlineExceeded"];

/** A Job: complete; out of retries or of time it has failed for good. A suspended one waits for nobody. */
export const job: AwaitRule = {
  onRead: true,
  evaluate(live): Readiness {
    const failure = conditionOf(live, "Failed");
    if (failure?.status === "True") {
      const reason = `Job failed: ${failure.reason}: ${failure.message}`;
      return finalFailures.includes(failure.reason) ? failed(reason) : waitingFor(reason);
    }
    if (fieldAt(live, "spec", "suspend") === true) return ready;
    const isStarted = textAt(live, "status", "startTime") !== undefined;
    if (isStarted && conditionOf(live, "Complete")?.status === "True") return ready;
    const active = numberAt(live, "status", "active") ?? 0;
    const succeeded = numberAt(live, "status", "succeeded") ?? 0;
    const tries = numberAt(live, "status", "failed") ?? 0;
    return waitingFor(
      isStarted
        ? `Job is running: ${active} active, ${succeeded} succeeded, ${tries} failed pods`
        : "Job has not started",
    );
  },
};

function suffixed(message: string | undefined): string {
  return message === undefined || message === "" ? "" : `: ${message}`;
}
