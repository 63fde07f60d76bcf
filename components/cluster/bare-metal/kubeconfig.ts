import { API_PORT, urlHost } from "./k3s-config";

/** Renders the administrator's kubeconfig from what a server printed: authority, certificate and key in base64. */
export function adminKubeconfig(name: string, apiAddress: string, printed: string): string {
  const [authority = "", certificate = "", key = ""] = printed.trim().split("\n");
  const server = `https://${urlHost(apiAddress)}:${API_PORT}`;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { "client-certificate-data": certificate, "client-key-data": key } }],
    "current-context": name,
  });
}
