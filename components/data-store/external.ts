import type { Input } from "@pulumi/pulumi";
import { addressBlockFaults } from "../shared/address-blocks";
import { certificateFaults } from "../shared/certificates";
import type { Fault } from "../shared/faults";
import { wholeNumberFaults } from "../shared/numbers";
import { secretFaults } from "../shared/secret-names";
import type { DataStoreConsumer } from "./consumers";

/** A store that somebody else runs, whether Postgres or Redis. */
export interface ExternalDataStore {
  /** Host that is called; the server's certificate must carry this name. */
  host: Input<string>;
  /** Certificates (PEM) of the server's authority. Defaults to none: a public authority. Not with `existingSecret`. */
  caCertificate?: Input<string>;
  /** Addresses that `host` leads to, for consumers' egress policies. Defaults to every address but the cloud's metadata service. */
  cidrs?: string[];
  /**
   * Name of a Secret that lies in each consumer's namespace already and holds the keys of `DATA_STORE_KEYS`. Defaults to
   * none: then `username` and `password` are given, and each consumer's Secret is written.
   */
  existingSecret?: Input<string>;
  /** The user's password. Not with `existingSecret`. */
  password?: Input<string>;
  /** Port that is called, with TLS. Defaults to 5432 for Postgres and to 6379 for Redis. */
  port?: number;
  /** True where `existingSecret` holds `ca.crt`, since the server's authority is not a public one. Defaults to false. */
  privateAuthority?: boolean;
  /** User that consumers log in as. Not with `existingSecret`. */
  username?: Input<string>;
}

/** Finds everything that is wrong with an external store. */
export function externalFaults(path: string, external: ExternalDataStore): Fault[] {
  const { cidrs, existingSecret, host, port } = external;
  return [
    ...hostFaults(`${path}.host`, host),
    ...wholeNumberFaults(`${path}.port`, port, 1, 65_535),
    ...(cidrs?.length === 0
      ? [{ path: `${path}.cidrs`, problem: "empty: nobody could call it", fix: "to leave it out" }]
      : []),
    ...addressBlockFaults(`${path}.cidrs`, cidrs ?? []),
    ...(existingSecret === undefined
      ? loginFaults(path, external)
      : [
          ...secretFaults(`${path}.existingSecret`, existingSecret),
          ...existingFaults(path, external),
        ]),
  ];
}

/** What is only known later, as every input may be, is not checked here. */
function hostFaults(path: string, got: unknown): Fault[] {
  if (typeof got !== "string") return [];
  if (/^[A-Za-z0-9]([-.A-Za-z0-9]{0,251}[A-Za-z0-9])?$/.test(got)) return [];
  const problem = "not the name of a host";
  // Somebody's password may stand before the host of a URI.
  return [
    { path, problem, ...(!got.includes("@") && { got }), allowed: "a DNS name or an address" },
  ];
}

function loginFaults(path: string, external: ExternalDataStore): Fault[] {
  const missing = (["username", "password"] as const).filter((key) => external[key] === undefined);
  return [
    ...missing.map((key) => ({
      path: `${path}.${key}`,
      problem: "missing, and there is no existingSecret to take it from",
    })),
    ...(external.privateAuthority === undefined
      ? []
      : [
          {
            path: `${path}.privateAuthority`,
            problem: "says what an existingSecret holds, and there is none",
            fix: "caCertificate",
          },
        ]),
    ...certificateFaults(`${path}.caCertificate`, external.caCertificate),
  ];
}

function existingFaults(path: string, external: ExternalDataStore): Fault[] {
  return (["username", "password", "caCertificate"] as const)
    .filter((key) => external[key] !== undefined)
    .map((key) => ({
      path: `${path}.${key}`,
      problem: "given beside existingSecret",
      allowed: "either",
    }));
}

/** Consumers' Secrets are not named by us where they lie there already. */
export function renamedFaults(
  { existingSecret }: ExternalDataStore,
  consumers: readonly DataStoreConsumer[] = [],
): Fault[] {
  if (existingSecret === undefined) return [];
  return consumers.flatMap(({ secretName: got }, index) => {
    const problem = "has no meaning with external.existingSecret, which names it";
    return got === undefined ? [] : [{ path: `consumers[${index}].secretName`, problem, got }];
  });
}

/** Arguments that shape servers, and so say nothing about somebody else's. */
export function ownOnlyFaults<Args extends object>(
  args: Args,
  keys: readonly (keyof Args & string)[],
): Fault[] {
  return keys
    .filter((path) => args[path] !== undefined)
    .map((path) => ({ path, problem: "has no meaning with an external store" }));
}
