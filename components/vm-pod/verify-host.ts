import type { input as k8s } from "@pulumi/kubernetes/types";
import { containerSecurity } from "../shared/container-security";
import { assetVariables, MONITOR_PIPE, RUN_FOLDER } from "./environment";
import { toolCheck } from "./tools";
import type { VmPod } from "./vm-pod";
import { assetsMount } from "./volumes";

/**
 * The script of the init container `verify-host`: a worker starts only where the device opens for reading and
 * writing, and where every file that it needs has the SHA-256 that the manifest of its very asset set says. Everything
 * that is wrong is said at once.
 *
 * The provisioner took the same sums before it labelled the node, but a disk that loses bits later tells nobody. It takes
 * one to four seconds a GiB, with busybox's `sha256sum` ten.
 *
 * POSIX sh; `KVM_DEVICE` stands for another device in tests. With `MONITOR_PIPE` it makes the pipes of QEMU's monitor.
 */
export const VERIFY_HOST_SCRIPT = `set -u
device="\${KVM_DEVICE:-/dev/kvm}"
manifest="$KVM_FABRIC_ASSETS/manifest.json"
${toolCheck("verify-host", ["mkfifo", "rm", "sha256sum"])}
faults=0
fault() {
  echo "verify-host: $1; $2" >&2
  faults=$((faults + 1))
}
# wanted NAME: what the manifest says of a name. It has one a line.
wanted() {
  while read -r key value; do
    [ "$key" = "\\"$1\\":" ] || continue
    value="\${value%,}"
    value="\${value#\\"}"
    echo "\${value%\\"}"
    return
  done <"$manifest"
}
look_at() {
  file="$KVM_FABRIC_ASSETS/$1"
  sum="$(wanted "$1")"
  if [ -z "$sum" ]; then
    fault "asset $1 is not in the manifest of set $KVM_FABRIC_ASSET_SET" "leave it out of assetFiles, or add it to the provisioner's assets"
  elif [ ! -f "$file" ] || [ -L "$file" ]; then
    fault "asset $1 of set $KVM_FABRIC_ASSET_SET is missing" "see the node provisioner's log on this node"
  elif [ ! -r "$file" ]; then
    fault "asset $1 of set $KVM_FABRIC_ASSET_SET is not readable" "check its mode on the node"
  else
    got="$(sha256sum <"$file")"
    [ "sha256:\${got%% *}" = "$sum" ] ||
      fault "asset $1 of set $KVM_FABRIC_ASSET_SET is damaged: sha256:\${got%% *}, wanted $sum" "the node provisioner replaces it at its next full check"
  fi
}
if [ ! -c "$device" ]; then
  fault "no character device $device" "check the device plugin and the node's KVM modules"
elif ! (: <>"$device") 2>/dev/null; then
  fault "$device does not open for reading and writing" "check its owner and mode on the node"
fi
if [ ! -r "$manifest" ]; then
  fault "asset set $KVM_FABRIC_ASSET_SET has no manifest that can be read" "see the node provisioner's log on this node"
elif [ "$(wanted assetSet)" != "$KVM_FABRIC_ASSET_SET" ]; then
  fault "the files are of asset set $(wanted assetSet), wanted $KVM_FABRIC_ASSET_SET" "see the node provisioner's log on this node"
else
  for name in $ASSET_FILES; do look_at "$name"; done
fi
[ "$faults" -eq 0 ] || exit 1
if [ -n "\${MONITOR_PIPE:-}" ]; then
  for pipe in "$MONITOR_PIPE.in" "$MONITOR_PIPE.out"; do
    [ -p "$pipe" ] || { rm -f "$pipe" && mkfifo "$pipe"; } || exit 1
  done
fi
echo "verify-host: $device opens, asset set $KVM_FABRIC_ASSET_SET is whole: $ASSET_FILES"
`;

/** Looks at the node before the worker starts. It has the device in every isolation, and no right beside. */
export function verifyHostContainer(pod: VmPod, monitorPipe: boolean): k8s.core.v1.Container {
  const { kvmResource } = pod.contract;
  return {
    name: "verify-host",
    image: pod.image,
    command: ["/bin/sh", "-c", VERIFY_HOST_SCRIPT],
    env: [
      ...assetVariables(pod),
      { name: "ASSET_FILES", value: pod.assetFiles.join(" ") },
      ...(monitorPipe ? [{ name: "MONITOR_PIPE", value: MONITOR_PIPE }] : []),
    ],
    resources: {
      requests: { cpu: "50m", memory: "64Mi", [kvmResource]: "1" },
      limits: { memory: "64Mi", [kvmResource]: "1" },
    },
    securityContext: containerSecurity(),
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      assetsMount(pod),
      ...(monitorPipe ? [{ name: "run", mountPath: RUN_FOLDER }] : []),
    ],
  };
}
