import * as grpc from "@grpc/grpc-js";
import { RpcError } from "./rpc-error";

/** What a handler may want to know about the call besides the request. */
export interface CallContext {
  /** The connection's far end (`127.0.0.1:41234`): one engine's use of one provider instance. */
  peer: string;
  /** Aborts when the caller gives the call up or goes away. */
  signal: AbortSignal;
}

/** Makes a gRPC method of a function: its result is the answer, its exception the status. */
export function unary<Request, Response>(
  handler: (request: Request, context: CallContext) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    void answer(() => handler(call.request, contextOf(call))).then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        callback(statusOf(error));
      },
    );
  };
}

/**
 * Makes a server-streaming gRPC method of a function that writes messages as it goes. The stream ends when
 * the function is done; its exception becomes the status. Writes after a cancellation are dropped.
 */
export function serverStream<Request, Response>(
  handler: (
    request: Request,
    write: (message: Response) => void,
    context: CallContext,
  ) => void | Promise<void>,
): grpc.handleServerStreamingCall<Request, Response> {
  return (call) => {
    const context = contextOf(call);
    const write = (message: Response) => {
      if (!context.signal.aborted) call.write(message);
    };
    void answer(() => handler(call.request, write, context)).then(
      () => {
        call.end();
      },
      (error: unknown) => {
        call.emit("error", statusOf(error));
      },
    );
  };
}

/** The status an exception becomes: that of an `RpcError`, else UNKNOWN with the error's message. */
export function statusOf(error: unknown): Partial<grpc.StatusObject> {
  if (error instanceof RpcError) {
    return { code: error.code, details: error.message, metadata: error.metadata };
  }
  const details = error instanceof Error ? error.message : String(error);
  return { code: grpc.status.UNKNOWN, details };
}

// Turns a synchronous exception into a rejection.
async function answer<T>(run: () => T | Promise<T>): Promise<T> {
  return await run();
}

function contextOf(call: {
  cancelled: boolean;
  getPeer(): string;
  on(event: "cancelled", listener: () => void): unknown;
}): CallContext {
  const controller = new AbortController();
  if (call.cancelled) controller.abort();
  call.on("cancelled", () => {
    controller.abort();
  });
  return { peer: call.getPeer(), signal: controller.signal };
}
