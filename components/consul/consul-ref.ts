import type { Input, Output } from "@pulumi/pulumi";
import { consumerSecret } from "../shared/consumer-secret";

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
  /** Names of the token Secrets by the name of the consumer, who is known before any Secret is. */
  tokenSecretNames: Record<string, Output<string>>;
}

/**
 * Makes the reference of one consumer: `consul: consulRef(consul, "workers")`. Where Consul has no consumer of that name
 * the preview fails, and names those that there are.
 */
export function consulRef(consul: ConsulOutputs, consumer: string): ConsulRef {
  const owner = { what: "consul", component: consul };
  return {
    address: consul.address,
    caCertificate: consul.caCertificate,
    datacenter: consul.datacenter,
    tokenSecretName: consumerSecret(owner, consul.tokenSecretNames, consumer),
  };
}
