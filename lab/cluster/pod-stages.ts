import { stringify } from "yaml";

/** The label and value by which pods of a node provisioner are known. */
export const PROVISIONER_POD = {
  key: "app.kubernetes.io/name",
  value: "node-provisioner",
} as const;

/**
 * A stage for kwok beside its own: a running provisioner pod that is told to end gets its whole grace
 * period, as a kubelet gives it, since its `report` container may have to take its label off the node
 * with a token that dies with the pod. The simulators end the pod once that is done; where none runs,
 * kwok does when the period is over.
 *
 * Of several stages that match, kwok takes those with a weight; its own have none. A stage in kwokctl's
 * configuration would take the place of all of kwok's own, so this one goes to kwok in a file apart.
 * Source: https://kwok.sigs.k8s.io/docs/user/stages-configuration/
 */
export function podStages(): string {
  return stringify({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: "provisioner-pod-delete" },
    spec: {
      resourceRef: { apiGroup: "v1", kind: "Pod" },
      selector: {
        matchLabels: { [PROVISIONER_POD.key]: PROVISIONER_POD.value },
        matchExpressions: [
          { key: ".metadata.deletionTimestamp", operator: "Exists" },
          { key: ".status.phase", operator: "In", values: ["Running"] },
        ],
      },
      weight: 1,
      // The timestamp is the end of the grace period, not its beginning.
      delay: { durationFrom: { expressionFrom: ".metadata.deletionTimestamp" } },
      next: { delete: true },
    },
  });
}
