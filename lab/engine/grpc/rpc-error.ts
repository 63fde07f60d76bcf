import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import * as statusProto from "@pulumi/pulumi/proto/status_pb";

/** A protobuf message that explains an error, with its full name (`pulumirpc.ErrorResourceInitFailed`). */
export interface ErrorDetail {
  typeName: string;
  message: { serializeBinary(): Uint8Array };
}

/**
 * An error that reaches the caller with a status of its own; any other error thrown by a handler arrives as
 * UNKNOWN with its message. Details travel the way the engine reads them: a google.rpc.Status in the
 * `grpc-status-details-bin` trailer.
 */
export class RpcError extends Error {
  readonly code: grpc.status;
  readonly metadata: grpc.Metadata;

  constructor(code: grpc.status, message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.metadata = new grpc.Metadata();
    if (details.length > 0) {
      const status = encodeStatus(code, message, details);
      this.metadata.add("grpc-status-details-bin", Buffer.from(status));
    }
  }
}

/** The error for a method or a feature this process does not have. */
export function unimplemented(message: string): RpcError {
  return new RpcError(grpc.status.UNIMPLEMENTED, message);
}

function encodeStatus(
  code: grpc.status,
  message: string,
  details: readonly ErrorDetail[],
): Uint8Array {
  const status = new statusProto.Status();
  status.setCode(code);
  status.setMessage(message);
  for (const detail of details) {
    const any = new Any();
    any.pack(detail.message.serializeBinary(), detail.typeName);
    status.addDetails(any);
  }
  return status.serializeBinary();
}
