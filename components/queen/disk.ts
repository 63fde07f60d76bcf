import type { input as k8s } from "@pulumi/kubernetes/types";
import { containerSecurity } from "../shared/container-security";
import { toolCheck } from "../vm-pod/tools";

/** Where the pod sees its volume. */
const DISK_FOLDER = "/srv-disk";
const DISK_FILE = `${DISK_FOLDER}/disk.img`;

/** The guest's disk on a volume: nine tenths, since the volume's own file system takes its part of the rest. */
export function diskGib(storageGib: number): number {
  return Math.floor((storageGib * 9) / 10);
}

/**
 * What makes the disk a device of the guest's, its first. The guest's flushes reach the volume, QEMU locks the file so
 * that no two ever run from it, and what the guest trims is given back.
 */
export function diskArguments(): string[] {
  const words = [
    `file=${DISK_FILE}`,
    "format=raw",
    "if=virtio",
    "cache=writeback",
    "discard=unmap",
    "detect-zeroes=unmap",
    "file.locking=on",
  ];
  return ["-drive", words.join(",")];
}

/**
 * The script of the init container `disk`: makes the disk once, sparse and whole by rename, and lets it grow. It never
 * shrinks: what the guest has beyond its end would be cut off.
 *
 * POSIX sh; `DISK_FILE` stands for another in tests.
 */
export const DISK_SCRIPT = `set -eu
disk="\${DISK_FILE:-${DISK_FILE}}"
wanted=$((DISK_GIB * 1024 * 1024 * 1024))
${toolCheck("disk", ["mv", "stat", "sync", "truncate"])}
if [ ! -e "$disk" ]; then
  truncate -s "$wanted" "$disk.partial"
  sync
  mv -f "$disk.partial" "$disk"
  sync
  echo "disk: made, $DISK_GIB GiB"
  exit 0
fi
there="$(stat -c %s "$disk")"
if [ "$there" -gt "$wanted" ]; then
  echo "disk: it has $there bytes and never shrinks, wanted $wanted; give storageGib its former value" >&2
  exit 1
elif [ "$there" -lt "$wanted" ]; then
  truncate -s "$wanted" "$disk"
  sync
  echo "disk: grown to $DISK_GIB GiB"
else
  echo "disk: $DISK_GIB GiB"
fi
`;

/** Makes the guest's disk before the guest starts. */
export function diskContainer(image: string, gib: number): k8s.core.v1.Container {
  return {
    name: "disk",
    image,
    command: ["/bin/sh", "-c", DISK_SCRIPT],
    env: [{ name: "DISK_GIB", value: String(gib) }],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
    securityContext: containerSecurity(),
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [diskMount()],
  };
}

/** The volume in a container. */
export function diskMount(): k8s.core.v1.VolumeMount {
  return { name: "srv", mountPath: DISK_FOLDER };
}
