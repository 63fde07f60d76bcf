import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { FileType, type Session } from "../../../functions/trace-uploader/ninep";

/** What a worker says that it wrote, or what is stored of it. */
export interface Written {
  bytes: number;
  sha256: string;
}

/** The files of a folder of Queen's, by their path below /srv, with their lengths. */
export async function filesIn(session: Session, folder: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const { name, attributes } of session.list(folder)) {
    const at = `${folder}/${Buffer.from(name).toString()}`;
    if (attributes?.type === FileType.Directory) {
      for (const [file, bytes] of await filesIn(session, at)) found.set(file, bytes);
    } else found.set(at.replace(/^srv\//, ""), attributes?.size ?? -1);
  }
  return found;
}

/** The worker's own account: what it wrote, by its path below /srv. */
export function writtenIn(said: string): Map<string, Written> {
  const lines = said.matchAll(/^kvm-fabric guest wrote (\d+) ([0-9a-f]{64}) (.+)$/gm);
  return new Map(
    [...lines].map(([, bytes, sha256 = "", file = ""]) => [file, { bytes: Number(bytes), sha256 }]),
  );
}

/** The objects of the store below the uploader's prefix, by the path of their file: each one's length and SHA-256. */
export function stored(bucket: string): Map<string, Written[]> {
  const root = path.join(bucket, "traces");
  const all = fs.existsSync(root)
    ? fs.readdirSync(root, { recursive: true, encoding: "utf8" })
    : [];
  const found = new Map<string, Written[]>();
  for (const key of all) {
    // The uploader's own notes begin with a dot, and so do the names of parts of the server's.
    const isNote = key.split(path.sep).some((name) => name.startsWith("."));
    if (isNote || !fs.statSync(path.join(root, key)).isFile()) continue;
    const content = fs.readFileSync(path.join(root, key));
    const file = path.dirname(key).split(path.sep).map(decodeURIComponent).join("/");
    const sha256 = createHash("sha256").update(content).digest("hex");
    found.set(file, [...(found.get(file) ?? []), { bytes: content.length, sha256 }]);
  }
  return found;
}
