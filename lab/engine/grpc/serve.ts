import * as grpc from "@grpc/grpc-js";

/** Messages may be large (a stack's whole state); the engine and the SDK use the same limit, in bytes. */
export const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** A running server on the loopback interface. */
export interface Serving {
  port: number;
  /** Lets calls in flight finish for up to `graceSeconds` (defaults to 1), then ends them. */
  close(graceSeconds?: number): Promise<void>;
}

/**
 * Serves a gRPC service on 127.0.0.1. `port` defaults to 0, any free one.
 * Rejects with the system's error when the port is taken.
 */
export function serve(
  service: grpc.ServiceDefinition,
  implementation: grpc.UntypedServiceImplementation,
  port = 0,
): Promise<Serving> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(service, implementation);
  return new Promise((resolve, reject) => {
    server.bindAsync(
      `127.0.0.1:${port}`,
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error) reject(error);
        else resolve({ port: bound, close: (graceSeconds) => close(server, graceSeconds) });
      },
    );
  });
}

function close(server: grpc.Server, graceSeconds = 1): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceSeconds * 1000);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * What a provider daemon's `main.ts` does: serves on the port in PORT (any free one by default), prints the
 * port as the first line of stdout, and ends cleanly on SIGTERM or SIGINT.
 */
export async function runDaemon(
  service: grpc.ServiceDefinition,
  implementation: grpc.UntypedServiceImplementation,
): Promise<void> {
  const wanted = process.env.PORT === undefined ? 0 : Number(process.env.PORT);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65535) {
    throw new Error(`PORT: not a port, got ${JSON.stringify(process.env.PORT)}`);
  }
  const serving = await serve(service, implementation, wanted);
  process.stdout.write(`${serving.port}\n`);
  const stop = () => {
    void serving.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
