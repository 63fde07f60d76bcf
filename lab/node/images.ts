import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { madeOnce } from "../made-once";
import { labPaths } from "../paths";
import { ensureTools } from "../toolchain";
import { debianTree, treeKey } from "./debian";
import { guestFiles, KERNEL_PACKAGES, WORKER_IMAGE_FOLDER } from "./guest";
import {
  GHOSTUNNEL_IMAGE,
  NODE_IMAGE,
  PAUSE_IMAGE,
  PROVISIONER_IMAGE,
  REDIS_IMAGE,
  WORKER_BASE_IMAGE,
  WORKER_IMAGE,
} from "./image/names";
import { type ImageArchive, type ImageConfig, writeImage, writeLayer } from "./image/oci";
import { folderEntries, type TarEntry } from "./image/tar";

/** A layer that is made when its image is. */
export interface LayerSource {
  /** Tells its content from any other's. */
  key: string;
  entries: () => Promise<readonly TarEntry[]>;
}

/** What an image is made of. */
export interface ImageSource {
  /** Full name with its tag: localhost/... */
  name: string;
  config: ImageConfig;
  /** Lowest first. */
  layers: readonly LayerSource[];
}

/** Changed whenever images are made in another way, so that those in the cache are made anew. */
const FORM = 1;

/** Files of packages that no container reads. */
const UNREAD = /^usr\/share\/(?:doc|man|info|locale|lintian|bug|perl5|bash-completion)(?:\/|$)/;

const archive = z.object({ name: z.string(), digest: z.string() });

const SHELL_PACKAGES = ["busybox-static"];
const PROVISIONER_PACKAGES = [...SHELL_PACKAGES, "ca-certificates", "curl"];
/** Debian's busybox lacks one tool that busybox elsewhere has. */
const FLOCK = { packages: ["util-linux"], file: "usr/bin/flock" };
const QEMU_PACKAGES = [process.arch === "x64" ? "qemu-system-x86" : "qemu-system-arm"];

/** The program of the worker image that users are given to begin with, in the image. */
export const WORKER_LAUNCHER = "/usr/local/bin/worker";

/** The image of every pod's sandbox. `cache` defaults to the lab's. */
export function pauseImage(cache = labPaths().cache): Promise<ImageArchive> {
  const wait = "trap 'exit 0' TERM INT; while :; do /bin/busybox sleep 3600 & wait; done";
  return buildImage(cache, {
    name: PAUSE_IMAGE,
    config: { entrypoint: ["/bin/busybox", "sh", "-c", wait], user: "65535:65535" },
    layers: [
      {
        key: treeKey(SHELL_PACKAGES),
        entries: async () => {
          const tree = await debianTree(cache, SHELL_PACKAGES);
          return folderEntries(tree).filter(({ path: file }) => /^bin(?:\/busybox)?$/.test(file));
        },
      },
    ],
  });
}

/**
 * An image with what the node provisioner's script needs: a POSIX shell with awk, date, mv -T, sed, sha256sum, sync and tar
 * (all of busybox, as in curlimages/curl), flock, curl, and authorities.
 */
export function provisionerImage(cache = labPaths().cache): Promise<ImageArchive> {
  return buildImage(cache, {
    name: PROVISIONER_IMAGE,
    config: { cmd: ["/bin/sh"] },
    layers: [provisionerLayer(cache)],
  });
}

/**
 * The provisioner's image with QEMU, and below /usr/share/kvm-fabric a kernel (`vmlinuz`) and a small initial root file
 * system (`initramfs`) that prints a line and ends: for the boot gate, and for a worker to build on. Where the machine's KVM
 * runs no stock kernel, `-accel tcg` boots it in seconds.
 */
export function workerBaseImage(cache = labPaths().cache): Promise<ImageArchive> {
  return buildImage(cache, {
    name: WORKER_BASE_IMAGE,
    config: { cmd: ["/bin/sh"] },
    layers: [provisionerLayer(cache), qemuLayer(cache)],
  });
}

/**
 * The worker image of `examples/worker-image`, from its own files, with what its Dockerfile installs. In place of Debian's
 * shell and tools it has busybox's.
 */
export function workerImage(cache = labPaths().cache): Promise<ImageArchive> {
  const launcher = fs.readFileSync(path.join(WORKER_IMAGE_FOLDER, "worker"));
  return buildImage(cache, {
    name: WORKER_IMAGE,
    config: { entrypoint: [WORKER_LAUNCHER] },
    layers: [
      provisionerLayer(cache),
      packagesLayer(cache, [...QEMU_PACKAGES, ...workerPackages()]),
      filesLayer({ [WORKER_LAUNCHER]: launcher }),
    ],
  });
}

/** The proxy in front of Queen and beside her callers, with the entry point that the official image has. */
export async function ghostunnelImage(cache = labPaths().cache): Promise<ImageArchive> {
  const { ghostunnel } = await ensureTools(["ghostunnel"]);
  return buildImage(cache, {
    name: GHOSTUNNEL_IMAGE,
    config: { entrypoint: ["/usr/bin/ghostunnel"] },
    layers: [
      provisionerLayer(cache),
      filesLayer({ "/usr/bin/ghostunnel": fs.readFileSync(ghostunnel) }),
    ],
  });
}

/**
 * Debian's Redis under the names of Valkey, which came from that very version and which Debian's stable release lacks: the
 * same protocol, configuration, files and command-line options, so far as our server uses them.
 */
export function redisImage(cache = labPaths().cache): Promise<ImageArchive> {
  const link = (name: string, target: string): TarEntry => {
    return {
      path: `usr/local/bin/${name}`,
      mode: 0o777,
      kind: "link",
      target: `/usr/bin/${target}`,
    };
  };
  const links = [link("valkey-server", "redis-server"), link("valkey-cli", "redis-cli")];
  return buildImage(cache, {
    name: REDIS_IMAGE,
    config: { entrypoint: ["valkey-server"] },
    layers: [
      provisionerLayer(cache),
      packagesLayer(cache, ["redis-server"]),
      { key: JSON.stringify(links), entries: () => Promise.resolve(links) },
    ],
  });
}

/** Node.js where the official image has it, and the very program that runs this: for the trace uploader. */
export function nodeImage(cache = labPaths().cache): Promise<ImageArchive> {
  const source = fs.realpathSync(process.execPath);
  const { size } = fs.statSync(source);
  const node: TarEntry = { path: "usr/local/bin/node", mode: 0o755, kind: "file", source, size };
  return buildImage(cache, {
    name: NODE_IMAGE,
    config: { entrypoint: ["/usr/local/bin/node"] },
    layers: [
      provisionerLayer(cache),
      packagesLayer(cache, ["libstdc++6"]),
      {
        key: `${process.version} ${process.arch} ${size}`,
        entries: () => Promise.resolve([node]),
      },
    ],
  });
}

/** The programs of {@link workerImage} as a folder, for those who look at a worker's network from outside. */
export function workerTree(cache = labPaths().cache): Promise<string> {
  return debianTree(cache, [...QEMU_PACKAGES, ...workerPackages()]);
}

/** Makes an image, or finds it in the cache; it is the same, byte by byte, for the same packages. */
export async function buildImage(cache: string, source: ImageSource): Promise<ImageArchive> {
  const parts = [FORM, source.name, source.config, source.layers.map(({ key }) => key)];
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  const folder = path.join(cache, "images", key);
  await madeOnce(folder, `the image ${source.name}`, (partial) => make(partial, source));
  const record = fs.readFileSync(path.join(folder, "image.json"), "utf8");
  // The cache may have been moved since.
  return { ...archive.parse(JSON.parse(record)), file: path.join(folder, "image.tar") };
}

/** A layer of files given as they are. */
export function filesLayer(
  files: Readonly<Record<string, string | Buffer>>,
  mode = 0o755,
): LayerSource {
  const entries = Object.entries(files).map(([file, content]): TarEntry => {
    return { path: file.replace(/^\//, ""), mode, kind: "file", content: Buffer.from(content) };
  });
  const hash = createHash("sha256").update(String(mode));
  for (const [file, content] of Object.entries(files)) hash.update(`\0${file}\0`).update(content);
  return { key: hash.digest("hex"), entries: () => Promise.resolve(entries) };
}

async function make(partial: string, { name, config, layers }: ImageSource): Promise<void> {
  const written = [];
  for (const [at, layer] of layers.entries()) {
    written.push(writeLayer(await layer.entries(), path.join(partial, `layer-${at}`)));
  }
  const image = writeImage(name, config, written, path.join(partial, "image.tar"));
  for (const { file } of written) fs.rmSync(file);
  const { digest } = image;
  fs.writeFileSync(path.join(partial, "image.json"), JSON.stringify({ name, digest }));
}

function provisionerLayer(cache: string): LayerSource {
  return {
    key: treeKey([...PROVISIONER_PACKAGES, ...FLOCK.packages]),
    entries: async () => {
      const tree = await debianTree(cache, PROVISIONER_PACKAGES);
      const tools = await debianTree(cache, FLOCK.packages);
      const files = [
        ...folderEntries(tree).filter(({ path: file }) => !UNREAD.test(file)),
        ...folderEntries(tools).filter(({ path: file }) => file === FLOCK.file),
      ];
      const there = new Set(files.map(({ path: file }) => file));
      const applets = appletLinks(tree).filter(({ path: file }) => !there.has(file));
      return [...files, ...applets, ...systemFiles(tree)];
    },
  };
}

function qemuLayer(cache: string): LayerSource {
  const qemu = packagesLayer(cache, QEMU_PACKAGES);
  return {
    key: treeKey([...QEMU_PACKAGES, ...KERNEL_PACKAGES]),
    entries: async () => {
      const { initramfs, kernel } = await guestFiles(cache);
      const size = fs.statSync(kernel).size;
      const at = "usr/share/kvm-fabric";
      return [
        ...(await qemu.entries()),
        { path: at, mode: 0o755, kind: "folder" },
        { path: `${at}/vmlinuz`, mode: 0o644, kind: "file", source: kernel, size },
        { path: `${at}/initramfs`, mode: 0o644, kind: "file", content: initramfs },
      ];
    },
  };
}

/** The files of packages that are not in the provisioner's layer below. */
function packagesLayer(cache: string, packages: readonly string[]): LayerSource {
  return {
    key: treeKey(packages),
    entries: async () => {
      const tree = await debianTree(cache, packages);
      const below = await debianTree(cache, PROVISIONER_PACKAGES);
      return folderEntries(tree)
        .filter(({ path: file }) => !UNREAD.test(file))
        .filter((entry) => entry.kind === "folder" || !fs.existsSync(path.join(below, entry.path)));
    },
  };
}

function workerPackages(): string[] {
  const lines = fs.readFileSync(path.join(WORKER_IMAGE_FOLDER, "packages"), "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/** Links by which busybox is called under the names of what it plays. */
function appletLinks(tree: string): TarEntry[] {
  const list = execFileSync(path.join(tree, "bin/busybox"), ["--list-full"], { encoding: "utf8" });
  const names = list.split("\n").filter((name) => /^(?:usr\/)?s?bin\/[\w[.-]+$/.test(name));
  return names.map((name) => ({ path: name, mode: 0o777, kind: "link", target: "/bin/busybox" }));
}

/** What the scripts of packages would have made. */
function systemFiles(tree: string): TarEntry[] {
  const folder = path.join(tree, "usr/share/ca-certificates/mozilla");
  const authorities = fs
    .readdirSync(folder)
    .sort()
    .map((name) => fs.readFileSync(path.join(folder, name), "utf8"));
  const file = (at: string, content: string): TarEntry => ({
    ...{ path: at, mode: 0o644, kind: "file", content: Buffer.from(content) },
  });
  return [
    file("etc/ssl/certs/ca-certificates.crt", authorities.join("")),
    file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"),
    file("etc/group", "root:x:0:\nnobody:x:65534:\n"),
    { path: "tmp", mode: 0o1777, kind: "folder" },
  ];
}
