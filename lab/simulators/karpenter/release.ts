import type { KubeObject } from "../../kube/objects";

/** Label of the object that says which chart a recorded Helm release would have installed; its value is the chart. */
export const RELEASE_LABEL = "lab.kvm-fabric.dev/release";

/** Namespace of the objects that say so: one that every cluster has. */
export const RELEASE_NAMESPACE = "kube-system";

/** The object that stands for an installed release of a chart whose controller the simulators play. */
export function releaseMarker(chart: string, namespace: string, name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `lab-release-${namespace}-${name}`,
      namespace: RELEASE_NAMESPACE,
      labels: { [RELEASE_LABEL]: chart },
    },
    data: { release: `${namespace}/${name}` },
  };
}
