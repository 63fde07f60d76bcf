import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../shared/labels";
import { objectName } from "../shared/names";
import { requirePlan } from "../shared/require-plan";
import type { ClusterAutoscalerArgs } from "./args";
import { cloudConfig, externalValues } from "./chart";
import { planAutoscaler } from "./plan";
import { createRelease } from "./release";

/**
 * The cluster autoscaler for machines that no cloud's API starts: bare metal behind a service of one's own, which
 * speaks the autoscaler's gRPC protocol and powers machines on and off (IPMI, Redfish, a provisioning system).
 *
 * Creates, under its logical name `NAME`: the ConfigMap `NAME` with the service's address and the Helm release
 * `NAME-chart`. It costs what two small pods do.
 *
 * ```typescript
 * new ClusterAutoscaler("autoscaler", { address: "machines.example.com:8086", tlsSecretName: "machines-client" });
 * ```
 *
 * There is no such service here, and none is pretended: without one, the number of a bare-metal cluster's machines
 * is what its hosts are, and this is not for it. Nor is it for GKE and AKS, which bring their own autoscaler and need
 * no more than a pool's least and most of nodes, nor for EKS (`AwsClusterAutoscaler`, `Karpenter`).
 */
export class ClusterAutoscaler extends pulumi.ComponentResource {
  /** Name of the Helm release. */
  public readonly releaseName: pulumi.Output<string>;

  constructor(name: string, args: ClusterAutoscalerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:ClusterAutoscaler", name, args, opts);
    const plan = requirePlan("ClusterAutoscaler", name, planAutoscaler(name, args));

    const config = new corev1.ConfigMap(
      name,
      {
        metadata: {
          name: objectName([name, "config"]),
          namespace: plan.namespace,
          labels: objectLabels("cluster-autoscaler", objectName([name])),
        },
        data: { "cloud-config": cloudConfig(args.address) },
      },
      { parent: this },
    );
    const values = externalValues(plan, config.metadata.name, args.tlsSecretName);
    const release = createRelease(this, name, plan, values, [config]);

    this.releaseName = release.name;
    this.registerOutputs({ releaseName: this.releaseName });
  }
}
