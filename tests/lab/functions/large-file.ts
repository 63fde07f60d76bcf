import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { authority } from "../../unit/functions/trace-uploader/ninep/authority";
import { compositeOf, type HashedObject, startHashingStore } from "./hashing-store";
import { BUCKET, storeEnvironment } from "./s3-server";
import { type CommandEnd, startCommand } from "./uploader-command";
import { left, startQueen } from "./uploader-world";

const PART_BYTES = 8 * 1024 * 1024;
const PARTS_OF_A_GIB = 128;
/** So much of the end of each part is not a hole: what its number is written into. */
const MARK_BYTES = 4096;

/** What became of a large file, and of the command that moved it. */
export interface LargeFileMoved extends CommandEnd {
  /** What the store has, by path. */
  objects: ReadonlyMap<string, HashedObject>;
  /** What it must have. */
  expected: HashedObject;
  /** Files that were not removed. */
  left: string[];
}

/**
 * Has the command, as it is deployed, move one sparse file of so many GiB. diod serves it for real, behind mutual TLS as Queen; the store
 * is played, since the bytes belong on no disk here (hashing-store.ts), and speaks TLS too: that takes memory.
 */
export async function moveLargeFile(gib: number): Promise<LargeFileMoved> {
  const queen = await startQueen();
  const own = await authority("store");
  const store = await startHashingStore(await own.issue("localhost"));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-large-"));
  try {
    const authorityFile = path.join(folder, "ca.pem");
    fs.writeFileSync(authorityFile, own.ca);
    fs.mkdirSync(path.join(queen.folder, "trace"));
    const expected = writeSparse(
      path.join(queen.folder, "trace/large"),
      Math.ceil(gib * PARTS_OF_A_GIB),
    );
    const end = await startCommand({
      ...queen.environment,
      ...storeEnvironment(store.url),
      NODE_EXTRA_CA_CERTS: authorityFile,
      UPLOAD_FOLDERS: "/trace",
      STORE_PREFIX: "large",
    }).ended;
    const files = left({ folder: path.join(queen.folder, "trace") });
    return { ...end, objects: store.objects, expected, left: files };
  } finally {
    await Promise.all([store.close(), queen.close()]);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the store has the files below a prefix: the uploader's own notes begin with a dot. */
export function filesBelow(
  objects: ReadonlyMap<string, HashedObject>,
  prefix: string,
): [string, HashedObject][] {
  const start = `/${BUCKET}/${prefix}/`;
  return [...objects].filter(([place]) => place.startsWith(start) && place[start.length] !== ".");
}

/** Writes a file of holes in which no two parts are the same; what the store must have of it. */
function writeSparse(file: string, parts: number): HashedObject {
  const hole = createHash("sha256").update(Buffer.alloc(PART_BYTES - MARK_BYTES));
  const opened = fs.openSync(file, "wx");
  const hashes = Array.from({ length: parts }, (_, index) => {
    const mark = Buffer.alloc(MARK_BYTES);
    mark.writeUInt32BE(index + 1);
    fs.writeSync(opened, mark, 0, MARK_BYTES, (index + 1) * PART_BYTES - MARK_BYTES);
    return hole.copy().update(mark).digest();
  });
  fs.closeSync(opened);
  return { length: parts * PART_BYTES, checksum: compositeOf(hashes) };
}
