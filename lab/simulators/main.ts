import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { kubeClient } from "../kube/client";
import { loadKubeconfig } from "../kube/kubeconfig";
import { stderrLog } from "./log";
import { Metrics } from "./metrics";
import { runSimulators } from "./simulators";

/**
 * The daemon of the simulators. Reads KUBECONFIG, prints the port of its metrics
 * (http://127.0.0.1:PORT/metrics) as the first line of standard output, logs to standard error and
 * ends on SIGTERM or SIGINT.
 */
async function main(): Promise<void> {
  const { KUBECONFIG, PORT = "0" } = process.env;
  if (KUBECONFIG === undefined || KUBECONFIG === "") {
    throw new Error("KUBECONFIG is not set: it names the cluster whose nodes are simulated");
  }
  const client = kubeClient(loadKubeconfig(KUBECONFIG));
  const metrics = new Metrics();
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  const server = await serveMetrics(metrics, Number(PORT));
  try {
    await runSimulators({ client, log: stderrLog, metrics, signal: stop.signal });
  } finally {
    server.closeAllConnections();
    server.close();
    client.close();
  }
}

async function serveMetrics(metrics: Metrics, port: number) {
  const server = createServer((request, response) => {
    const found = request.method === "GET" && request.url === "/metrics";
    response.writeHead(found ? 200 : 404, { "content-type": "text/plain; version=0.0.4" });
    response.end(found ? metrics.render() : "only GET /metrics is served\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  process.stdout.write(`${portOf(server.address())}\n`);
  return server;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") {
    throw new Error("the metrics are not served on a port");
  }
  return address.port;
}

main().catch((error: unknown) => {
  stderrLog(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
