import type { KubeObject } from "../kube/objects";
import { VOLUME_PROVISIONER } from "../simulators/volume-plan";

/** Name of the lab's default StorageClass. */
export const LAB_STORAGE_CLASS = "lab";

/**
 * The lab's default StorageClass. Its provisioner is played by the lab's simulators, which bind claims to
 * volumes that hold nothing.
 */
export function storageClass(): KubeObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: LAB_STORAGE_CLASS,
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: VOLUME_PROVISIONER,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  };
}
