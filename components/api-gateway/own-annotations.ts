/** Annotations of an Ingress or a Gateway that the component writes from its arguments. */
export const ANNOTATIONS = Object.freeze({
  clusterIssuer: "cert-manager.io/cluster-issuer",
  issuer: "cert-manager.io/issuer",
  nginxBody: "nginx.ingress.kubernetes.io/proxy-body-size",
  nginxBurst: "nginx.ingress.kubernetes.io/limit-burst-multiplier",
  nginxRate: "nginx.ingress.kubernetes.io/limit-rps",
  nginxRedirect: "nginx.ingress.kubernetes.io/force-ssl-redirect",
  skipAwait: "pulumi.com/skipAwait",
  traefikEntryPoints: "traefik.ingress.kubernetes.io/router.entrypoints",
  traefikMiddlewares: "traefik.ingress.kubernetes.io/router.middlewares",
  traefikTls: "traefik.ingress.kubernetes.io/router.tls",
});

/** Those of them that an argument may set beside or instead. */
const FREE: readonly string[] = [
  ANNOTATIONS.skipAwait,
  ANNOTATIONS.traefikEntryPoints,
  // Joined: those of the limits come first.
  ANNOTATIONS.traefikMiddlewares,
];

/** True for an annotation that only the component may set. */
export function ownAnnotations(key: string): boolean {
  return Object.values<string>(ANNOTATIONS).includes(key) && !FREE.includes(key);
}
