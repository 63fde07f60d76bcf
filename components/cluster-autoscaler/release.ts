import { Release } from "@pulumi/kubernetes/helm/v3/release";
import type * as pulumi from "@pulumi/pulumi";
import type { AutoscalerPlan } from "./plan";

/** How long the chart may take until it is ready, in seconds. */
const TIMEOUT_SECONDS = 300;

/** Installs the chart; a failed first install is taken back, so that the next run can begin again. */
export function createRelease(
  parent: pulumi.Resource,
  name: string,
  plan: AutoscalerPlan,
  values: Record<string, unknown>,
  dependsOn: pulumi.Resource[],
): Release {
  const packed = plan.chartRepository.startsWith("oci:");
  return new Release(
    `${name}-chart`,
    {
      name,
      namespace: plan.namespace,
      chart: packed ? `${plan.chartRepository}/cluster-autoscaler` : "cluster-autoscaler",
      ...(!packed && { repositoryOpts: { repo: plan.chartRepository } }),
      version: plan.chartVersion,
      timeout: TIMEOUT_SECONDS,
      atomic: true,
      cleanupOnFail: true,
      values,
    },
    { parent, dependsOn },
  );
}
