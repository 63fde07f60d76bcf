import type * as pulumi from "@pulumi/pulumi";
import type { ConsumerPlan } from "../consumers";
import { secretsOf } from "../external-store";
import { createStoreSecret, type DataStoreLogin } from "../secrets";

/** Writes the Secrets of all consumers, who share one login; answers their names by the name of the consumer. */
export function createSecrets(
  parent: pulumi.Resource,
  store: { name: string; app: string },
  consumers: readonly ConsumerPlan[],
  login: DataStoreLogin,
): Record<string, pulumi.Output<string>> {
  const make = (consumer: ConsumerPlan) => createStoreSecret(parent, store, consumer, login);
  return secretsOf(consumers, make);
}
