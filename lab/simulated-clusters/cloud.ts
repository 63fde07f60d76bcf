import type { KubeObject } from "../kube/objects";

/** What a cloud adds to the clusters that it runs, as far as a simulated one has it too. */
export interface Cloud {
  /** The region of a zone. */
  region(zone: string): string;
  /** What the cloud's controller writes on a node to tell which machine it is. */
  providerId(zone: string, node: string, digits: string): string;
  /** The storage classes that a new cluster has. */
  storageClasses: KubeObject[];
}

const IS_DEFAULT = { "storageclass.kubernetes.io/is-default-class": "true" };

// EKS makes gp2, and no default since 1.30; its old provisioner's name stands for the CSI driver's.
// Source: https://docs.aws.amazon.com/eks/latest/userguide/storage-classes.html
const aws: Cloud = {
  region: (zone) => zone.replace(/[a-z]$/, ""),
  providerId: (zone, _node, digits) => `aws:///${zone}/i-0${digits}`,
  storageClasses: [storageClass("gp2", "kubernetes.io/aws-ebs", { type: "gp2" })],
};

// Source: https://cloud.google.com/kubernetes-engine/docs/concepts/persistent-volumes#storageclasses
const gcp: Cloud = {
  region: (zone) => zone.replace(/-[a-z]$/, ""),
  providerId: (zone, node) => `gce://lab/${zone}/${node}`,
  storageClasses: [
    storageClass("standard-rwo", "pd.csi.storage.gke.io", { type: "pd-balanced" }, IS_DEFAULT),
    storageClass("premium-rwo", "pd.csi.storage.gke.io", { type: "pd-ssd" }),
  ],
};

// Source: https://learn.microsoft.com/azure/aks/concepts-storage#storage-classes
const azure: Cloud = {
  region: (zone) => zone.replace(/-\d$/, ""),
  providerId: (_zone, node) =>
    `azure:///subscriptions/lab/resourceGroups/lab/providers/Microsoft.Compute/virtualMachines/${node}`,
  storageClasses: [
    storageClass("default", "disk.csi.azure.com", { skuname: "StandardSSD_LRS" }, IS_DEFAULT),
    storageClass("managed-csi", "disk.csi.azure.com", { skuname: "StandardSSD_LRS" }),
    storageClass("managed-csi-premium", "disk.csi.azure.com", { skuname: "Premium_LRS" }),
  ],
};

// One's own machines under k3s, which brings a provisioner of folders on their disks and makes its class the default.
// Source: https://docs.k3s.io/storage
const ownMachines: Cloud = {
  region: () => "",
  providerId: (_zone, node) => `k3s://${node}`,
  storageClasses: [
    {
      ...storageClass("local-path", "rancher.io/local-path", {}, IS_DEFAULT),
      allowVolumeExpansion: false,
    },
  ],
};

/** The cloud of a resource type. Errors: one that makes no clusters. */
export function cloudOf(type: string): Cloud {
  const clouds: Partial<Record<string, Cloud>> = {
    ...{ aws, gcp, "azure-native": azure },
    "kvm-fabric": ownMachines,
  };
  const cloud = clouds[type.split(":")[0] ?? ""];
  if (cloud) return cloud;
  throw new Error(`${type} is of no simulated cloud`);
}

function storageClass(
  name: string,
  provisioner: string,
  parameters: Record<string, string>,
  annotations: Record<string, string> = {},
): KubeObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, annotations },
    provisioner,
    parameters,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  };
}
