import { createHash } from "node:crypto";
import type { input as k8s } from "@pulumi/kubernetes/types";
import { objectName } from "../shared/names";
import { jailerSeccompProfile } from "./jailer/seccomp";
import type { WorkerPlan } from "./plan";

/** The folder below the kubelet's `seccomp` that is ours. */
const OWN_FOLDER = "kvm-fabric";
/** Where the sidecar `hold` sees that folder of the node. */
const HOST_FOLDER = "/host-seccomp";
/** Where it sees the profile as the component ships it. */
const SOURCE_FOLDER = "/seccomp";
/** The key of the profile in its ConfigMap. */
export const SECCOMP_FILE = "profile.json";

/** A seccomp profile, and what it is called on the nodes and in the cluster. */
export interface SeccompPlan {
  /** The ConfigMap that it lies in. */
  configMap: string;
  content: string;
  /** The file on the nodes, in our folder. */
  file: string;
  /** The same as a container's `localhostProfile` names it: from the kubelet's `seccomp` folder on. */
  localhostProfile: string;
}

/** The jailer's profile, named by its content: a new one never changes what running workers were started with. */
export function planSeccomp(name: string): SeccompPlan {
  const content = jailerSeccompProfile();
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const file = `${objectName([name, hash])}.json`;
  return {
    configMap: objectName([name, "seccomp", hash]),
    content,
    file,
    localhostProfile: `${OWN_FOLDER}/${file}`,
  };
}

/** The profile and the node's folder for it: the only folder of the node that anything in a worker pod may write. */
export function seccompVolumes({ kubeletRoot, seccomp }: WorkerPlan): k8s.core.v1.Volume[] {
  if (seccomp === undefined) return [];
  const path = `${kubeletRoot}/seccomp/${OWN_FOLDER}`;
  return [
    { name: "seccomp", configMap: { name: seccomp.configMap } },
    { name: "host-seccomp", hostPath: { path, type: "DirectoryOrCreate" } },
  ];
}

/** What the sidecar `hold` sees of them. */
export function seccompMounts({ seccomp }: WorkerPlan): k8s.core.v1.VolumeMount[] {
  if (seccomp === undefined) return [];
  return [
    { name: "seccomp", mountPath: SOURCE_FOLDER, readOnly: true },
    { name: "host-seccomp", mountPath: HOST_FOLDER },
  ];
}

/** What the sidecar `hold` knows of them. */
export function seccompEnvironment({ seccomp }: WorkerPlan) {
  if (seccomp === undefined) return [];
  return [
    { name: "SECCOMP_FOLDER", value: HOST_FOLDER },
    { name: "SECCOMP_PROFILE", value: seccomp.file },
    { name: "SECCOMP_SOURCE", value: `${SOURCE_FOLDER}/${SECCOMP_FILE}` },
  ];
}
