import type { ClaimView, NodeView, StorageClassView, VolumeView } from "./objects";
import { isFake } from "./objects";

/** The provisioner that the lab's StorageClass names. */
export const VOLUME_PROVISIONER = "lab.kvm-fabric.dev/volumes";

/**
 * The provisioners that the simulators play: the lab's own, those of the clouds' block storage and that of k3s. Their
 * drivers would run on nodes, and no simulated node runs anything.
 */
const PLAYED_PROVISIONERS: readonly string[] = [
  VOLUME_PROVISIONER,
  "ebs.csi.aws.com",
  "kubernetes.io/aws-ebs",
  "pd.csi.storage.gke.io",
  "disk.csi.azure.com",
  "rancher.io/local-path",
];

/** The label of every volume that the lab made up: nothing is stored behind it. */
export const SIMULATED_LABEL = "lab.kvm-fabric.dev/simulated";

const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** A PersistentVolume as it is sent to the API server. */
export interface VolumeManifest {
  apiVersion: "v1";
  kind: "PersistentVolume";
  metadata: {
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  spec: {
    accessModes: string[];
    capacity: { storage: string };
    claimRef: Record<"apiVersion" | "kind" | "namespace" | "name" | "uid", string>;
    hostPath: { path: string; type: "DirectoryOrCreate" };
    persistentVolumeReclaimPolicy: string;
    storageClassName: string;
    volumeMode: string;
  };
}

/**
 * The volume that a provisioner would make for a claim now, or undefined where none is due.
 *
 * A class that waits for the first consumer gets its volume once the scheduler has chosen a node, and
 * only where that node is known and simulated: on a real one a hostPath would be a real folder.
 */
export function volumeDue(
  claim: ClaimView,
  storageClass: StorageClassView | undefined,
  findNode: (name: string) => NodeView | undefined,
): VolumeManifest | undefined {
  if (storageClass === undefined || !isOpen(claim)) return undefined;
  if (!PLAYED_PROVISIONERS.includes(storageClass.provisioner)) return undefined;
  const selected = selectedNode(claim);
  if (selected === undefined) {
    const waits = storageClass.volumeBindingMode === "WaitForFirstConsumer";
    return waits ? undefined : volumeFor(claim, storageClass);
  }
  const node = findNode(selected);
  return node && isFake(node) ? volumeFor(claim, storageClass) : undefined;
}

/** The node that the scheduler chose for a claim's first consumer, once it has. */
export function selectedNode({ metadata }: ClaimView): string | undefined {
  return metadata.annotations[SELECTED_NODE];
}

/** Whether a volume is one of the lab's whose claim is gone and whose policy says that it goes too. */
export function isToDelete({ metadata, spec, status }: VolumeView): boolean {
  return (
    metadata.annotations[PROVISIONED_BY] === VOLUME_PROVISIONER &&
    metadata.deletionTimestamp === undefined &&
    spec.persistentVolumeReclaimPolicy === "Delete" &&
    status.phase === "Released"
  );
}

function isOpen({ metadata, spec, status }: ClaimView): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    (spec.volumeName ?? "") === "" &&
    (status.phase ?? "Pending") === "Pending"
  );
}

function volumeFor(claim: ClaimView, storageClass: StorageClassView): VolumeManifest {
  const { name, namespace = "default", uid } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: volumeName,
      labels: { [SIMULATED_LABEL]: "true" },
      annotations: { [PROVISIONED_BY]: VOLUME_PROVISIONER },
    },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources.requests.storage ?? "1Gi" },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
      hostPath: {
        path: `/var/lib/kvm-fabric-lab/volumes/${volumeName}`,
        type: "DirectoryOrCreate",
      },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode ?? "Filesystem",
    },
  };
}
