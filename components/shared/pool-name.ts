import { createHash } from "node:crypto";

/** What a pool cannot change once it is made: plain data, whose order of keys says nothing. */
export type Replacing = Readonly<Record<string, unknown>>;

/**
 * The cloud's name of a pool: its logical name and a hash of exactly what forces the cloud to replace it. So the new
 * pool stands beside the old one, nodes move, and the old one goes; any other change keeps the name, and the pool.
 */
export function poolName(name: string, replacing: Replacing, longest: number): string {
  const hash = digest([name, replacing]).slice(0, 8);
  return `${name.slice(0, longest - 9).replace(/-+$/, "")}-${hash}`;
}

/**
 * As {@link poolName}, for AKS: a Linux pool's name has at most twelve characters, a-z and 0-9, first a letter.
 * Four characters of base 36 are left for the hash, which the whole logical name is part of: pools whose names begin
 * alike stay apart.
 * Source: https://learn.microsoft.com/azure/aks/create-node-pools#limitations
 */
export function azurePoolName(name: string, replacing: Replacing): string {
  const number = parseInt(digest([name, replacing]).slice(0, 12), 16) % 36 ** 4;
  return name.replaceAll("-", "").slice(0, 8) + number.toString(36).padStart(4, "0");
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex");
}

/** The same data with keys in order, so that equal data gives equal text; what is undefined does not count. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .map(([key, entry]) => [key, sorted(entry)] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
