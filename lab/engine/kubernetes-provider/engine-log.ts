import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Messages for the user, shown by the engine beside the resource they concern. */
export interface EngineLog {
  /** A line that the next one replaces, such as what an operation is waiting for. */
  status(urn: string, message: string): void;
  warn(urn: string, message: string): void;
  close(): void;
}

/** The log of an instance that no engine has attached to: its messages go nowhere. */
export const silentLog: EngineLog = {
  status: () => undefined,
  warn: () => undefined,
  close: () => undefined,
};

/**
 * Connects to the engine's log. `onGone` is called once when the engine's end of the connection closes: the
 * only sign by which a provider that outlives engines learns that one of them has died.
 */
export function connectEngineLog(address: string, onGone: () => void): EngineLog {
  const client = new EngineClient(address, grpc.credentials.createInsecure(), {
    "grpc.client_idle_timeout_ms": 2 ** 31 - 1,
  });
  watchForEnd(client.getChannel(), onGone);
  const send = (severity: LogSeverity, urn: string, message: string, ephemeral: boolean) => {
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    // A message that cannot be delivered is not a reason to fail the operation.
    client.log(request, () => undefined);
  };
  return {
    status: (urn, message) => {
      send(LogSeverity.INFO, urn, message, true);
    },
    warn: (urn, message) => {
      send(LogSeverity.WARNING, urn, message, false);
    },
    close: () => {
      client.close();
    },
  };
}

function watchForEnd(channel: ReturnType<EngineClient["getChannel"]>, onGone: () => void): void {
  let wasReady = false;
  const look = () => {
    const state = channel.getConnectivityState(true);
    if (state === grpc.connectivityState.SHUTDOWN) return;
    if (wasReady && state !== grpc.connectivityState.READY) {
      onGone();
      return;
    }
    wasReady = state === grpc.connectivityState.READY;
    channel.watchConnectivityState(state, Infinity, (error?: Error) => {
      if (!error) look();
    });
  };
  look();
}
