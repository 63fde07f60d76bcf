import { Cni } from "./args";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  cni: Cni.Cilium,
  clusterDomain: "cluster.local",
  downloadBaseUrl: "https://github.com/k3s-io/k3s/releases/download",
  kubeadmDownloadBaseUrl: "https://dl.k8s.io/release",
  minimumDiskGib: 20,
  podCidr: "10.42.0.0/16",
  serviceCidr: "10.43.0.0/16",
  snapshotSchedule: "17 0,6,12,18 * * *",
  snapshotsRetained: 28,
});
