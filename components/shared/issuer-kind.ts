/** Which kind of cert-manager's issuers. */
export const IssuerKind = {
  /** One of the whole cluster. */
  ClusterIssuer: "ClusterIssuer",
  /** One of the store's own namespace. */
  Issuer: "Issuer",
} as const;
/** See the members of the constant of the same name. */
export type IssuerKind = (typeof IssuerKind)[keyof typeof IssuerKind];
