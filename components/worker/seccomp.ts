import { createHash } from "node:crypto";
import type { input as k8s } from "@pulumi/kubernetes/types";
import { objectName } from "../shared/names";
import type { WorkerPlan } from "./plan";
import { Isolation } from "./vmm";

/** The folder below the kubelet's `seccomp` that is ours. */
const OWN_FOLDER = "kvm-fabric";
/** Where the sidecar `hold` sees that folder of the node. */
const HOST_FOLDER = "/host-seccomp";
/** Where it sees the profile as the component ships it. */
const SOURCE_FOLDER = "/seccomp";
/** The key of the profile in its ConfigMap. */
export const SECCOMP_FILE = "profile.json";

/** What a seccomp profile is called, on the nodes and in the cluster. */
export interface SeccompNames {
  /** The ConfigMap that it lies in. */
  configMap: string;
  /** The file on the nodes, in our folder. */
  file: string;
  /** The same as a container's `localhostProfile` names it: from the kubelet's `seccomp` folder on. */
  localhostProfile: string;
}

/** Names a profile by its content: a new one never changes what running workers were started with. */
export function seccompNames(name: string, profile: string): SeccompNames {
  const hash = createHash("sha256").update(profile).digest("hex").slice(0, 12);
  const file = `${objectName([name, hash])}.json`;
  return {
    configMap: objectName([name, "seccomp", hash]),
    file,
    localhostProfile: `${OWN_FOLDER}/${file}`,
  };
}

/** The profile and the node's folder for it: the only folder of the node that anything in a worker pod may write. */
export function seccompVolumes(plan: WorkerPlan, configMap: string): k8s.core.v1.Volume[] {
  if (plan.isolation !== Isolation.Jailer) return [];
  const path = `${plan.kubeletRoot}/seccomp/${OWN_FOLDER}`;
  return [
    { name: "seccomp", configMap: { name: configMap } },
    { name: "host-seccomp", hostPath: { path, type: "DirectoryOrCreate" } },
  ];
}

/** What the sidecar `hold` sees of them. */
export function seccompMounts(plan: WorkerPlan): k8s.core.v1.VolumeMount[] {
  if (plan.isolation !== Isolation.Jailer) return [];
  return [
    { name: "seccomp", mountPath: SOURCE_FOLDER, readOnly: true },
    { name: "host-seccomp", mountPath: HOST_FOLDER },
  ];
}

/** What the sidecar `hold` knows of them. */
export function seccompEnvironment(plan: WorkerPlan, names: SeccompNames) {
  if (plan.isolation !== Isolation.Jailer) return [];
  return [
    { name: "SECCOMP_FOLDER", value: HOST_FOLDER },
    { name: "SECCOMP_PROFILE", value: names.file },
    { name: "SECCOMP_SOURCE", value: `${SOURCE_FOLDER}/${SECCOMP_FILE}` },
  ];
}
