import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { repository } from "../child";

/**
 * Tells one state of the lab's source from another, so that daemons of before a change are not taken for
 * those of after it. By name, size and time: reading every file would cost more than it tells.
 */
export function sourceVersion(): string {
  const hash = createHash("sha256");
  for (const folder of ["lab", "components"]) {
    for (const file of fs.readdirSync(path.join(repository, folder), { recursive: true }).sort()) {
      if (typeof file !== "string" || !file.endsWith(".ts") || file.includes("node_modules")) {
        continue;
      }
      const { size, mtimeMs } = fs.statSync(path.join(repository, folder, file));
      hash.update(`${folder}/${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Hash of a file's content; empty where there is no such file. */
export function fileVersion(file: string): string {
  if (!fs.existsSync(file)) return "";
  return createHash("sha256").update(fs.readFileSync(file)).digest("hex").slice(0, 16);
}
