import { isUtf8 } from "node:buffer";

/** At most so many bytes of one name are shown. */
const SHOWN_BYTES = 300;

/**
 * A name or text of the server for people and logs: one line; UTF-8 as it is but for what is not to be seen (`\u{...}`), other
 * bytes as `\xNN`, and long ones cut. Not to be taken for the name itself.
 */
export function showName(bytes: Uint8Array): string {
  const cut = Buffer.from(bytes.subarray(0, SHOWN_BYTES));
  const shown = isUtf8(cut) ? showText(cut.toString("utf8")) : showBytes(cut.toString("latin1"));
  return bytes.length > SHOWN_BYTES ? `${shown}...` : shown;
}

/** A path for people: its names from the root of what is served. */
export function showPath(names: readonly Uint8Array[]): string {
  return `/${names.map(showName).join("/")}`;
}

function showText(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (character) => `\\u{${hex(character)}}`);
}

function showBytes(latin1: string): string {
  return latin1.replace(/[^ -[\]-~]/g, (character) => `\\x${hex(character).padStart(2, "0")}`);
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
