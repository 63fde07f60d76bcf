import { latencySeconds } from "../../lab/engine/simulated-cloud/clouds/latencies";
import type { StateResource } from "./state";

/** What is done to a resource. */
export type Operation = "create" | "delete";

/**
 * How long Kubernetes takes, in seconds, to create and to delete what Pulumi waits for. Nobody publishes such numbers:
 * these are assumptions for images of some 100 MB on nodes that are there. Whatever is not listed, or is not waited for,
 * takes a second.
 */
const KUBERNETES: Readonly<Record<string, Record<Operation, number>>> = {
  "kubernetes:helm.sh/v3:Release": { create: 60, delete: 20 },
  "kubernetes:apps/v1:StatefulSet": { create: 60, delete: 30 },
  "kubernetes:apps/v1:DaemonSet": { create: 30, delete: 30 },
  "kubernetes:apps/v1:Deployment": { create: 30, delete: 30 },
  "kubernetes:batch/v1:Job": { create: 30, delete: 5 },
  "kubernetes:core/v1:Namespace": { create: 1, delete: 15 },
  "kubernetes:core/v1:PersistentVolumeClaim": { create: 15, delete: 15 },
  // The machines of a pool are ended first; how many there are is not known here.
  "kubernetes:karpenter.sh/v1:NodePool": { create: 1, delete: 120 },
};

/** A chart of definitions alone: nothing of it runs. */
const DEFINITIONS_SECONDS = 5;

/** How long an operation on a resource takes, in seconds. Components and providers take none. */
export function seconds(resource: StateResource, operation: Operation): number {
  if (!resource.custom || resource.type.startsWith("pulumi:providers:")) return 0;
  const kubernetes = KUBERNETES[resource.type];
  if (kubernetes === undefined) return latencySeconds(resource.type, operation);
  if (isDefinitions(resource)) return DEFINITIONS_SECONDS;
  return operation === "create" && isNotAwaited(resource) ? 1 : kubernetes[operation];
}

/** Whether it is a chart that holds definitions of kinds and nothing that runs. */
export function isDefinitions({ type, inputs }: StateResource): boolean {
  return type === "kubernetes:helm.sh/v3:Release" && /-crds?$/.test(String(inputs.chart));
}

function isNotAwaited({ inputs }: StateResource): boolean {
  return (
    inputs.metadata?.annotations?.["pulumi.com/skipAwait"] === "true" || inputs.skipAwait === true
  );
}
