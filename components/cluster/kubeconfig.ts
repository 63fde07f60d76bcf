/** The program that gets a token for the API server, as `kubectl` runs it. */
export interface ExecCredential {
  /** Name of the program on PATH. */
  command: string;
  args: string[];
  /** Variables of its environment. */
  env?: Record<string, string>;
  /** What the user reads where the program is missing. */
  installHint: string;
}

/** What a kubeconfig is made of. */
export interface KubeconfigContent {
  /** Name of the cluster, of the context and of the user. */
  name: string;
  /** URL of the API server. */
  endpoint: string;
  /** PEM in base64. Empty where an authority that everybody trusts signed the API server's certificate. */
  certificateAuthorityData: string;
  exec: ExecCredential;
}

/**
 * Renders a kubeconfig (JSON, which every client takes for YAML) that holds no credential: each user's own comes
 * from a program. Never tied to a profile or a command line of whoever made the cluster.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export function renderKubeconfig({
  name,
  endpoint,
  certificateAuthorityData,
  exec,
}: KubeconfigContent): string {
  const server = {
    server: endpoint,
    ...(certificateAuthorityData !== "" && {
      "certificate-authority-data": certificateAuthorityData,
    }),
  };
  const { env = {}, ...command } = exec;
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const user = {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      ...command,
      ...(variables.length > 0 && { env: variables }),
      interactiveMode: "IfAvailable",
      provideClusterInfo: false,
    },
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: server }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user }],
    "current-context": name,
  });
}
