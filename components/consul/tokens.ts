import { uuidOf } from "../shared/uuid";

/**
 * Derives a token from the seed, as the UUID that Consul wants one to be. One seed makes all tokens, so a
 * further consumer changes nobody else's. RandomUuid is of no use here: its resource id, which is never
 * secret, is the value itself.
 * Source: https://www.pulumi.com/registry/packages/random/api-docs/randomuuid/
 */
export function tokenFor(seed: string, purpose: string): string {
  return uuidOf(`token:${seed}:${purpose}`);
}

/** Derives the public id of a token: a function of names alone, so a second run finds what the first made. */
export function accessorFor(instance: string, purpose: string): string {
  return uuidOf(`accessor:${instance}:${purpose}`);
}
