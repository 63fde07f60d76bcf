import { createServer, type Server, type Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { peerUser } from "./peer-user";

/** Messages may be large (a stack's whole state); the engine and the SDK use the same limit, in bytes. */
export const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** A running server on the loopback interface. */
export interface Serving {
  port: number;
  /** Lets calls in flight finish for up to `graceSeconds` (defaults to 1), then ends them. */
  close(graceSeconds?: number): Promise<void>;
}

/** How to serve. */
export interface ServeOptions {
  /** Defaults to 0, any free one. */
  port?: number;
  /** Told once if the system does not tell whose connections these are. Defaults to silence. */
  report?: (message: string) => void;
}

/**
 * Serves a gRPC service on 127.0.0.1, to processes of this process's own user only: whoever may call it can
 * make it run commands. Where the system does not tell whose a connection is, all are served.
 * Rejects with the system's error when the port is taken.
 */
export async function serve(
  service: grpc.ServiceDefinition,
  implementation: grpc.UntypedServiceImplementation,
  { port = 0, report = () => undefined }: ServeOptions = {},
): Promise<Serving> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(service, implementation);
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  const admit = admission(report);
  const open = new Set<Socket>();
  // Nothing is read of a connection before it is known whose it is.
  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    void admit(socket).then((isAdmitted) => {
      if (isAdmitted && listener.listening) injector.injectConnection(socket.resume());
      else socket.destroy();
    });
  });
  const bound = await listen(listener, port);
  return {
    port: bound,
    close: (graceSeconds) => {
      listener.close();
      return close(server, open, graceSeconds);
    },
  };
}

function listen(listener: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(port, "127.0.0.1", () => {
      const address = listener.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function admission(report: (message: string) => void): (socket: Socket) => Promise<boolean> {
  let isReported = false;
  return async (socket) => {
    const user = await peerUser(socket).catch(() => "other" as const);
    if (user === "unknown" && !isReported) {
      isReported = true;
      report("the system does not tell whose connections these are: every local user is served");
    }
    return user !== "other";
  };
}

/** Without a connection no call is in flight, even where the server still waits for the end of a session that had broken off. */
function close(server: grpc.Server, open: ReadonlySet<Socket>, graceSeconds = 1): Promise<void> {
  return new Promise((resolve) => {
    const ended = () => {
      clearTimeout(timer);
      server.forceShutdown();
      resolve();
    };
    const timer = setTimeout(ended, graceSeconds * 1000);
    server.tryShutdown(ended);
    const endedWithLast = () => {
      if (open.size === 0) ended();
    };
    for (const socket of open) socket.once("close", endedWithLast);
    endedWithLast();
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
  const report = (message: string) => void process.stderr.write(`${message}\n`);
  const serving = await serve(service, implementation, { port: wanted, report });
  process.stdout.write(`${serving.port}\n`);
  const stop = () => {
    void serving.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
