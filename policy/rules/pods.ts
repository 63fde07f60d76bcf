import { at, items, textAt } from "../resource";

/** A container of a workload, with where it is. */
export interface PodContainer {
  path: string;
  container: unknown;
}

/** Where each kind keeps its pod. */
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** The pod (template) of a Kubernetes workload; undefined for every other type. */
export function podOf(type: string, props: unknown): unknown {
  const path = type.startsWith("kubernetes:") ? podPaths[type.split(":").at(-1) ?? ""] : undefined;
  return path === undefined ? undefined : at(props, ...path);
}

/** All containers of a pod: init containers and ephemeral ones too. */
export function containersOf(pod: unknown): PodContainer[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((list) =>
    items(at(pod, "spec", list)).map((container, index) => ({
      path: `${list}[${textAt(container, "name") || String(index)}]`,
      container,
    })),
  );
}
