import type { Host } from "./args";

/** The sites that hosts are at. */
export function sitesOf(hosts: readonly Host[]): Set<string> {
  return new Set(hosts.map(({ site }) => site ?? "default"));
}
