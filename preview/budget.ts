import { count } from "./escape";

/** The longest body of a comment. Source: GitHub answers "body is too long (maximum is 65536 characters)". */
export const LONGEST_BODY = 65_536;

/** Size as the strictest reader counts it. */
export function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}

/**
 * Joins as many pieces as fit, in order, and says how many do not: `noun` names one of them. A piece that does not
 * fit ends the list, so that what is left out is always the last and least.
 */
export function fitting(pieces: readonly string[], room: number, noun: string): string {
  const whole = pieces.join("\n");
  if (sizeOf(whole) <= room) return whole;
  const kept: string[] = [];
  let used = NOTE_ROOM;
  for (const piece of pieces) {
    used += sizeOf(piece) + 1;
    if (used > room) break;
    kept.push(piece);
  }
  return [
    ...kept,
    `\n**${count(pieces.length - kept.length, `more ${noun}`)}** not shown here.`,
  ].join("\n");
}

const NOTE_ROOM = 80;
