import { MachineArchitecture } from "../../shared/machine-architecture";
import { KvmAccess, type MachineFamily } from "./machine";

/**
 * Least node version at which Container-Optimized OS takes nested virtualisation.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/nested-virtualization (2025-09-03)
 */
export const LEAST_COS_VERSION = "1.28.4-gke.1083000";

const IMAGE = `UBUNTU_CONTAINERD, or COS_CONTAINERD from ${LEAST_COS_VERSION}`;

const nested: MachineFamily = {
  architecture: MachineArchitecture.Amd64,
  kvm: KvmAccess.Nested,
  image: IMAGE,
  kernel: "5.10",
};

/**
 * Series with Intel VT-x that take nested virtualisation in GKE Standard.
 * Sources: https://cloud.google.com/compute/docs/instances/nested-virtualization/overview and the programs in
 * which N1, N2, C2, C3 and C4 are seen with it: terraform-google-kubernetes-engine, e2b-dev/infra (2026-08)
 */
export const GCP_SERIES: ReadonlyMap<string, MachineFamily> = new Map(
  ["n1", "n2", "c2", "c3", "c4"].map((series) => [series, nested]),
);

/** Series that are known to have none, and why. Source: the overview above. */
export const GCP_REFUSED: ReadonlyMap<string, string> = new Map([
  ["e2", "E2 machines have no nested virtualisation"],
  ...["n2d", "t2d", "c2d", "c3d", "c4d", "n4d"].map(
    (series) => [series, "Google offers no nested virtualisation on AMD processors"] as const,
  ),
  ...["t2a", "c4a", "n4a"].map(
    (series) => [series, "Arm processors have no nested virtualisation"] as const,
  ),
  ...["m1", "m2", "m3", "m4", "x4"].map(
    (series) => [series, "memory-optimised machines have no nested virtualisation"] as const,
  ),
]);

/**
 * Metal machines, which have the processor's own virtualisation and are never sold as spot.
 * Source: https://cloud.google.com/compute/docs/machine-resource
 */
export const GCP_METAL: ReadonlyMap<string, MachineFamily> = new Map([
  ["c3", { ...nested, kvm: KvmAccess.Metal }],
]);

/** Splits a machine type: `c3-standard-192-metal` is series `c3`, and metal. */
export function splitMachineType(type: string): { series: string; metal: boolean } | undefined {
  const match = /^([a-z]+[0-9]+[a-z]?)-[a-z0-9-]+$/.exec(type);
  // Custom machines of the first series carry no series in their name.
  if (/^custom-[0-9]+-[0-9]+$/.test(type)) return { series: "n1", metal: false };
  if (match?.[1] === undefined) return undefined;
  return { series: match[1], metal: type.endsWith("-metal") };
}

/**
 * Keys of a node's metadata that GKE keeps for itself; there is no way to run a script at a node's start.
 * Source: https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/NodeConfig
 */
export const RESERVED_METADATA: readonly string[] = [
  "cluster-location",
  "cluster-name",
  "cluster-uid",
  "common-psm1",
  "configure-sh",
  "containerd-configure-sh",
  "disable-address-manager",
  "enable-os-login",
  "gci-ensure-gke-docker",
  "gci-metrics-enabled",
  "gci-update-strategy",
  "install-ssh-psm1",
  "instance-template",
  "k8s-node-setup-psm1",
  "kube-env",
  "startup-script",
  "user-data",
  "user-profile-psm1",
  "windows-startup-script-ps1",
];
