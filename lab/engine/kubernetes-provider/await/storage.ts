import { fieldAt, textAt, type KubeObject } from "../../../kube/objects";
import { ready, waitingFor, type AwaitRule, type Readiness, type Surroundings } from "./readiness";

const FIVE_MINUTES = 300;
const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

/** A claim: bound; or, where its class waits for a consumer, pending. */
export const persistentVolumeClaim: AwaitRule = {
  timeoutSeconds: FIVE_MINUTES,
  looksAround: true,
  async evaluate(live, around, phase): Promise<Readiness> {
    const current = textAt(live, "status", "phase") ?? "Pending";
    if (current === "Bound") return ready;
    if (current === "Pending" && phase !== "read" && (await waitsForConsumer(live, around))) {
      return ready;
    }
    return waitingFor(`claim is ${current}`);
  },
};

async function waitsForConsumer(claim: KubeObject, around: Surroundings): Promise<boolean> {
  const named = textAt(claim, "spec", "storageClassName");
  if (named === "") return false;
  const storageClass =
    named === undefined
      ? (await around.list("storage.k8s.io/v1", "StorageClass", "")).find(
          (one) => one.metadata.annotations?.[DEFAULT_CLASS] === "true",
        )
      : await around.find("storage.k8s.io/v1", "StorageClass", named);
  return fieldAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer";
}

/** A volume: there to be bound, or bound. */
export const persistentVolume: AwaitRule = {
  timeoutSeconds: FIVE_MINUTES,
  evaluate(live): Readiness {
    const phase = textAt(live, "status", "phase") ?? "Pending";
    return waitingFor(phase !== "Available" && phase !== "Bound" && `volume is ${phase}`);
  },
};
