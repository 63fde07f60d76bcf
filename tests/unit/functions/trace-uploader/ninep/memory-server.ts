import * as net from "node:net";
import * as tls from "node:tls";
import { Type } from "../../../../../functions/trace-uploader/ninep/names";
import { data, message, qid, Requests, statRecord, text, u16, u32, u64, u8 } from "./wire";
import type { Received } from "./wire";

/** A file or directory of the server; names are Latin-1 of their bytes. */
export interface Node {
  id: bigint;
  children?: Map<string, Node>;
  /** Contents, or a length: then all bytes are 0x2a. */
  contents: Buffer | number;
  mtime: number;
  exclusive?: boolean;
}

let ids = 0n;
export const file = (contents: Buffer | string | number): Node => ({
  id: ++ids,
  contents: typeof contents === "string" ? Buffer.from(contents) : contents,
  mtime: 1_700_000_000,
});
export const directory = (children: Record<string, Node> = {}): Node => ({
  ...file(0),
  children: new Map(Object.entries(children)),
});

/** What becomes of a request: the server's own answer, none for now, other bytes, or the end of the connection. */
export type Fate = "answer" | "hold" | "drop" | Buffer;

export interface MemoryServerOptions {
  root: Node;
  versions?: string[];
  msize?: number;
  /** The most that a read brings; without, all that fits. */
  mostData?: number;
  iounit?: number;
  /** Requests of these types it does not know. */
  unknown?: number[];
  /** Listens with TLS. */
  tls?: tls.TlsOptions;
  /** Ends the connection when so many bytes have been sent. */
  cutAfter?: number;
  onSent?: (bytes: number) => void;
  fate?: (request: Received, connection: Connection) => Fate;
}

const ERRORS: Record<string, [number, string]> = {
  ENOENT: [2, "file not found"],
  EBADF: [9, "unknown fid"],
  EOPNOTSUPP: [95, "operation not supported"],
  EEXIST: [17, "file already exists"],
};

class Refusal extends Error {}
const refuse = (code: string): never => {
  throw new Refusal(code);
};

/** One client's connection: its fids, and what it waits for. */
export class Connection {
  readonly fids = new Map<number, Node[]>();
  readonly held = new Map<number, Received>();
  readonly seen: Received[] = [];
  version = "";
  #msize = 0;
  readonly #requests = new Requests();

  readonly options: MemoryServerOptions;
  readonly send: (bytes: Buffer) => void;
  readonly end: () => void;

  constructor(options: MemoryServerOptions, send: (bytes: Buffer) => void, end: () => void) {
    this.options = options;
    this.send = send;
    this.end = end;
  }

  push(chunk: Buffer): void {
    for (const request of this.#requests.push(chunk)) {
      this.seen.push(request);
      const fate = this.options.fate?.(request, this) ?? "answer";
      if (fate === "drop") this.end();
      else if (fate === "hold") this.held.set(request.tag, request);
      else this.send(fate === "answer" ? this.answer(request) : fate);
    }
  }

  /** The right answer to a request. */
  answer(request: Received): Buffer {
    const { type, tag } = request;
    request.body.at = 7;
    try {
      if (this.options.unknown?.includes(type) === true) refuse("EOPNOTSUPP");
      return message(type + 1, tag, ...this.#reply(request));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const [number, words] = ERRORS[error.message]!;
      if (this.version === "9P2000.L") return message(Type.Rlerror, tag, u32(number));
      const unix = this.version === "9P2000.u" ? [u32(number)] : [];
      return message(Type.Rerror, tag, text(words), ...unix);
    }
  }

  /** Answers a request that was held. */
  release(tag: number): void {
    const request = this.held.get(tag);
    if (request !== undefined) this.send(this.answer(request));
    this.held.delete(tag);
  }

  get #unix(): boolean {
    return this.version === "9P2000.u";
  }

  #reply({ type, body }: Received): Buffer[] {
    switch (type) {
      case Type.Tversion:
        return this.#agree(body.number(4), body.text().toString());
      case Type.Tflush:
        this.held.delete(body.number(2));
        return [];
      case Type.Tattach:
        this.fids.set(body.number(4), [this.options.root]);
        return [this.#qid(this.options.root)];
      case Type.Twalk:
        return this.#walk(body.number(4), body.number(4), body.number(2), body);
      case Type.Tlopen:
      case Type.Topen:
        return [this.#qid(this.#node(body.number(4))), u32(this.options.iounit ?? 0)];
      case Type.Tread:
        return [this.#read(body.number(4), Number(body.u64()), body.number(4))];
      case Type.Treaddir:
        return [this.#readdir(body.number(4), Number(body.u64()), body.number(4))];
      case Type.Tgetattr:
        return this.#getattr(this.#node(body.number(4)));
      case Type.Tstat: {
        const path = this.#path(body.number(4));
        const record = this.#record("name", path.at(-1)!);
        return [u16(record.length), record];
      }
      case Type.Tclunk:
        this.#path(body.number(4), true);
        return [];
      case Type.Tremove: {
        const path = this.#path(body.number(4), true);
        remove(path.at(-2)!, path.at(-1)!);
        return [];
      }
      case Type.Tunlinkat: {
        const from = this.#node(body.number(4));
        remove(from, child(from, body.text()) ?? refuse("ENOENT"));
        return [];
      }
      case Type.Trenameat: {
        const from = this.#node(body.number(4));
        const moved = child(from, body.text()) ?? refuse("ENOENT");
        remove(from, moved);
        this.#node(body.number(4)).children!.set(body.text().toString("latin1"), moved);
        return [];
      }
      case Type.Trename: {
        const path = this.#path(body.number(4));
        remove(path.at(-2)!, path.at(-1)!);
        this.#node(body.number(4)).children!.set(body.text().toString("latin1"), path.at(-1)!);
        return [];
      }
      case Type.Twstat: {
        const path = this.#path(body.number(4));
        body.at += 2 + 41; // The frame, the size and the fields of fixed size.
        const name = body.text().toString("latin1");
        remove(path.at(-2)!, path.at(-1)!);
        path.at(-2)!.children!.set(name, path.at(-1)!);
        return [];
      }
      default:
        return refuse("EOPNOTSUPP");
    }
  }

  #agree(msize: number, version: string): Buffer[] {
    const known = this.options.versions ?? ["9P2000.L", "9P2000.u", "9P2000"];
    const plain = version.startsWith("9P2000") && known.includes("9P2000") ? "9P2000" : "unknown";
    this.version = known.includes(version) ? version : plain;
    this.#msize = Math.min(msize, this.options.msize ?? msize);
    this.fids.clear();
    return [u32(this.#msize), text(this.version)];
  }

  #walk(from: number, to: number, count: number, body: Received["body"]): Buffer[] {
    const path = [...this.#path(from)];
    if (to !== from && this.fids.has(to)) refuse("EEXIST");
    const qids: Buffer[] = [];
    for (let index = 0; index < count; index++) {
      const next = child(path.at(-1)!, body.text());
      if (next === undefined) break;
      path.push(next);
      qids.push(this.#qid(next));
    }
    if (count > 0 && qids.length === 0) refuse("ENOENT");
    if (qids.length === count) this.fids.set(to, path);
    return [u16(qids.length), ...qids];
  }

  #read(fid: number, offset: number, count: number): Buffer {
    const node = this.#node(fid);
    const most = Math.min(count, this.options.mostData ?? count);
    if (node.children === undefined) {
      const { contents } = node;
      if (typeof contents !== "number") return data(contents.subarray(offset, offset + most));
      return data(Buffer.alloc(Math.max(0, Math.min(most, contents - offset)), 0x2a));
    }
    const records = [...node.children].map(([name, inner]) => this.#record(name, inner));
    return data(whole(records, offset, most));
  }

  #readdir(fid: number, offset: number, count: number): Buffer {
    const most = Math.min(count, this.options.mostData ?? count);
    const children = [...(this.#node(fid).children ?? [])];
    const entries = [[".", this.#node(fid)] as const, ...children].map(([name, node], index) =>
      Buffer.concat([
        ...[this.#qid(node), u64(index + 1), u8(node.children === undefined ? 8 : 4)],
        text(Buffer.from(name, "latin1")),
      ]),
    );
    return data(whole(entries.slice(offset), 0, most));
  }

  #getattr(node: Node): Buffer[] {
    const mode = node.children === undefined ? 0o100644 : 0o040755;
    return [
      ...[u64(0x7ff), this.#qid(node), u32(mode), u32(0), u32(0), u64(1), u64(0)],
      ...[u64(length(node)), u64(4096), u64(1), u64(1), u64(2), u64(node.mtime), u64(5)],
      ...[u64(3), u64(4), u64(0), u64(0), u64(0), u64(0)],
    ];
  }

  #record(name: string, node: Node): Buffer {
    const special =
      (node.children === undefined ? 0 : 0x80000000) + (node.exclusive ? 0x20000000 : 0);
    return statRecord(
      {
        qid: { type: node.children === undefined ? 0 : 0x80, version: 0, path: node.id },
        mode: special + 0o644,
        mtime: node.mtime,
        length: BigInt(length(node)),
        name: Buffer.from(name, "latin1"),
      },
      this.#unix,
    );
  }

  #qid(node: Node): Buffer {
    return qid({ type: node.children === undefined ? 0 : 0x80, version: 1, path: node.id });
  }

  #path(fid: number, forget = false): Node[] {
    const path = this.fids.get(fid) ?? refuse("EBADF");
    if (forget) this.fids.delete(fid);
    return path;
  }

  #node(fid: number): Node {
    return this.#path(fid).at(-1)!;
  }
}

/** As many whole records from an offset on as fit. */
function whole(records: Buffer[], offset: number, most: number): Buffer {
  let at = 0;
  const fitting: Buffer[] = [];
  for (const record of records) {
    at += record.length;
    if (at <= offset) continue;
    if (at - offset > most) break;
    fitting.push(record);
  }
  return Buffer.concat(fitting);
}

function child(node: Node, name: Buffer): Node | undefined {
  return node.children?.get(name.toString("latin1"));
}

function length(node: Node): number {
  if (node.children !== undefined) return 0;
  return typeof node.contents === "number" ? node.contents : node.contents.length;
}

function remove(from: Node, node: Node): void {
  for (const [name, inner] of from.children!) if (inner === node) from.children!.delete(name);
}

/** The server at a port of the loopback. */
export interface Listening {
  port: number;
  connections: Connection[];
  close: () => Promise<void>;
}

export async function listen(options: MemoryServerOptions): Promise<Listening> {
  const connections: Connection[] = [];
  const sockets = new Set<net.Socket>();
  const serve = (socket: net.Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on("error", () => undefined);
    let left = options.cutAfter ?? Infinity;
    const send = (bytes: Buffer) => {
      if (left <= 0) return;
      options.onSent?.(bytes.length);
      const part = bytes.subarray(0, Math.min(left, bytes.length));
      left -= part.length;
      if (left > 0) socket.write(part);
      else socket.end(part);
    };
    if (left === 0) socket.end();
    const connection = new Connection(options, send, () => void socket.destroy());
    connections.push(connection);
    socket.on("data", (chunk) => {
      connection.push(chunk);
    });
  };
  const server =
    options.tls === undefined ? net.createServer(serve) : tls.createServer(options.tls, serve);
  server.on("connection", (socket: net.Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
