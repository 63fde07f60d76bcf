import { crc32 } from "node:zlib";
import { type Code, codeLengths, codesOf } from "./huffman";

/**
 * Compresses a text to a gzip file, which is the same for the same text on every machine and with every version of
 * Node: what is part of a launch template must not change by itself. Node's own compressor promises no such thing.
 * Source: RFC 1951 and RFC 1952
 */
export function gzipped(text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length % 2 ** 32, 4);
  return Buffer.concat([header, deflated(tokensOf(content)), trailer]);
}

/** A byte as it is (`distance` 0), or `length` bytes as they stood `distance` bytes before. */
interface Token {
  byte: number;
  length: number;
  distance: number;
}

const WINDOW = 32_768;
const SHORTEST = 3;
const LONGEST = 258;

/** Says each text that was there before by where it was; a byte later where that says more. */
function tokensOf(content: Buffer): Token[] {
  const find = finder(content);
  const tokens: Token[] = [];
  for (let at = 0; at < content.length;) {
    const found = find(at);
    const later = found.length < SHORTEST ? found : find(at + 1);
    const isTaken = found.length >= SHORTEST && later.length <= found.length;
    const byte = content[at] ?? 0;
    tokens.push(isTaken ? { byte, ...found } : { byte, length: 1, distance: 0 });
    at += isTaken ? found.length : 1;
  }
  return tokens;
}

/** How many places are looked at for one text: more of them say little more. */
const MOST_PLACES = 512;

/** What finds the longest text before a place that goes on as the place does, the nearest of equals. */
function finder(content: Buffer): (at: number) => { length: number; distance: number } {
  const places = new Map<number, number[]>();
  let known = 0;
  const placesOf = (at: number): number[] => {
    const key = ((content[at] ?? 0) << 16) | ((content[at + 1] ?? 0) << 8) | (content[at + 2] ?? 0);
    const found = places.get(key) ?? [];
    places.set(key, found);
    return found;
  };
  return (at) => {
    for (; known < at; known++) placesOf(known).push(known);
    let best = { length: 1, distance: 0 };
    const most = Math.min(LONGEST, content.length - at);
    for (const before of placesOf(at).slice(-MOST_PLACES).toReversed()) {
      if (at - before > WINDOW || best.length === most) break;
      let length = 0;
      while (length < most && content[before + length] === content[at + length]) length++;
      if (length >= SHORTEST && length > best.length) best = { length, distance: at - before };
    }
    return best;
  };
}

/** The ranges of lengths and of distances: the first value of each, and how many bits say which one it is. */
const LENGTHS = ranges(28, 3, (index) => (index < 8 ? 0 : Math.floor(index / 4) - 1));
const DISTANCES = ranges(30, 1, (index) => (index < 4 ? 0 : Math.floor(index / 2) - 1));

interface Range {
  first: number;
  extra: number;
}

function ranges(count: number, from: number, extraOf: (index: number) => number): Range[] {
  let first = from;
  return Array.from({ length: count }, (_, index) => {
    const range = { first, extra: extraOf(index) };
    first += 2 ** range.extra;
    return range;
  });
}

/** Which range a value lies in, and where in it. The longest length of all has a range of its own. */
function rangeOf(table: readonly Range[], value: number) {
  if (table === LENGTHS && value === LONGEST) return { index: LENGTHS.length, rest: 0, extra: 0 };
  const index = table.findLastIndex(({ first }) => first <= value);
  const { first, extra } = table[index] ?? { first: value, extra: 0 };
  return { index, rest: value - first, extra };
}

const END_OF_BLOCK = 256;

function deflated(tokens: readonly Token[]): Buffer {
  const bits = bitWriter();
  const words: number[] = Array.from({ length: 286 }, () => 0);
  const ways: number[] = Array.from({ length: 30 }, () => 0);
  const count = (counts: number[], symbol: number) => (counts[symbol] = (counts[symbol] ?? 0) + 1);
  count(words, END_OF_BLOCK);
  for (const { byte, distance, length } of tokens) {
    count(words, distance === 0 ? byte : 257 + rangeOf(LENGTHS, length).index);
    if (distance > 0) count(ways, rangeOf(DISTANCES, distance).index);
  }
  const wordLengths = codeLengths(words, 15);
  const wayLengths = codeLengths(ways, 15);
  bits.write(1, 1);
  bits.write(2, 2);
  writeTables(bits, wordLengths, wayLengths);
  const wordCodes = codesOf(wordLengths);
  const wayCodes = codesOf(wayLengths);
  for (const { byte, distance, length } of tokens) {
    if (distance === 0) {
      bits.code(wordCodes[byte]);
      continue;
    }
    const far = rangeOf(DISTANCES, distance);
    const long = rangeOf(LENGTHS, length);
    bits.code(wordCodes[257 + long.index]);
    bits.write(long.rest, long.extra);
    bits.code(wayCodes[far.index]);
    bits.write(far.rest, far.extra);
  }
  bits.code(wordCodes[END_OF_BLOCK]);
  return bits.end();
}

type BitWriter = ReturnType<typeof bitWriter>;

/** In which order the lengths of the codes of lengths are written. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Writes how long each code is, which is all that a reader needs to know them. */
function writeTables(bits: BitWriter, words: readonly number[], ways: readonly number[]): void {
  const runs = runsOf([...words, ...ways]);
  const counts: number[] = Array.from({ length: ORDER.length }, () => 0);
  for (const { symbol } of runs) counts[symbol] = (counts[symbol] ?? 0) + 1;
  const lengths = codeLengths(counts, 7);
  const codes = codesOf(lengths);
  bits.write(words.length - 257, 5);
  bits.write(ways.length - 1, 5);
  bits.write(ORDER.length - 4, 4);
  for (const symbol of ORDER) bits.write(lengths[symbol] ?? 0, 3);
  for (const { symbol, rest, extra } of runs) {
    bits.code(codes[symbol]);
    bits.write(rest, extra);
  }
}

/** Lengths as they are, but a run of zeros as one symbol, and so many more of the one before. */
function runsOf(lengths: readonly number[]): { symbol: number; rest: number; extra: number }[] {
  const runs: { symbol: number; rest: number; extra: number }[] = [];
  for (let at = 0; at < lengths.length;) {
    const symbol = lengths[at] ?? 0;
    let run = 1;
    while (run < 138 && at + run < lengths.length && lengths[at + run] === symbol) run++;
    if (symbol === 0 && run >= 11) runs.push({ symbol: 18, rest: run - 11, extra: 7 });
    else if (symbol === 0 && run >= 3) runs.push({ symbol: 17, rest: run - 3, extra: 3 });
    else {
      run = Math.min(run, 7);
      runs.push({ symbol, rest: 0, extra: 0 });
      if (run >= 4) runs.push({ symbol: 16, rest: run - 4, extra: 2 });
      else run = 1;
    }
    at += run;
  }
  return runs;
}

function bitWriter() {
  const bytes: number[] = [];
  let pending = 0;
  let held = 0;
  const write = (value: number, length: number): void => {
    pending |= value << held;
    for (held += length; held >= 8; held -= 8) {
      bytes.push(pending & 0xff);
      pending >>>= 8;
    }
  };
  return {
    write,
    code: (code: Code | undefined): void => {
      if (!code || code.length === 0) throw new Error("a symbol that was not counted");
      write(code.bits, code.length);
    },
    end: (): Buffer => Buffer.from(held > 0 ? [...bytes, pending & 0xff] : bytes),
  };
}
