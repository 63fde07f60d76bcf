/** The name that differs in the fewest letters from what was given; of several such, the first. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  return ranked(given, names)[0]?.name;
}

/**
 * The name that was most likely meant: at most two letters from what was given, in whatever case, and not another
 * word altogether.
 */
export function likelyMeant(given: string, names: Iterable<string>): string | undefined {
  return ranked(given.toLowerCase(), names, (name) => name.toLowerCase()).find(
    ({ name, distance }) => distance <= Math.min(2, name.length - 1),
  )?.name;
}

function ranked(given: string, names: Iterable<string>, read = (name: string) => name) {
  return Array.from(names, (name) => ({ name, distance: editDistance(given, read(name)) })).sort(
    (one, other) => one.distance - other.distance,
  );
}

/** How many letters must be put in, taken out or changed to make one text of the other (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(one).entries()) {
    const next = [i + 1];
    for (const [j, otherLetter] of Array.from(other).entries()) {
      const change = (row[j] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
