import type { CustomResourceOptions } from "@pulumi/pulumi";

/**
 * Two of the three layers around what cannot be made again: Pulumi refuses to delete it, and where somebody removes it
 * from the program all the same, the thing itself stays. The third is the cloud's own deletion protection.
 */
export function dataGuard(deletionProtection: boolean): CustomResourceOptions {
  return deletionProtection ? { protect: true, retainOnDelete: true } : {};
}

/**
 * The options of something guarded, for what is made again from it in normal operation, as a new version of a secret is:
 * taken out it stays, but nothing holds against its replacement, with which the whole update would be refused.
 */
export function remakeable<Options extends CustomResourceOptions>(options: Options): Options {
  return { ...options, protect: undefined };
}
