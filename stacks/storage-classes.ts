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
