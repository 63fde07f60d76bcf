import { Fault } from "./fault";

/**
 * A path from the root of what is served. Text is split at `/` (empty parts count for nothing); a list is its names one by
 * one, as bytes where they may be anything.
 */
export type Path = string | readonly (string | Uint8Array)[];

/**
 * The names of a path as bytes. Errors: Fault EINVAL for a name that no server may be sent: empty, `.`, `..`, with a slash or
 * NUL in it, or of more than 65535 bytes. A hostile server can list such names; a path with one never leaves this client.
 */
export function namesOf(path: Path): Buffer[] {
  const names = bytesOf(path);
  if (!names.every(isSendable)) throw unsendable();
  return names;
}

/** The fault of a name that is not sendable. */
export function unsendable(): Fault {
  return new Fault("EINVAL", "a name that must not be sent");
}

/** The names of a path as bytes, whatever they are. */
export function bytesOf(path: Path): Buffer[] {
  const parts = typeof path === "string" ? path.split("/").filter((part) => part !== "") : path;
  return parts.map((part) => Buffer.from(part));
}

/** Whether a name can be part of a path. */
export function isSendable(name: Uint8Array): boolean {
  if (name.length === 0 || name.length > 0xffff) return false;
  return !name.includes(0) && !name.includes(0x2f) && !isDots(name);
}

/** Whether a name is `.` or `..`. */
export function isDots(name: Uint8Array): boolean {
  return name.length > 0 && name.length <= 2 && name.every((byte) => byte === 0x2e);
}
