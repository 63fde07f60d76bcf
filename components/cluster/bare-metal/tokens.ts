import type { Resource } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { Distribution } from "./args";

/** What lets hosts join. Both are secret. */
export interface Tokens {
  /**
   * k3s: lets a host join as a server, decrypts the cluster's bootstrap data. kubeadm: Secrets are encrypted with it.
   * Either needs it to restore a snapshot.
   */
  server: pulumi.Output<string>;
  /** Lets a host join as a worker, and nothing else. */
  agent: pulumi.Output<string>;
}

/** Makes the tokens. A cluster's server token cannot be made again: without it no snapshot can be restored. */
export function createTokens(
  parent: Resource,
  name: string,
  guard: pulumi.CustomResourceOptions,
  distribution: Distribution = Distribution.K3s,
): Tokens {
  const options = { parent, ...guard };
  const token = (purpose: string, shape: { length: number; upper?: boolean }) =>
    pulumi.secret(
      new RandomPassword(`${name}-${purpose}-token`, { special: false, ...shape }, options).result,
    );
  if (distribution === Distribution.K3s) {
    return { server: token("server", { length: 64 }), agent: token("agent", { length: 64 }) };
  }
  return {
    server: token("server", { length: 32 }),
    // As bootstrap tokens are: six characters that name it, a dot, sixteen that are secret.
    agent: token("agent", { length: 22, upper: false }).apply(
      (text) => `${text.slice(0, 6)}.${text.slice(6)}`,
    ),
  };
}
