/** A symbol's code: its bits, the first one lowest, and how many there are. */
export interface Code {
  bits: number;
  length: number;
}

/**
 * How long the code of each symbol is, by how often it occurs: 0 for one that does not, `longest` at most. The same
 * for the same counts, always.
 */
export function codeLengths(counts: readonly number[], longest: number): number[] {
  let weights = [...counts];
  for (;;) {
    const lengths = depths(weights);
    if (lengths.every((length) => length <= longest)) return lengths;
    // Flatter and flatter, until all weigh the same: a tree of equal leaves is as low as can be.
    weights = weights.map((weight) => Math.ceil(weight / 2));
  }
}

interface Tree {
  weight: number;
  symbols: number[];
}

/** How deep each symbol lies in the tree in which the two lightest parts are always joined. */
function depths(weights: readonly number[]): number[] {
  const lengths = weights.map(() => 0);
  const trees: Tree[] = weights.flatMap((weight, symbol) =>
    weight > 0 ? [{ weight, symbols: [symbol] }] : [],
  );
  const [only] = trees;
  if (only && trees.length === 1)
    return lengths.map((_, symbol) => (only.symbols.includes(symbol) ? 1 : 0));
  // Sorting is stable: what weighs the same stays in its order.
  trees.sort((one, other) => other.weight - one.weight);
  for (
    let one = trees.pop(), other = trees.pop();
    one && other;
    one = trees.pop(), other = trees.pop()
  ) {
    const joined = {
      weight: one.weight + other.weight,
      symbols: [...one.symbols, ...other.symbols],
    };
    for (const symbol of joined.symbols) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
    const place = trees.findIndex(({ weight }) => weight <= joined.weight);
    trees.splice(place === -1 ? trees.length : place, 0, joined);
  }
  return lengths;
}

/** The codes of given lengths, as RFC 1951 counts them out: the shorter first, and by symbol among equals. */
export function codesOf(lengths: readonly number[]): Code[] {
  const codes: Code[] = lengths.map((length) => ({ bits: 0, length }));
  let next = 0;
  for (let length = 1; length <= 15; length++) {
    next *= 2;
    for (const code of codes.filter((one) => one.length === length))
      code.bits = reversed(next++, length);
  }
  return codes;
}

/** A code is read from its highest bit on, and a file's bits from the lowest. */
function reversed(bits: number, length: number): number {
  let result = 0;
  for (let index = 0; index < length; index++) result = (result << 1) | ((bits >> index) & 1);
  return result;
}
