import type { Input } from "@pulumi/pulumi";
import { objectLabels, type ObjectLabels, selectorLabels } from "../shared/labels";
import { CONSUL_APP } from "./ports";

const COMPONENT = "app.kubernetes.io/component";

/** The metadata of an object of an instance. */
export function consulMetadata(instance: string, name: string, namespace: Input<string>) {
  return { name, namespace, labels: objectLabels(CONSUL_APP, instance) };
}

/** The labels of the pods of one component of an instance. */
export function podLabels(instance: string, component: string): ObjectLabels {
  return { ...objectLabels(CONSUL_APP, instance), [COMPONENT]: component };
}

/** The labels that select the pods of one component of an instance. */
export function podSelector(instance: string, component: string): ObjectLabels {
  return { ...selectorLabels(CONSUL_APP, instance), [COMPONENT]: component };
}
