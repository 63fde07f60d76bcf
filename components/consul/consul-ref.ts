import type { Input, Output } from "@pulumi/pulumi";

/**
 * How one consumer reaches Consul: what a component that talks to Consul takes as an argument, whether
 * the servers are ours or somebody else's.
 */
export interface ConsulRef {
  /** URL of the HTTP API over TLS, as in `https://fabric-consul.consul.svc:8501`. */
  address: Input<string>;
  /** The certificate (PEM, public) of the authority that signed the servers' certificates. */
  caCertificate: Input<string>;
  /** Name of the datacenter that the consumer talks to. */
  datacenter: Input<string>;
  /** Name of a Secret in the consumer's own namespace; its key `token` holds the ACL token. */
  tokenSecretName: Input<string>;
}

/** The key of a consumer's Secret that holds its ACL token. */
export const TOKEN_KEY = "token";

/** The outputs of a `Consul` component that a reference is made of. */
export interface ConsulOutputs {
  /** See {@link ConsulRef.address}. */
  address: Output<string>;
  /** See {@link ConsulRef.caCertificate}. */
  caCertificate: Output<string>;
  /** See {@link ConsulRef.datacenter}. */
  datacenter: Output<string>;
  /** Names of the token Secrets by the name of the consumer. */
  tokenSecretNames: Output<Record<string, string>>;
}

/**
 * Makes the reference of one consumer: `consul: consulRef(consul, "workers")`. Fails where the `Consul`
 * component has no consumer of that name.
 */
export function consulRef(consul: ConsulOutputs, consumer: string): ConsulRef {
  return {
    address: consul.address,
    caCertificate: consul.caCertificate,
    datacenter: consul.datacenter,
    tokenSecretName: consul.tokenSecretNames.apply((names) => tokenSecretOf(names, consumer)),
  };
}

/** Looks a consumer's Secret up; fails with the consumers that there are. */
export function tokenSecretOf(names: Record<string, string>, consumer: string): string {
  const name = names[consumer];
  if (name !== undefined) return name;
  const known = Object.keys(names).sort().join(", ");
  throw new Error(`consul has no consumer "${consumer}", allowed ${known}`);
}
