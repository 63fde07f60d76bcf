import * as pulumi from "@pulumi/pulumi";
import type { QueenRole } from "./roles";

/** An instance of Queen, as its consumers' certificates name it. */
interface Named {
  /** The fabric's domain. */
  domain: string;
  namespace: pulumi.Input<string>;
  queen: string;
}

/**
 * The identity of a role, a URI in its certificates: what the proxies let in. Two instances that one issuer signs for
 * differ by namespace or name; in two clusters, by domain.
 */
export function identityUri(
  { domain, namespace, queen }: Named,
  role: QueenRole,
): pulumi.Input<string> {
  const uri = (known: string) => `spiffe://${domain}/ns/${known}/${queen}/${role}`;
  // Of a namespace that is known, no preview has to say that it comes later.
  return typeof namespace === "string" ? uri(namespace) : pulumi.output(namespace).apply(uri);
}
