import { createHash } from "node:crypto";

/**
 * Derives a token from the seed, as the UUID that Consul wants one to be. One seed makes all tokens, so a
 * further consumer changes nobody else's. RandomUuid is of no use here: its resource id, which is never
 * secret, is the value itself.
 * Source: https://www.pulumi.com/registry/packages/random/api-docs/randomuuid/
 */
export function tokenFor(seed: string, purpose: string): string {
  return uuid(`token:${seed}:${purpose}`);
}

/** Derives the public id of a token: a function of names alone, so a second run finds what the first made. */
export function accessorFor(instance: string, purpose: string): string {
  return uuid(`accessor:${instance}:${purpose}`);
}

/** Formats a hash as a UUID of version 8, the one for values of one's own making (RFC 9562). */
function uuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
