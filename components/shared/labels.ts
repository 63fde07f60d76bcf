/** Labels of an object: the recommended set of Kubernetes. */
export type ObjectLabels = Record<string, string>;

/**
 * The labels that select the pods of one component instance. They never change after creation: a
 * selector is immutable.
 */
export function selectorLabels(component: string, instance: string): ObjectLabels {
  return { "app.kubernetes.io/name": component, "app.kubernetes.io/instance": instance };
}

/**
 * The labels that every object of a component carries.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function objectLabels(component: string, instance: string): ObjectLabels {
  return {
    ...selectorLabels(component, instance),
    "app.kubernetes.io/part-of": "kvm-fabric",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}
