import type { Input, Output } from "@pulumi/pulumi";
import { QUEEN_POD_PORTS, QUEEN_PORT } from "./ports";
import { QueenRole } from "./roles";

/**
 * How one client reaches Queen: what a component that talks to her takes as an argument. She speaks 9P over TLS, in
 * which both ends show certificates.
 */
export interface QueenRef {
  /** The certificates (PEM, public) of the authorities that Queen's own certificate may be signed by. */
  caCertificate: Input<string>;
  /** Name of a Secret in the client's own namespace: its keys `tls.crt` and `tls.key` are the client's identity. */
  clientSecretName: Input<string>;
  /** The host that is called. */
  host: Input<string>;
  /** The port that is called. */
  port: Input<number>;
  /** The name in Queen's certificate. */
  serverName: Input<string>;
  /** Namespace of Queen's pod, for the client's egress policy. Defaults to none: she is outside the cluster. */
  namespace?: Input<string>;
  /** Labels of Queen's pod, for the client's egress policy. Defaults to none. */
  podLabels?: Record<string, string>;
  /** The pod's port behind the Service, for the client's egress policy. Defaults to `port`. */
  targetPort?: number;
}

/** The outputs of a `Queen` component that references are made of. */
export interface QueenOutputs {
  /** See {@link QueenRef.caCertificate}. */
  caCertificate: Output<string>;
  /** Names of the consumers' Secrets by the name of the consumer. */
  clientSecretNames: Output<Record<string, string>>;
  /** What each consumer may do, by its name. */
  consumerRoles: Record<string, string>;
  /** The host that workers and gateways call. */
  host: Output<string>;
  /** See {@link QueenRef.namespace}. */
  namespace: Output<string>;
  /** See {@link QueenRef.podLabels}. */
  podLabels: Record<string, string>;
  /** See {@link QueenRef.serverName}. */
  serverName: Output<string>;
  /** The host that uploaders in the cluster call. */
  uploadsServiceHost: Output<string>;
}

/**
 * Makes the reference of one consumer: `queen: queenRef(queen, "workers")`. Fails where the `Queen` component has no
 * consumer of that name. What an uploader gets leads to the listener of uploads.
 */
export function queenRef(queen: QueenOutputs, consumer: string): QueenRef {
  const role = queen.consumerRoles[consumer];
  if (role === undefined) {
    const known = Object.keys(queen.consumerRoles).sort().join(", ");
    throw new Error(`queen has no consumer "${consumer}", allowed ${known}`);
  }
  const uploads = role === QueenRole.Uploader;
  return {
    caCertificate: queen.caCertificate,
    clientSecretName: queen.clientSecretNames.apply((names) => names[consumer] ?? ""),
    host: uploads ? queen.uploadsServiceHost : queen.host,
    port: QUEEN_PORT,
    serverName: queen.serverName,
    namespace: queen.namespace,
    podLabels: queen.podLabels,
    targetPort: uploads ? QUEEN_POD_PORTS.uploads : QUEEN_POD_PORTS.fabric,
  };
}
