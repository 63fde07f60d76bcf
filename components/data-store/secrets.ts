import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "../shared/labels";
import type { ConsumerPlan } from "./consumers";
import { DATA_STORE_KEYS } from "./keys";

/** What a consumer's Secret tells. */
export interface DataStoreLogin {
  host: pulumi.Input<string>;
  port: pulumi.Input<number>;
  username: pulumi.Input<string>;
  /** A secret from here on, whatever it was before. */
  password: pulumi.Input<string>;
  /** Makes the URI; see `postgresUri` and `redisUri`. */
  uri: (login: { host: string; port: number; username: string; password: string }) => string;
  /** Name of the database; Redis has none. */
  database?: pulumi.Input<string>;
  /** Certificate (PEM) of the server's authority, where it is no public one. */
  caCertificate?: pulumi.Input<string>;
}

/** Writes a consumer's Secret, called `STORE-CONSUMER`, and returns its name. `app` is the store's label. */
export function createStoreSecret(
  parent: pulumi.Resource,
  store: { name: string; app: string },
  consumer: ConsumerPlan,
  login: DataStoreLogin,
  options: pulumi.CustomResourceOptions = {},
): pulumi.Output<string> {
  const secret = new corev1.Secret(
    `${store.name}-${consumer.name}`,
    {
      metadata: {
        name: consumer.secretName,
        namespace: consumer.namespace,
        labels: objectLabels(store.app, store.name),
      },
      type: "Opaque",
      stringData: loginData(login),
    },
    { parent, ...options },
  );
  return secret.metadata.name;
}

/** The data of a consumer's Secret, all of it secret. */
export function loginData(login: DataStoreLogin): pulumi.Output<Record<string, string>> {
  const { host, port, username, uri, database, caCertificate } = login;
  const password = pulumi.secret(login.password);
  const keys = DATA_STORE_KEYS;
  return pulumi
    .all([host, port, username, password, database, caCertificate])
    .apply(([host, port, username, password, database, caCertificate]): Record<string, string> => ({
      [keys.host]: host,
      [keys.port]: String(port),
      [keys.username]: username,
      [keys.password]: password,
      [keys.uri]: uri({ host, port, username, password }),
      ...(database !== undefined && { [keys.database]: database }),
      ...(caCertificate !== undefined && { [keys.caCertificate]: caCertificate }),
    }));
}
