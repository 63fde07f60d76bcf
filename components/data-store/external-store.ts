import * as pulumi from "@pulumi/pulumi";
import type { ConsumerPlan } from "./consumers";
import type { ExternalDataStore } from "./external";
import { createStoreSecret, type DataStoreLogin } from "./secrets";

/** What consumers need of a store, ours or not. */
export interface Store {
  host: pulumi.Output<string>;
  privateAuthority: boolean;
  /** Names of the Secrets by the name of the consumer. */
  secretNames: Record<string, pulumi.Output<string>>;
}

/** Whose Secrets are written. */
interface StorePlan {
  consumers: readonly ConsumerPlan[];
  name: string;
}

/** A store that somebody else runs: the Secret that is there already, or one for each consumer. `app` is the store's label. */
export function externalStore(
  parent: pulumi.Resource,
  { consumers, name }: StorePlan,
  app: string,
  external: ExternalDataStore | undefined,
  kind: Pick<DataStoreLogin, "database" | "port" | "uri">,
): Store {
  const { existingSecret, caCertificate, privateAuthority } = external ?? {};
  const host = pulumi.output(external?.host ?? "");
  if (existingSecret !== undefined) {
    const secretNames = secretsOf(consumers, () => pulumi.output(existingSecret));
    return { host, privateAuthority: privateAuthority ?? false, secretNames };
  }
  const login = {
    ...kind,
    host,
    username: external?.username ?? "",
    password: external?.password ?? "",
    ...(caCertificate !== undefined && { caCertificate }),
  };
  const secretNames = secretsOf(consumers, (consumer) =>
    createStoreSecret(parent, { name, app }, consumer, login),
  );
  return { host, privateAuthority: caCertificate !== undefined, secretNames };
}

/** Names of Secrets by the name of the consumer. */
export function secretsOf(
  consumers: readonly ConsumerPlan[],
  make: (consumer: ConsumerPlan) => pulumi.Output<string>,
): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(consumers.map((consumer) => [consumer.name, make(consumer)]));
}
