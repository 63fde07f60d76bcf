import { createHash } from "node:crypto";
import type { Attributes } from "../ninep";
import { placeName } from "./taken-name";

/** The longest key; the stores take 1024 bytes, and some of it is for what is put behind. */
const MOST_KEY = 900;
/** The longest part of a key between slashes: stores on file systems and Azure take about 255. */
const MOST_SEGMENT = 200;
const KEPT = 100;
/** `~` and a SHA-256. */
const HASH_LENGTH = 65;
const NANOSECONDS = 1_000_000_000n;
/** The end of the year 9999, in seconds: what a time of four digits for the year can say. */
const MOST_SECONDS = 253_402_300_799n;

/** The key of a file's object. */
export interface ObjectKey {
  key: string;
  /** Whether the key does not have all of the path; then the note `paths` says it. */
  shortened: boolean;
}

/**
 * The key of a file: its path below the base, and its time and length, so that the same file has the same key whatever happened before.
 * Names come from others: whatever is not plain is written `%XX` byte by byte, as are dots at the ends of a name, so that no name is `..`,
 * none is special to a store or a shell, and two names never have the same key. Pure.
 */
export function objectKey(
  prefix: string,
  path: readonly Uint8Array[],
  attributes: Attributes,
): ObjectKey {
  const names = sourceNames(path);
  const segments = names.map(encodeName).map(shortenSegment);
  const last = `${timeOf(attributes.mtimeNanoseconds)}-${attributes.size}`;
  const start = prefix === "" ? "" : `${prefix}/`;
  const whole = `${start}${segments.join("/")}/${last}`;
  const cut = segments.some((segment) => segment.includes("~"));
  if (whole.length <= MOST_KEY) return { key: whole, shortened: cut };
  const room = MOST_KEY - start.length - last.length - 2 - HASH_LENGTH;
  const kept = segments.join("/").slice(0, room).split("/");
  // The hash makes the last of them longer.
  const end = kept.pop()?.slice(0, MOST_SEGMENT - HASH_LENGTH) ?? "";
  const place = [...kept, `${end}~${pathHash(path)}`].join("/");
  return { key: `${start}${place}/${last}`, shortened: true };
}

/** The nth key, from 1, for content that differs from what lies at the file's key already. Pure. */
export function otherContentKey(key: string, sha256: string, count = 1): string {
  return `${key}-${sha256.slice(0, 16)}${count === 1 ? "" : `-${count}`}`;
}

/** The path as it is written in notes and metadata: names encoded, ASCII only. Pure. */
export function encodePath(path: readonly Uint8Array[]): string {
  return sourceNames(path).map(encodeName).join("/");
}

/** What stands for a path where it is too long: SHA-256 of its names. Pure. */
export function pathHash(path: readonly Uint8Array[]): string {
  return createHash("sha256").update(encodePath(path)).digest("hex");
}

/** A time, in nanoseconds since 1970, as ISO 8601 in its basic form; beyond the year 9999 as a number. Pure. */
export function timeOf(nanoseconds: bigint): string {
  const seconds = nanoseconds / NANOSECONDS;
  const rest = String(nanoseconds % NANOSECONDS).padStart(9, "0");
  if (seconds > MOST_SECONDS) return `t${seconds}.${rest}`;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text.replaceAll(/[-:]/g, "")}.${rest}Z`;
}

/** A file that a run has taken already has the key that it had before. */
function sourceNames(path: readonly Uint8Array[]): Uint8Array[] {
  const last = path.at(-1);
  return last === undefined ? [] : [...path.slice(0, -1), placeName(last)];
}

function encodeName(name: Uint8Array): string {
  const encoded = Array.from(name, (byte, index) => {
    const character = String.fromCharCode(byte);
    const edge = index === 0 || index === name.length - 1;
    if (/[A-Za-z0-9_-]/.test(character) || (character === "." && !edge)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return encoded.join("");
}

function shortenSegment(segment: string): string {
  if (segment.length <= MOST_SEGMENT) return segment;
  const hash = createHash("sha256").update(segment).digest("hex");
  return `${segment.slice(0, KEPT)}~${hash}`;
}
