/**
 * The name of a file between its confirmation and its removal. Removing goes by name, and a name can be given to another file at any
 * moment; so the file is first renamed, to a name that nobody else uses, then looked at, then removed. What a run that was killed
 * leaves under such a name is moved by the next one as if it still had its own.
 */
const TAKEN = ".taken-";
const TOKEN_DIGITS = 8;
/** What file systems take as a name, in bytes. */
const MOST_NAME = 255;

/** The name under which a file is removed; `undefined` where it would be too long. Pure. */
export function takenName(name: Uint8Array, token: string): Buffer | undefined {
  const taken = Buffer.concat([placeName(name), Buffer.from(TAKEN + token)]);
  return taken.length > MOST_NAME ? undefined : taken;
}

/** The name that a file had before a run took it; any other name as it is. Pure. */
export function placeName(name: Uint8Array): Uint8Array {
  const start = name.length - TAKEN.length - TOKEN_DIGITS;
  if (start <= 0) return name;
  const end = Buffer.from(name).toString("latin1", start);
  return /^\.taken-[0-9a-f]{8}$/.test(end) ? name.subarray(0, start) : name;
}
