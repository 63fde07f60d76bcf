import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import type { VmPod } from "./vm-pod";

/** The node's assets, read-only wherever they are mounted, and what `hold` says that it holds in. */
export function assetVolumes({ assetsRoot }: VmPod): k8s.core.v1.Volume[] {
  return [
    { name: "assets", hostPath: { path: assetsRoot, type: "Directory" } },
    { name: "hold", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
  ];
}

/** The files of the pod's own asset set, and of no other: `current` may move on while the pod runs. */
export function assetsMount({ assetsMountPath, assetSet }: VmPod): k8s.core.v1.VolumeMount {
  return {
    name: "assets",
    mountPath: assetsMountPath,
    readOnly: true,
    subPath: pulumi.interpolate`versions/${assetSet}`,
  };
}
