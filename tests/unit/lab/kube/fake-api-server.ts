import * as http from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the fake server saw it. */
export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  body: any;
}

/** What a request is answered with: a status and JSON, or a function that writes the response itself. */
export type Answer =
  | { status?: number; headers?: Record<string, string>; body?: unknown }
  | ((response: http.ServerResponse) => void);

/** A scripted API server on the loopback interface that records what it was asked. */
export class FakeApiServer {
  readonly seen: SeenRequest[] = [];
  readonly connections = new Set<unknown>();
  private readonly server: http.Server;

  constructor(handler: (request: SeenRequest) => Answer | undefined) {
    this.server = http.createServer((request, response) => {
      this.connections.add(request.socket);
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        const url = new URL(request.url!, "http://fake");
        const seen: SeenRequest = {
          method: request.method!,
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: text === "" ? undefined : JSON.parse(text),
        };
        this.seen.push(seen);
        const answer = handler(seen) ?? notFound(url.pathname);
        if (typeof answer === "function") {
          answer(response);
          return;
        }
        response.writeHead(answer.status ?? 200, answer.headers);
        response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** How often a path was asked for. */
  count(method: string, path: string): number {
    return this.seen.filter((one) => one.method === method && one.path === path).length;
  }
}

export function notFound(what: string): Answer {
  return failure(404, "NotFound", `${what} not found`);
}

export function failure(status: number, reason: string, message: string): Answer {
  return {
    status,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code: status },
  };
}

/** A kubeconfig for a server, as text. */
export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "fake",
    contexts: [{ name: "fake", context: { cluster: "fake", user: "fake", namespace: "home" } }],
    clusters: [{ name: "fake", cluster: { server } }],
    users: [{ name: "fake", user: { token: "user-token" } }],
  });
}

export const coreKinds = {
  body: {
    kind: "APIResourceList",
    groupVersion: "v1",
    resources: [
      { name: "configmaps", kind: "ConfigMap", namespaced: true },
      { name: "namespaces", kind: "Namespace", namespaced: false },
      { name: "namespaces/status", kind: "Namespace", namespaced: false },
      { name: "pods", kind: "Pod", namespaced: true },
      { name: "secrets", kind: "Secret", namespaced: true },
      { name: "services", kind: "Service", namespaced: true },
    ],
  },
};
