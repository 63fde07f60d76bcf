import { hasSecret, isProperties, isSecret, secret, type Properties } from "../../grpc/wire";

/**
 * Marks in `target` what is secret in `source`, place by place. A list of which any item is or holds a
 * secret becomes secret as a whole, since items may have moved.
 */
export function markSecrets(target: unknown, source: unknown): unknown {
  if (isSecret(source)) return secret(target);
  if (Array.isArray(source)) return hasSecret(source) ? secret(target) : target;
  if (!isProperties(source) || !isProperties(target) || isSecret(target)) return target;
  return Object.fromEntries(
    Object.entries(target).map(([key, value]) => [
      key,
      key in source ? markSecrets(value, source[key]) : value,
    ]),
  );
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** Marks what is secret by its kind: the data of a Secret, wherever it is repeated. */
export function markSecretKind(object: Properties): Properties {
  if (object.kind !== "Secret") return object;
  const marked = { ...object };
  for (const field of ["data", "stringData"]) {
    if (marked[field] !== undefined) marked[field] = secret(marked[field]);
  }
  const { metadata } = marked;
  if (isProperties(metadata) && isProperties(metadata.annotations)) {
    const applied = metadata.annotations[LAST_APPLIED];
    if (applied !== undefined) {
      const annotations = { ...metadata.annotations, [LAST_APPLIED]: secret(applied) };
      marked.metadata = { ...metadata, annotations };
    }
  }
  return marked;
}
