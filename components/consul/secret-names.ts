import { objectName } from "../shared/names";
import type { ConsulConsumer } from "./args";

/** The Secret of a consumer's token. */
export function tokenSecretName(consul: string, { name, secretName }: ConsulConsumer): string {
  return secretName ?? objectName([consul, name, "token"]);
}
