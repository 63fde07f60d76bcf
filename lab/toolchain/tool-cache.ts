import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { errorCode } from "./error-code";
import { isExecutable } from "./own-tools";

/** What an entry says about its binary, so that a broken one is noticed. */
interface Manifest {
  /** Bytes. */
  size: number;
  /** Hexadecimal. */
  sha256: string;
  /** Modification time in milliseconds: while size and time stay, the content is taken to stay too. */
  modifiedAt: number;
  /** What the binary was made from, for people. */
  source: string;
}

const MANIFEST = "manifest.json";
const UNFINISHED = ".unfinished-";
const DISCARDED = ".discarded-";

/**
 * One tool's part of the cache: <cache>/tools/<tool>/<key>/{<tool>,manifest.json}. An entry appears whole, by
 * rename, and is never changed; readers need no lock, writers hold the lock of the tool's family.
 */
export class ToolCache {
  readonly #folder: string;
  readonly #tool: string;

  constructor(cache: string, tool: string) {
    this.#folder = path.join(cache, "tools", tool);
    this.#tool = tool;
  }

  /** Absolute path of the tool under that key; undefined where there is no entry, or a broken one. */
  async find(key: string): Promise<string | undefined> {
    const file = path.join(this.#folder, key, this.#tool);
    return (await isIntact(file)) ? file : undefined;
  }

  /** Absolute path of the tool under any key that begins so, for when the rest of the key cannot be known. */
  async findByPrefix(prefix: string): Promise<string | undefined> {
    const keys = await fs.readdir(this.#folder).catch(() => []);
    for (const key of keys.filter((name) => name.startsWith(prefix)).sort()) {
      const file = await this.find(key);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** A new folder to make an entry in: fill it with the binary, then publish it. */
  async begin(): Promise<string> {
    await fs.mkdir(this.#folder, { recursive: true });
    return fs.mkdtemp(path.join(this.#folder, UNFINISHED));
  }

  /** Makes a filled folder the entry under that key, in place of a broken one; returns the tool's path. */
  async publish(folder: string, key: string, source: string): Promise<string> {
    const file = path.join(folder, this.#tool);
    await fs.chmod(file, 0o755);
    await flush(file);
    const stat = await fs.stat(file);
    const manifest: Manifest = {
      size: stat.size,
      sha256: await sha256OfFile(file),
      modifiedAt: stat.mtimeMs,
      source,
    };
    await fs.writeFile(path.join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    const entry = path.join(this.#folder, key);
    await this.#discard(entry);
    await fs.rename(folder, entry);
    return path.join(entry, this.#tool);
  }

  /** Removes what killed runs left; only for the holder of the lock. */
  async sweep(): Promise<void> {
    const names = await fs.readdir(this.#folder).catch(() => []);
    const leftovers = names.filter((name) => /^\.(?:unfinished|discarded)-/.test(name));
    await Promise.all(leftovers.map((name) => removeFolder(path.join(this.#folder, name))));
  }

  /** Out of the way first, since a folder can be renamed at once but not removed at once. */
  async #discard(entry: string): Promise<void> {
    const aside = path.join(this.#folder, `${DISCARDED}${randomBytes(6).toString("hex")}`);
    try {
      await fs.rename(entry, aside);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      return;
    }
    await removeFolder(aside);
  }
}

/** The sha256 sum of a file, in hexadecimal. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/** Removes a folder and all in it; one that is not there is fine. */
export async function removeFolder(folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Size always, content where the modification time is not the one recorded. */
async function isIntact(file: string): Promise<boolean> {
  const manifest = await readManifest(path.join(path.dirname(file), MANIFEST));
  if (manifest === undefined || !(await isExecutable(file))) return false;
  const stat = await fs.stat(file);
  if (stat.size !== manifest.size) return false;
  return stat.mtimeMs === manifest.modifiedAt || (await sha256OfFile(file)) === manifest.sha256;
}

async function readManifest(file: string): Promise<Partial<Manifest> | undefined> {
  try {
    const content: unknown = JSON.parse(await fs.readFile(file, "utf8"));
    return typeof content === "object" && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}

/** A rename can reach the disk before the content does: after a crash the entry would be whole but empty. */
async function flush(file: string): Promise<void> {
  const handle = await fs.open(file, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
