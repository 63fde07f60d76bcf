import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** A short hash of what a pod reads when it starts: other files need other pods. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/**
 * The same of a secret, and public: what is hashed holds 32 random bytes or more, which nobody guesses. As
 * a secret it would hide all annotations beside it from every preview.
 */
export function publicDigest(secret: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(secret.apply(digest));
}
