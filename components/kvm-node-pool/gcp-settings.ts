import type * as container from "@pulumi/gcp/container";
import type { Input } from "@pulumi/pulumi";
import { GkeUpgradeStrategy } from "./gcp-args";
import type { GcpPoolPlan } from "./gcp-plan";

type NodeConfig = Exclude<container.NodePoolArgs["nodeConfig"], undefined>;
type UpgradeSettings = Exclude<container.NodePoolArgs["upgradeSettings"], undefined>;

/** How long the old nodes stay after a blue-green upgrade, for a way back. */
const SOAK = "3600s";

/** The nodes of a pool, as GKE takes them. */
export function gkeNodeConfig(
  plan: GcpPoolPlan,
  serviceAccount: Input<string>,
  bootDiskKmsKey: Input<string> | undefined,
): NodeConfig {
  return {
    ...(plan.threadsPerCore !== undefined && {
      advancedMachineFeatures: {
        enableNestedVirtualization: plan.nested,
        threadsPerCore: plan.threadsPerCore,
      },
    }),
    ...(bootDiskKmsKey !== undefined && { bootDiskKmsKey }),
    diskSizeGb: plan.diskGib,
    diskType: plan.diskType,
    imageType: plan.imageType,
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    labels: plan.labels,
    ...(Object.keys(plan.host).length > 0 && { linuxNodeConfig: plan.host }),
    machineType: plan.machineType,
    metadata: plan.metadata,
    // What the account may do is said by its roles alone.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    resourceLabels: plan.tags,
    serviceAccount,
    shieldedInstanceConfig: {
      enableIntegrityMonitoring: true,
      enableSecureBoot: plan.secureBoot,
    },
    spot: plan.spot,
    tags: plan.networkTags,
    taints: plan.gkeTaints,
    workloadMetadataConfig: { mode: "GKE_METADATA" },
  };
}

/** How new versions come to the nodes, as GKE takes it. */
export function gkeUpgradeSettings(plan: GcpPoolPlan): UpgradeSettings {
  switch (plan.upgradeStrategy) {
    case GkeUpgradeStrategy.Surge:
      return {
        strategy: plan.upgradeStrategy,
        maxSurge: plan.maxSurge,
        maxUnavailable: plan.maxUnavailable,
      };
    case GkeUpgradeStrategy.BlueGreen:
      return {
        strategy: plan.upgradeStrategy,
        blueGreenSettings: {
          nodePoolSoakDuration: SOAK,
          standardRolloutPolicy: { batchNodeCount: 1, batchSoakDuration: "60s" },
        },
      };
    default:
      return plan.upgradeStrategy satisfies never;
  }
}
