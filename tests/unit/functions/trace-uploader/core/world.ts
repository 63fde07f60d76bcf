import { uploadOnce } from "../../../../../functions/trace-uploader/core";
import type {
  Clock,
  Report,
  RunSettings,
  UploadOptions,
} from "../../../../../functions/trace-uploader/core";
import { systemClock } from "../../../../../functions/trace-uploader/core/system-clock";
import { openSession, type Session } from "../../../../../functions/trace-uploader/ninep";
import { Fault } from "../../../../../functions/trace-uploader/ninep/fault";
import { Type } from "../../../../../functions/trace-uploader/ninep/names";
import type { Transport } from "../../../../../functions/trace-uploader/ninep/transport";
import { Connection, directory, file } from "../ninep/memory-server";
import type { Fate, Node } from "../ninep/memory-server";
import { message, u32, type Received } from "../ninep/wire";
import { MemoryStore, sha256 } from "./memory-store";

export const settings: RunSettings = {
  root: "/srv",
  folders: ["/srv/alerts", "/srv/trace"],
  partialSuffixes: [".partial", ".part", ".tmp"],
  settleSeconds: 0,
  setAsideHours: 24,
  filesAtOnce: 2,
  partsAtOnce: 2,
  prefix: "",
  runSeconds: Infinity,
};

/** The tree that is served: alerts and trace. */
export function served(alerts: Record<string, Node>, trace: Record<string, Node> = {}): Node {
  return directory({
    srv: directory({ alerts: directory(alerts), trace: directory(trace) }),
  });
}

/** Folders in folders, hostile names, an empty file, several parts, the same content twice. */
export function sampleTree(): Node {
  return served(
    { alert: file("alert"), empty: file(""), "bad\xff\n": file("hostile"), same: file("alert") },
    {
      run: directory({ long: file("0123456789abcdef-xyz"), exact: file("0123456789abcdef") }),
      deep: directory({ er: directory({ leaf: file("leaf") }) }),
    },
  );
}

/** All files below, by path. */
export function filesOf(node: Node, path = ""): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const [name, child] of node.children ?? []) {
    const place = `${path}/${name}`;
    if (child.children === undefined) found.set(place, bytesOf(child));
    else for (const [inner, bytes] of filesOf(child, place)) found.set(inner, bytes);
  }
  return found;
}

/** A place in the tree. */
export function nodeAt(root: Node, path: string): Node {
  return path
    .split("/")
    .filter((name) => name !== "")
    .reduce((node, name) => node.children!.get(name)!, root);
}

function bytesOf({ contents }: Node): Buffer {
  // A file so long is never looked into.
  return typeof contents === "number" ? Buffer.alloc(Math.min(contents, 1e6), 0x2a) : contents;
}

/** An answer of 9P2000.L that says no. */
export function refusal(request: Received, errno: number): Buffer {
  return message(Type.Rlerror, request.tag, u32(errno));
}

/** Decides about a request; `execute` does what is asked and ends the connection before the answer. */
export type Decide = (request: Received, connection: Connection) => Fate | "execute";

const REMOVES = new Set<number>([Type.Tunlinkat, Type.Tremove]);

/** A server of 9P and a store, and what must hold for both at any moment. */
export class World {
  readonly store = new MemoryStore();
  readonly root: Node;
  /** Files that were removed while the store had no object of their content. */
  readonly lost: string[] = [];
  decide: Decide = () => "answer";

  constructor(root: Node) {
    this.root = root;
  }

  /** A session in this process, without sockets. */
  async connect(decide: Decide = (request, connection) => this.decide(request, connection)) {
    const fate = (request: Received, connection: Connection): Fate => {
      const decided = decide(request, connection);
      if (decided !== "answer" && decided !== "execute") return decided;
      const answer = REMOVES.has(request.type)
        ? this.#watched(request, connection)
        : connection.answer(request);
      return decided === "execute" ? "drop" : answer;
    };
    return openSession(transport(this.root, fate), { uname: "u", requestTimeoutSeconds: 5 });
  }

  /** One run of the uploader with a session of its own. */
  async run(
    options: Partial<UploadOptions> & { set?: Partial<RunSettings> } = {},
  ): Promise<Report> {
    const { set, ...given } = options;
    const session: Session = await this.connect();
    try {
      return await uploadOnce({
        ...{ server: session, store: this.store, settings: { ...settings, ...set } },
        ...given,
      });
    } finally {
      session.close();
    }
  }

  /** The content of all that is removed must be in the store. */
  #watched(request: Received, connection: Connection): Buffer {
    const before = filesOf(this.root);
    const answer = connection.answer(request);
    const after = filesOf(this.root);
    const stored = new Set([...this.store.objects.values()].map(sha256));
    for (const [path, bytes] of before) {
      if (!after.has(path) && !stored.has(sha256(bytes))) this.lost.push(path);
    }
    return answer;
  }
}

function transport(
  root: Node,
  fate: (request: Received, connection: Connection) => Fate,
): Transport {
  let toClient: (bytes: Buffer) => void = () => undefined;
  let closed: (fault: Fault) => void = () => undefined;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    closed(new Fault("ECONNRESET", "the server closed the connection"));
  };
  const send = (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    queueMicrotask(() => {
      if (!ended) toClient(copy);
    });
  };
  const connection = new Connection({ root, fate }, send, () => {
    queueMicrotask(end);
  });
  return {
    write: (bytes) => {
      if (!ended) connection.push(bytes);
    },
    listen: (data, whenClosed) => {
      toClient = data;
      closed = whenClosed;
    },
    destroy: end,
  };
}

/** A clock that stands still until it is told; what waits for a time wakes when it has come. */
export class HandClock implements Clock {
  at = 1000;
  wall = 1_700_000_000;
  readonly #sleepers = new Set<{ until: number; wake: () => void }>();

  seconds(): number {
    return this.at;
  }

  wallSeconds(): number {
    return this.wall + this.at;
  }

  token(): string {
    return systemClock.token();
  }

  sleep(seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { until: this.at + seconds, wake: resolve };
      const done = () => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      sleeper.wake = done;
      this.#sleepers.add(sleeper);
      if (signal.aborted || seconds <= 0) done();
      else signal.addEventListener("abort", done, { once: true });
    });
  }

  advance(seconds: number): void {
    this.at += seconds;
    for (const { until, wake } of [...this.#sleepers]) if (until <= this.at) wake();
  }
}
