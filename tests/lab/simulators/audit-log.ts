import * as fs from "node:fs";

/** One request as the API server's audit log tells of it. */
export interface AuditedRequest {
  user: string;
  verb: string;
  resource: string;
  subresource: string;
  name: string;
  uri: string;
  status: number;
  /** When it came, in RFC 3339 with microseconds. */
  at: string;
  /** What it asked for, where the policy keeps that. */
  body?: any;
  /** The node that the requester's token is bound to, through its pod. */
  tokenNode: string | undefined;
  /** That node's uid: of several that bore one name after the other, which. */
  tokenNodeUid: string | undefined;
}

const WRITES = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Reads the audit log from a byte position on, up to its last whole line. */
export function readAudit(file: string, from = 0): { requests: AuditedRequest[]; end: number } {
  const bytes = readFrom(file, from);
  const length = bytes.lastIndexOf("\n") + 1;
  const lines = bytes.subarray(0, length).toString("utf8").split("\n");
  const requests = lines.filter((line) => line !== "").map((line) => requestOf(JSON.parse(line)));
  return { requests, end: from + length };
}

function readFrom(file: string, from: number): Buffer {
  const descriptor = fs.openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fs.fstatSync(descriptor).size - from));
    return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, bytes.length, from));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Whether a request changes something. */
export function isWrite({ verb }: AuditedRequest): boolean {
  return WRITES.has(verb);
}

function requestOf(event: any): AuditedRequest {
  const claim = (name: string) => event.user.extra?.[`authentication.kubernetes.io/${name}`]?.[0];
  return {
    user: event.user.username,
    verb: event.verb,
    resource: event.objectRef?.resource ?? "",
    subresource: event.objectRef?.subresource ?? "",
    name: event.objectRef?.name ?? "",
    uri: event.requestURI,
    status: event.responseStatus?.code ?? 0,
    at: event.requestReceivedTimestamp,
    ...(event.requestObject !== undefined && { body: event.requestObject }),
    tokenNode: claim("node-name"),
    tokenNodeUid: claim("node-uid"),
  };
}
