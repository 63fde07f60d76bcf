import type { EnvironmentVariable } from "../shared/environment-variable";
import type { VmPod } from "./vm-pod";

/** Where a pod keeps sockets, logs and guests' writable disks. */
export const RUN_FOLDER = "/run/worker";
/** Appears when no more guests are to be taken. */
export const DRAINING_FILE = `${RUN_FOLDER}/draining`;
/** The pair of pipes, `.in` and `.out`, through which the drain asks a QEMU to power its guest down. */
export const MONITOR_PIPE = `${RUN_FOLDER}/monitor`;

/** Where the asset set lies, and which one it is. */
export function assetVariables(pod: VmPod): EnvironmentVariable[] {
  return [
    { name: "KVM_FABRIC_ASSETS", value: pod.assetsMountPath },
    { name: "KVM_FABRIC_ASSET_SET", value: pod.assetSet },
  ];
}
