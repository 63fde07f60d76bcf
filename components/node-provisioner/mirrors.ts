/** A mirror as the pod sees it: what its script reads, and the volume behind it, if it is a folder. */
export interface PlannedMirror {
  /** An address, or the folder where the volume is mounted. */
  line: string;
  /** The volume, with the kind of its source, to be mounted read-only at `line`. */
  volume: { name: string; source: Record<string, unknown> } | undefined;
}

/** Where the folders of mirrors are mounted. */
const MIRRORS = "/mnt/kvm-fabric";

/** How each mirror of an asset set gets into the pod. */
export function plannedMirrors(mirrors: readonly string[]): PlannedMirror[] {
  return mirrors.map((mirror, index) => {
    const source = volumeSource(mirror);
    if (!source) return { line: mirror, volume: undefined };
    const name = `mirror-${String(index)}`;
    return { line: `${MIRRORS}/${name}`, volume: { name, source } };
  });
}

function volumeSource(mirror: string): Record<string, unknown> | undefined {
  if (mirror.startsWith("/")) return { hostPath: { path: mirror, type: "Directory" } };
  const { protocol, hostname, pathname } = new URL(mirror);
  switch (protocol) {
    case "nfs:":
      return { nfs: { server: hostname, path: pathname, readOnly: true } };
    case "claim:":
      return { persistentVolumeClaim: { claimName: hostname, readOnly: true } };
    default:
      return undefined;
  }
}
