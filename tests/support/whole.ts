/**
 * Whether every story is told in all its variants: KVM_FABRIC_WHOLE=1. The gate takes one of those that say the same of
 * another cloud, stack or moment: see CONTRIBUTING.md.
 */
export const isWhole = process.env.KVM_FABRIC_WHOLE === "1";

/** A test of which the gate takes another variant: skipped there, and shown as skipped. Where all of a file is, it is the file's `test`. */
export const variant = isWhole ? test : test.skip;
