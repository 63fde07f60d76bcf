import * as grpc from "@grpc/grpc-js";
import { BinaryReader, BinaryWriter } from "google-protobuf";
import { eventually } from "../../support/wait";

/** A label of one node as the database had it, version by version, whoever wrote it. */
export interface LabelHistory {
  /** Its values from the first version of the node on, each once in a row; undefined where it was not there. */
  upToNow: () => Promise<(string | undefined)[]>;
  close: () => void;
}

const identity = (bytes: Buffer): Buffer => bytes;
const WATCH = "/etcdserverpb.Watch/Watch";
const RANGE = "/etcdserverpb.KV/Range";

/**
 * Follows a node in etcd itself: what the API server was killed over is there as well, and no version is left out, as it
 * is by a watch that begins anew.
 * Sources: etcd's api/etcdserverpb/rpc.proto and api/mvccpb/kv.proto; k8s.io/api/core/v1/generated.proto.
 */
export function followLabel(etcdPort: number, node: string, label: string): LabelHistory {
  const client = new grpc.Client(`127.0.0.1:${etcdPort}`, grpc.credentials.createInsecure());
  const key = Buffer.from(`/registry/minions/${node}`);
  const stream = client.makeBidiStreamRequest<Buffer, Buffer>(WATCH, identity, identity);
  const values: (string | undefined)[] = [];
  let seen = 0;
  let trouble: Error | undefined;
  stream.on("error", (error: Error) => (trouble = error));
  stream.on("data", (answer: Buffer) => {
    // WatchResponse: 4 is "canceled", 11 the events. Event: 2 is the key with its value.
    if (numberIn(answer, 4) === 1) trouble = new Error("etcd ended the watch");
    for (const event of parts(answer, 11)) {
      const [pair] = parts(event, 2);
      if (!pair) continue;
      const value = labelOf(pair, label);
      if (values.length === 0 || values.at(-1) !== value) values.push(value);
      seen = numberIn(pair, 3) ?? seen;
    }
  });
  // WatchRequest: 1 is "create", with 1 the key and 3 the first revision.
  stream.write(message(1, Buffer.concat([message(1, key), Buffer.from([0x18, 0x01])])));
  const latest = () =>
    new Promise<number>((resolve, reject) => {
      const request = message(1, key);
      client.makeUnaryRequest(RANGE, identity, identity, request, (error, answer?: Buffer) => {
        // RangeResponse: 2 is the pairs.
        const [pair] = answer ? parts(answer, 2) : [];
        if (error) reject(error);
        else resolve(pair ? (numberIn(pair, 3) ?? 0) : 0);
      });
    });
  return {
    async upToNow() {
      const wanted = await latest();
      await eventually("the history is read", () => {
        if (trouble) throw trouble;
        return Promise.resolve(seen >= wanted);
      });
      return [...values];
    },
    close() {
      stream.on("error", () => undefined);
      stream.cancel();
      client.close();
    },
  };
}

/** KeyValue: 5 is the value, `k8s\0` and an Unknown; that: 2 is the node; 1 its metadata; 11 the labels. */
function labelOf(pair: Buffer, label: string): string | undefined {
  const [stored] = parts(pair, 5);
  const [node] = stored ? parts(stored.subarray(4), 2) : [];
  const [metadata] = node ? parts(node, 1) : [];
  for (const entry of metadata ? parts(metadata, 11) : []) {
    const [name] = parts(entry, 1);
    if (name?.toString() === label) return parts(entry, 2)[0]?.toString() ?? "";
  }
  return undefined;
}

function message(field: number, content: Buffer): Buffer {
  const writer = new BinaryWriter();
  writer.writeBytes(field, content);
  return Buffer.from(writer.getResultBuffer());
}

/** The contents of a field that has a length, as often as it comes. */
function parts(bytes: Buffer, field: number): Buffer[] {
  const reader = new BinaryReader(bytes);
  const found: Buffer[] = [];
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === field) found.push(Buffer.from(reader.readBytes()));
    else reader.skipField();
  }
  return found;
}

/** The number in a field; undefined where it is not there. */
function numberIn(bytes: Buffer, field: number): number | undefined {
  const reader = new BinaryReader(bytes);
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === field) return reader.readInt64();
    reader.skipField();
  }
  return undefined;
}
