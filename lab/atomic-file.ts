import * as fs from "node:fs";

/** Replaces a file as a whole, readable by its owner alone: never half of it lies under its name. */
export function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, text, { mode: 0o600 });
  fs.renameSync(temporary, file);
}
