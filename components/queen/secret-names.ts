import { objectName } from "../shared/names";

/** The Secret of Queen's own key. */
export function serverSecretName(queen: string): string {
  return objectName([queen, "tls"]);
}

/** The Secret of a consumer that names none. */
export function clientSecretName(queen: string, consumer: string): string {
  return objectName([queen, consumer, "tls"]);
}
