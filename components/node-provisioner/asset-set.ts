import { createHash } from "node:crypto";
import type { Fault } from "../shared/faults";
import { type BootGate, bootGateFaults } from "./boot-gate";
import { sha256Faults } from "../shared/images";

/** One file that is downloaded to the nodes, pinned by its content. */
export interface Artefact {
  /** Where the file is fetched from: an https URL without spaces. A mirror may serve it: the sum decides. */
  url: string;
  /** SHA-256 of the file that `url` names: 64 lower-case hexadecimal digits. */
  sha256: string;
  /**
   * Path of the wanted file inside the gzipped tar archive that `url` names. Defaults to none: the
   * download is itself the wanted file.
   */
  archiveMember?: string;
  /**
   * SHA-256 of the archive's member. Defaults to none: what the verified archive holds is believed, and its sum recorded.
   * With it the node need not have the archive again to use a member that it has.
   */
  memberSha256?: string;
  /** Size of the file that `url` names, in bytes. Defaults to what the source says, which costs a request. */
  sizeBytes?: number;
  /**
   * Name of the installed file. Defaults to "firecracker", "jailer", "vmlinux" or "rootfs.ext4", as the
   * workers look for them.
   */
  fileName?: string;
}

/** What a node of one architecture needs to run microVMs. */
export interface ArchitectureAssets {
  /** Guest kernel, or the EFI image that a QEMU worker boots. */
  kernel: Artefact;
  /**
   * Firecracker. Defaults to none: the workers bring their VMM in their image, as QEMU workers do.
   * Source: https://github.com/firecracker-microvm/firecracker/blob/main/docs/RELEASE_POLICY.md
   */
  vmm?: Artefact;
  /**
   * Firecracker's jailer, from the same release as the VMM. Defaults to none; required with a VMM.
   * Source: https://github.com/firecracker-microvm/firecracker/blob/main/docs/prod-host-setup.md
   */
  jailer?: Artefact;
  /** Root file system of the guests. Defaults to none; required with a VMM. */
  rootfs?: Artefact;
  /**
   * The throwaway microVM that each node boots before it counts as proven. Defaults to one of the set's Firecracker, or to
   * none where the set has no VMM.
   */
  gate?: BootGate;
}

/** The files of one version, for each architecture that KVM nodes have. At least one is required. */
export interface AssetSet {
  /** Files for x86_64 nodes. Defaults to none: such nodes stay unproven. */
  amd64?: ArchitectureAssets;
  /** Files for aarch64 nodes. Defaults to none: such nodes stay unproven. */
  arm64?: ArchitectureAssets;
  /**
   * Where files are fetched from before their own URL, in this order: `https://host/path` or `http://host/path`, which
   * serve each file by its SHA-256 as name; a folder on the nodes (`/path`), one of an NFS server (`nfs://host/path`) or a
   * PersistentVolumeClaim in the provisioner's namespace (`claim://name`), EFS for instance, that holds them so.
   * The sum decides what a file is, so a mirror need not be trusted. Defaults to none.
   */
  mirrors?: string[];
}

/** One installed file: a line of the table that the install script reads. */
export interface InstalledFile {
  name: string;
  /** Permission bits as chmod takes them. */
  mode: string;
  artefact: Artefact;
}

/** The architectures that nodes may have. */
export const architectures = ["amd64", "arm64"] as const;
/** See the constant of the plural name. */
export type Architecture = (typeof architectures)[number];

const roles = [
  { role: "vmm", fileName: "firecracker", mode: "755" },
  { role: "jailer", fileName: "jailer", mode: "755" },
  { role: "kernel", fileName: "vmlinux", mode: "644" },
  { role: "rootfs", fileName: "rootfs.ext4", mode: "644" },
] as const;

/** The files of one architecture in a fixed order. */
export function installedFiles(assets: ArchitectureAssets): InstalledFile[] {
  return roles.flatMap(({ role, fileName, mode }) => {
    const artefact = assets[role];
    return artefact ? [{ name: artefact.fileName ?? fileName, mode, artefact }] : [];
  });
}

/**
 * The id of an asset set: a hash of what ends up on the nodes, which is a valid label value and path.
 * Where a file is fetched from does not count, so a move to a mirror installs nothing anew.
 */
export function assetSetId(set: AssetSet): string {
  const content = architectures.map((architecture) => {
    const assets = set[architecture];
    const files = assets ? installedFiles(assets) : [];
    return files.map(({ name, mode, artefact }) => [
      name,
      mode,
      artefact.sha256,
      artefact.archiveMember ?? "",
    ]);
  });
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return `assets-${hash.slice(0, 20)}`;
}

/** Every fault of an asset set. */
export function assetSetFaults(path: string, set: AssetSet): Fault[] {
  const given = architectures.filter((architecture) => set[architecture] !== undefined);
  if (given.length === 0) {
    return [
      {
        path,
        problem: "an asset set for no architecture",
        allowed: "files for amd64, arm64 or both",
        fix: `${path}.amd64`,
      },
    ];
  }
  return [
    ...given.flatMap((architecture) =>
      architectureFaults(`${path}.${architecture}`, set[architecture]),
    ),
    ...(set.mirrors ?? []).flatMap((mirror, index) =>
      mirrorFaults(`${path}.mirrors[${String(index)}]`, mirror),
    ),
  ];
}

function architectureFaults(path: string, assets: ArchitectureAssets | undefined): Fault[] {
  if (!assets) return [];
  // A program in another language, or a stack file, may leave out what the type requires.
  const given: Partial<ArchitectureAssets> = assets;
  const faults = roles.flatMap(({ role }) => {
    const artefact = given[role];
    return artefact ? artefactFaults(`${path}.${role}`, artefact) : [];
  });
  if (given.gate) {
    faults.push(...bootGateFaults(`${path}.gate`, given.gate, given.vmm !== undefined));
  }
  return [...faults, ...missingFaults(path, given), ...sameNameFaults(path, given)];
}

function missingFaults(path: string, assets: Partial<ArchitectureAssets>): Fault[] {
  const missing = (role: string, problem: string): Fault => ({
    path: `${path}.${role}`,
    problem,
    allowed: "url and sha256",
  });
  const faults: Fault[] = [];
  if (!assets.kernel) faults.push(missing("kernel", "missing"));
  if (assets.vmm && !assets.jailer) faults.push(missing("jailer", "missing beside a VMM"));
  if (assets.vmm && !assets.rootfs) faults.push(missing("rootfs", "missing beside a VMM"));
  if (assets.jailer && !assets.vmm) faults.push(missing("vmm", "missing beside a jailer"));
  return faults;
}

function sameNameFaults(path: string, assets: Partial<ArchitectureAssets>): Fault[] {
  const names = roles.flatMap(({ role, fileName }) => {
    const artefact = assets[role];
    return artefact ? [{ role, name: artefact.fileName ?? fileName }] : [];
  });
  return names
    .filter(({ name }, index) => names.findIndex((other) => other.name === name) < index)
    .map(({ role, name }) => ({
      path: `${path}.${role}.fileName`,
      problem: "the name of another file of the set",
      got: name,
      allowed: "a name that no other file has",
    }));
}

const reservedNames = ["SHA256SUMS", "manifest.json"];

function artefactFaults(path: string, artefact: Artefact): Fault[] {
  const faults = [...urlFaults(`${path}.url`, artefact.url)];
  faults.push(...sha256Faults(`${path}.sha256`, artefact.sha256));
  const { archiveMember, fileName } = artefact;
  faults.push(...measureFaults(path, artefact));
  if (archiveMember !== undefined && !safeRelativePath(archiveMember)) {
    faults.push({
      path: `${path}.archiveMember`,
      problem: "not a path inside an archive",
      got: archiveMember,
      allowed: "a relative path of letters, digits and ._+-, without ..",
    });
  }
  if (
    fileName !== undefined &&
    (!/^[A-Za-z0-9][\w.+-]{0,99}$/.test(fileName) || reservedNames.includes(fileName))
  ) {
    faults.push({
      path: `${path}.fileName`,
      problem: "not the name of an installed file",
      got: fileName,
      allowed: `letters, digits and ._+-, at most 100, none of ${reservedNames.join(", ")}`,
    });
  }
  return faults;
}

function measureFaults(path: string, artefact: Artefact): Fault[] {
  const { archiveMember, memberSha256, sizeBytes } = artefact;
  const faults: Fault[] = [];
  if (memberSha256 !== undefined) {
    faults.push(...sha256Faults(`${path}.memberSha256`, memberSha256));
    if (archiveMember === undefined) {
      faults.push({
        path: `${path}.memberSha256`,
        problem: "the sum of a member of no archive",
        allowed: "beside archiveMember",
      });
    }
  }
  if (sizeBytes !== undefined && !(Number.isSafeInteger(sizeBytes) && sizeBytes > 0)) {
    faults.push({
      path: `${path}.sizeBytes`,
      problem: "not a size",
      got: sizeBytes,
      allowed: "a whole number of bytes",
    });
  }
  return faults;
}

function mirrorFaults(path: string, mirror: string): Fault[] {
  const kinds = [
    /^https?:\/\/[^\s/?#@]+(\/[!-"$->@-~]*)?$/,
    /^nfs:\/\/[A-Za-z0-9.:[\]-]+(\/[\w.-]+)*\/?$/,
    /^claim:\/\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
  ];
  const isFolder = /^(\/[A-Za-z0-9_][\w.-]*)+$/.test(mirror);
  if (isFolder || (kinds.some((kind) => kind.test(mirror)) && URL.canParse(mirror))) return [];
  return [
    {
      path,
      problem: "not a mirror",
      got: mirror,
      allowed:
        "https://host/path, http://host/path, /folder, nfs://host/path or claim://name, without credentials",
    },
  ];
}

function safeRelativePath(path: string): boolean {
  return (
    /^[A-Za-z0-9_.+-][\w./+-]{0,254}$/.test(path) &&
    path !== "-" &&
    path.split("/").every((part) => part !== "" && part !== ".." && !part.startsWith("-"))
  );
}

function urlFaults(path: string, url: unknown): Fault[] {
  if (typeof url === "string" && /^https:\/\/[^\s/?#@]+\/[!-~]+$/.test(url) && URL.canParse(url)) {
    return [];
  }
  return [
    {
      path,
      problem: url === undefined ? "missing" : "not an address that nodes may download from",
      got: url,
      allowed: "https://host/path of printable ASCII without credentials",
    },
  ];
}
