import { isDeepStrictEqual } from "node:util";
import { conditionOf, fieldAt, isRecord, textAt } from "../../../kube/objects";
import { failed, ready, waitingFor, type AwaitRule, type Readiness } from "./readiness";

/** A definition: served, so that resources of its kind can follow at once. */
export const customResourceDefinition: AwaitRule = {
  evaluate(live): Readiness {
    const names = conditionOf(live, "NamesAccepted");
    if (names?.status === "False") return failed(`${names.reason}: ${names.message}`);
    const established = conditionOf(live, "Established");
    return waitingFor(
      established?.status !== "True" &&
        `the definition is not served yet: ${established?.message ?? ""}`,
    );
  },
};

/** A namespace: active. */
export const namespace: AwaitRule = {
  evaluate(live): Readiness {
    const phase = textAt(live, "status", "phase") ?? "Active";
    return waitingFor(phase !== "Active" && `namespace is ${phase}`);
  },
};

/** A quota: taken over by the controller that counts. */
export const resourceQuota: AwaitRule = {
  timeoutSeconds: 60,
  evaluate: (live) =>
    waitingFor(
      !isDeepStrictEqual(fieldAt(live, "spec", "hard"), fieldAt(live, "status", "hard")) &&
        "the quota is not in force yet",
    ),
};

/** A service account's token Secret: filled. Any other Secret is ready at once. */
export const secret: AwaitRule = {
  timeoutSeconds: 5,
  evaluate(live): Readiness {
    if (textAt(live, "type") !== "kubernetes.io/service-account-token") return ready;
    const data = fieldAt(live, "data");
    const isFilled = isRecord(data) && Object.keys(data).length > 0;
    return waitingFor(!isFilled && "the token has not been written yet");
  },
};
