import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { type TarEntry, writeTar } from "./tar";

/** What a container of an image runs with unless its pod says otherwise. */
export interface ImageConfig {
  /** Defaults to none. */
  entrypoint?: readonly string[];
  /** Defaults to none. */
  cmd?: readonly string[];
  /** As NAME=value. Defaults to a PATH of the usual folders. */
  env?: readonly string[];
  /** User, or user:group, by number. Defaults to root. */
  user?: string;
}

/** An image as an archive. */
export interface ImageArchive {
  /** Full name with its tag: localhost/... */
  name: string;
  /** Of the manifest: what containers are pinned to. */
  digest: string;
  /** Path of the archive. */
  file: string;
}

/** A layer, written to a file. */
export interface Layer {
  digest: string;
  size: number;
  file: string;
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TYPES = "application/vnd.oci.image";

/** Writes a layer, not compressed: it goes no further than this machine. */
export function writeLayer(entries: Iterable<TarEntry>, file: string): Layer {
  const hash = createHash("sha256");
  const out = fs.openSync(file, "w");
  let size = 0;
  try {
    writeTar(entries, (bytes) => {
      hash.update(bytes);
      fs.writeSync(out, bytes);
      size += bytes.length;
    });
  } finally {
    fs.closeSync(out);
  }
  return { digest: `sha256:${hash.digest("hex")}`, size, file };
}

/**
 * Writes an image of layers, lowest first, as an archive that `ctr images import` takes. It is entered under its name and
 * under its name with the digest, so that pods may ask for either without a registry.
 * Source: https://github.com/opencontainers/image-spec (layout, manifest, configuration)
 */
export function writeImage(
  name: string,
  config: ImageConfig,
  layers: readonly Layer[],
  file: string,
): ImageArchive {
  const configBlob = json(imageConfig(config, layers));
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${TYPES}.manifest.v1+json`,
    config: { mediaType: `${TYPES}.config.v1+json`, ...described(configBlob) },
    layers: layers.map(({ digest, size }) => ({
      mediaType: `${TYPES}.layer.v1.tar`,
      digest,
      size,
    })),
  });
  const { digest } = described(manifest);
  const unique = new Map(layers.map((layer) => [layer.digest, layer]));
  const out = fs.openSync(file, "w");
  try {
    const entries = [
      member("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
      member("index.json", imageIndex(name, manifest)),
      blob(described(configBlob).digest, configBlob),
      blob(digest, manifest),
      ...[...unique.values()].map((layer) =>
        blob(layer.digest, { source: path.resolve(layer.file), size: layer.size }),
      ),
    ];
    writeTar(entries, (bytes) => fs.writeSync(out, bytes));
  } finally {
    fs.closeSync(out);
  }
  return { name, digest, file };
}

function imageIndex(name: string, manifest: Buffer): Buffer {
  const about = described(manifest);
  const names = [name, `${name.replace(/:[^:/]+$/, "")}@${about.digest}`];
  return json({
    schemaVersion: 2,
    manifests: names.map((one) => ({
      mediaType: `${TYPES}.manifest.v1+json`,
      ...about,
      annotations: { "io.containerd.image.name": one },
    })),
  });
}

function blob(digest: string, content: Buffer | { source: string; size: number }): TarEntry {
  return member(`blobs/sha256/${digest.replace("sha256:", "")}`, content);
}

function member(at: string, content: Buffer | { source: string; size: number }): TarEntry {
  return {
    ...{ path: at, mode: 0o644, kind: "file" },
    ...(Buffer.isBuffer(content) ? { content } : content),
  };
}

function imageConfig(
  { entrypoint, cmd, env = [PATH], user }: ImageConfig,
  layers: readonly Layer[],
) {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: {
      Env: env,
      ...(entrypoint && { Entrypoint: entrypoint }),
      ...(cmd && { Cmd: cmd }),
      ...(user !== undefined && { User: user }),
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function described(content: Buffer): { digest: string; size: number } {
  const digest = createHash("sha256").update(content).digest("hex");
  return { digest: `sha256:${digest}`, size: content.length };
}
