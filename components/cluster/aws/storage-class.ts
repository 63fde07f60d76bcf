import type { StorageClassArgs } from "@pulumi/kubernetes/storage/v1/storageClass";

/**
 * Arguments of a StorageClass of encrypted EBS volumes, for a cluster with the EBS add-on: EKS brings no class that
 * encrypts, and none that is the default. Volumes are made in the zone of the pod that first asks for one, may grow, and
 * go with their claims; what holds data guards its claims.
 *
 *     new k8s.storage.v1.StorageClass("disks", gp3StorageClass("disks"), { provider: inside });
 *
 * Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
 * @param name Name of the object, which becomes the cluster's default.
 */
export function gp3StorageClass(name: string): StorageClassArgs {
  return {
    metadata: {
      name,
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  };
}
