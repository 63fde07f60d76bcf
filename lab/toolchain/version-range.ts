/** Three numbers and whether it is a version before the release (alpha, beta, rc). */
export interface Version {
  numbers: readonly [number, number, number];
  preRelease: boolean;
}

/** The first x.y or x.y.z in a text; undefined where there is none. Pure. */
export function findVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?(-?(?:alpha|beta|rc))?/.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch = "0", preRelease] = match;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    preRelease: preRelease !== undefined,
  };
}

/** Says whether a version is in [minimum, below); a version before a release counts as not yet that one. Pure. */
export function isWithin(version: Version, minimum: string, below: string): boolean {
  return !version.preRelease && isAtLeast(version, minimum) && !isAtLeast(version, below);
}

/** Says whether a version is `minimum` or newer. Pure. */
export function isAtLeast(version: Version, minimum: string): boolean {
  const wanted = findVersion(minimum);
  if (wanted === undefined) throw new Error(`not a version: ${minimum}`);
  for (const [index, number] of version.numbers.entries()) {
    const difference = number - (wanted.numbers[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
