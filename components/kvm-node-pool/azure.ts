import { AgentPool } from "@pulumi/azure-native/containerservice/agentPool";
import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../shared/require-plan";
import { AksWorkloadRuntime, type AzureKvmNodePoolArgs } from "./azure-args";
import { type AzurePoolPlan, planAzurePool } from "./azure-plan";
import { azurePoolName } from "../shared/pool-name";

/**
 * KVM nodes of an AKS cluster: machines whose size runs virtual machines of its own.
 *
 * Creates, under its logical name `NAME`: the agent pool `NAME`. Its name in AKS has at most twelve characters: the
 * first eight letters and digits of `NAME` and four of a hash of `NAME` and what AKS refuses to change in place. It
 * costs its machines and their disks.
 *
 * ```typescript
 * new AzureKvmNodePool("kvm", {
 *   cluster: cluster.ref, subnetId: network.nodeSubnetId, zones: ["1", "2", "3"],
 *   vmSize: "Standard_D8ds_v5", minNodes: 1, maxNodes: 6,
 * });
 * ```
 *
 * - Each node joins with the contract's labels and the worker taint, but without the startup taint: AKS lets nobody
 *   take away a taint of the pool (its webhook refuses the provisioner's write), and initialisation taints, made for
 *   this, are a preview. Workers are kept off an unproven node by the label `DOMAIN/assets`, which they select;
 *   other pods that tolerate the worker taint must select it too.
 * - Spot nodes carry the taint `kubernetes.azure.com/scalesetpriority=spot:NoSchedule` of AKS beside: node
 *   provisioner and workers then need it among their `tolerations`.
 * - AKS works on one pool at a time: of several, let each depend on the one before (`dependsOn: [before]`).
 * - In place: sizes, labels, taints, tags, image, version, upgrade settings. A new pool beside the old one: size of
 *   the machines, disk, zones, subnet, `maxPodsPerNode`, spot, encryption at host, host profile.
 * - There is no start-up script: what AKS' node configuration cannot say is refused.
 *
 * Not for confidential or Trusted Launch machines, nor for AKS' own pod sandbox: nothing nests in them.
 * Sources: https://learn.microsoft.com/azure/aks/use-node-taints, Azure/AKS#573, MicrosoftDocs/WSL#2034
 */
export class AzureKvmNodePool extends pulumi.ComponentResource {
  /** Labels that each node joins with. */
  public readonly nodeLabels: pulumi.Output<Record<string, string>>;
  /** The pool's name in AKS. */
  public readonly poolName: pulumi.Output<string>;

  constructor(name: string, args: AzureKvmNodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AzureKvmNodePool", name, args, opts);
    const plan = requirePlan("AzureKvmNodePool", name, planAzurePool(name, args));

    const cloudName = poolNameOf(name, plan, args);
    const pool = createPool(this, name, plan, args, cloudName, opts?.dependsOn);

    this.nodeLabels = pulumi.output(plan.labels);
    this.poolName = pool.name;
    this.registerOutputs({ nodeLabels: this.nodeLabels, poolName: this.poolName });
  }
}

function poolNameOf(
  name: string,
  { replacing }: AzurePoolPlan,
  { cluster, subnetId }: AzureKvmNodePoolArgs,
): pulumi.Output<string> {
  return pulumi
    .all([cluster.resourceGroupName, cluster.name, subnetId])
    .apply(([group, clusterName, subnet]) =>
      azurePoolName(name, { ...replacing, group, cluster: clusterName, subnet }),
    );
}

function createPool(
  parent: AzureKvmNodePool,
  name: string,
  plan: AzurePoolPlan,
  { cluster, subnetId, version }: AzureKvmNodePoolArgs,
  cloudName: pulumi.Output<string>,
  dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
): AgentPool {
  return new AgentPool(
    name,
    {
      agentPoolName: cloudName,
      availabilityZones: plan.zones,
      ...size(plan),
      enableEncryptionAtHost: plan.encryptionAtHost,
      enableNodePublicIP: false,
      ...plan.host,
      maxPods: plan.maxPodsPerNode,
      mode: "User",
      orchestratorVersion: version ?? cluster.kubernetesVersion,
      ...system(plan),
      resourceGroupName: cluster.resourceGroupName,
      resourceName: cluster.name,
      ...spotSettings(plan),
      tags: plan.tags,
      type: "VirtualMachineScaleSets",
      upgradeSettings: { drainTimeoutInMinutes: 30, maxSurge: plan.maxSurge },
      vmSize: plan.vmSize,
      vnetSubnetID: subnetId,
      workloadRuntime: AksWorkloadRuntime.OciContainer,
    },
    {
      parent,
      ...(dependsOn !== undefined && { dependsOn }),
      // The autoscaler's to move.
      ignoreChanges: plan.autoscaled ? ["count"] : [],
    },
  );
}

function size({ autoscaled, maxNodes, minNodes }: AzurePoolPlan) {
  return {
    scaleDownMode: "Delete",
    count: minNodes,
    enableAutoScaling: autoscaled,
    ...(autoscaled && { minCount: minNodes, maxCount: maxNodes }),
  };
}

/** Secure boot and a virtual TPM are off in so many words: nothing nests under them. */
function system({ diskGib, image, labels, nodeTaints, osDisk }: AzurePoolPlan) {
  return {
    nodeLabels: labels,
    nodeTaints,
    osDiskSizeGB: diskGib,
    osDiskType: osDisk,
    osSKU: image,
    osType: "Linux",
    securityProfile: { enableSecureBoot: false, enableVTPM: false },
  };
}

function spotSettings({ spotMaxPrice }: AzurePoolPlan) {
  if (spotMaxPrice === undefined) return { scaleSetPriority: "Regular" };
  return { scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice };
}
