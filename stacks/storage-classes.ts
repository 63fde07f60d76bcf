import type { StorageClassArgs } from "@pulumi/kubernetes/storage/v1/storageClass";
import { Target } from "./schema";

/** Name of the StorageClass that the target `aws` makes: EKS brings none that encrypts. */
export const GP3_CLASS = "fabric-gp3";

/**
 * The StorageClass of the fabric's volumes on each target, where the stack's file names none; undefined is the cluster's
 * default. All encrypt: disks of Google Cloud and of Azure always are.
 * Sources: https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes#storageclasses,
 * https://learn.microsoft.com/azure/aks/concepts-storage#storage-classes
 */
export const storageClasses: Readonly<Record<Target, string | undefined>> = Object.freeze({
  [Target.Kubernetes]: undefined,
  [Target.Aws]: GP3_CLASS,
  [Target.Gcp]: "standard-rwo",
  [Target.Azure]: "managed-csi",
  // What k3s brings along, unless the cluster's owner chose another one.
  [Target.BareMetal]: undefined,
});

/**
 * Encrypted EBS volumes, made in the zone of the pod that first asks for one: the cluster's default. A volume goes with
 * its claim; what holds data guards its claims.
 * Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
 */
export function gp3Class(): StorageClassArgs {
  return {
    metadata: {
      name: GP3_CLASS,
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  };
}
