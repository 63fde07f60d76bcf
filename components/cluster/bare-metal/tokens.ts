import type { Resource } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";

/** What lets hosts join. Both are secret. */
export interface Tokens {
  /** Lets a host join as a server, decrypts the cluster's bootstrap data, and is needed to restore a snapshot. */
  server: pulumi.Output<string>;
  /** Lets a host join as a worker, and nothing else. */
  agent: pulumi.Output<string>;
}

/** Makes the tokens. A cluster's server token cannot be made again: without it no snapshot can be restored. */
export function createTokens(
  parent: Resource,
  name: string,
  guard: pulumi.CustomResourceOptions,
): Tokens {
  const token = (purpose: string) =>
    new RandomPassword(
      `${name}-${purpose}-token`,
      { length: 64, special: false },
      { parent, ...guard },
    ).result;
  return { server: pulumi.secret(token("server")), agent: pulumi.secret(token("agent")) };
}
