import type { Report } from "./core";

/** Files that a run did not move and that somebody should see to; another run at once would do no better. */
export class FilesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FilesError";
  }
}

/**
 * Fails where files failed in this run (those that it set aside among them), and where the oldest file is older than so many seconds, or
 * nobody knows: for a target that has no other way to raise an alarm than a run that fails.
 */
export function requireFiles(
  { failed, oldestAgeSeconds: age }: Pick<Report, "failed" | "oldestAgeSeconds">,
  mostSeconds = Infinity,
): void {
  if (failed > 0) throw new FilesError(`files and folders that failed: ${failed}`);
  if (mostSeconds === Infinity) return;
  if (age === undefined) throw new FilesError("not all files were seen: the oldest may be too old");
  if (age > mostSeconds) {
    throw new FilesError(`the oldest file is ${age} s old, more than ${mostSeconds} s`);
  }
}
