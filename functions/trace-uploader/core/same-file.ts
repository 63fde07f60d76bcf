import type { Attributes } from "../ninep";

/** Whether nothing of a file's contents changed between two looks, as far as the server tells. Pure. */
export function sameContents(before: Attributes, after: Attributes): boolean {
  return sameFile(before, after) && before.qid.version === after.qid.version;
}

/**
 * Whether it is the same file with the same contents under another name. The version of its qid may have changed: some servers count a
 * new name as a change. Pure.
 */
export function sameFile(before: Attributes, after: Attributes): boolean {
  return (
    before.type === after.type &&
    before.size === after.size &&
    before.mtimeNanoseconds === after.mtimeNanoseconds &&
    before.qid.path === after.qid.path
  );
}
