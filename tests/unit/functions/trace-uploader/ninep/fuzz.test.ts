import {
  NinepError,
  openSession,
  type Transport,
} from "../../../../../functions/trace-uploader/ninep";
import { Fault } from "../../../../../functions/trace-uploader/ninep/fault";
import { Type, Version } from "../../../../../functions/trace-uploader/ninep/names";
import { Connection, directory, file } from "./memory-server";

/** Mutated messages to send; the whole million of the requirement takes about ten minutes. */
const MESSAGES = Number(process.env.KVM_FABRIC_FUZZ ?? 20_000);

const MSIZE = 8192;
const versions = Object.values(Version);

/** A generator of numbers that a seed repeats (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Changes a message: bits, bytes, whole fields, its length, or several of them. */
function mutate(message: Buffer, next: (below: number) => number): Buffer {
  let bytes = Buffer.from(message);
  for (let times = 1 + next(3); times > 0 && bytes.length > 0; times--) {
    const at = next(bytes.length);
    switch (next(7)) {
      case 0:
        bytes[at]! ^= 1 << next(8);
        break;
      case 1:
        bytes[at] = next(256);
        break;
      case 2:
        bytes.fill([0, 0xff, 0x7f, 0x80][next(4)]!, at, Math.min(bytes.length, at + 1 + next(8)));
        break;
      case 3:
        bytes = bytes.subarray(0, at);
        break;
      case 4:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.alloc(next(40), next(256)),
          bytes.subarray(at),
        ]);
        break;
      case 5:
        bytes = Buffer.concat([bytes, bytes]);
        break;
      default: // Its size is right again, so that what lies deeper is reached.
        if (bytes.length >= 4) bytes.writeUInt32LE(bytes.length, 0);
    }
  }
  return bytes;
}

const tree = () =>
  directory({
    a: file(Buffer.alloc(20_000, 7)),
    d: directory({ x: file("x"), y: file("yy") }),
    e: file(""),
  });

/** One session whose server's answers are changed now and then; answers with how many were. */
async function converse(seed: number): Promise<number> {
  const next = random(seed);
  const version = versions[next(3)]!;
  // From which answer on they are changed: what comes later is else never reached.
  const from = next(30);
  let [answers, mutated] = [0, 0];
  let deliver: (chunk: Buffer) => void = () => undefined;
  let closed: (fault: Fault) => void = () => undefined;
  const end = () => {
    setImmediate(() => {
      closed(new Fault("ECONNRESET", "the server closed the connection"));
    });
  };
  const send = (bytes: Buffer) => {
    queueMicrotask(() => {
      deliver(bytes);
    });
  };
  const server = new Connection(
    {
      root: tree(),
      versions: [version],
      fate: (request, connection) => {
        // A server gone silent is closed: time-outs have tests of their own.
        if (request.type === Type.Tflush) return "drop";
        const right = connection.answer(request);
        if (answers++ < from || next(4) === 0) return right;
        mutated += 1;
        const wrong = mutate(right, next);
        // What the client waits for and what it would not get ends the connection a little later.
        end();
        return wrong;
      },
    },
    send,
    end,
  );
  const transport: Transport = {
    write: (bytes) => {
      server.push(bytes);
    },
    listen: (data, done) => {
      deliver = data;
      closed = done;
    },
    destroy: () => {
      deliver = () => undefined;
    },
  };
  try {
    const session = await openSession(transport, { uname: "u", msize: MSIZE, versions: [version] });
    for await (const entry of session.list(next(2) === 0 ? "/" : "/d")) {
      if (entry.name.length > MSIZE) throw new Error("a name longer than a message");
    }
    for await (const piece of session.read("/a")) {
      if (piece.length > MSIZE) throw new Error("a piece longer than a message");
    }
    await session.stat("/d/x");
    await session.rename("/e", "/f");
    await session.remove("/f");
    session.close();
    if (session.held.tags !== 0) throw new Error("tags are left");
  } catch (error) {
    if (!(error instanceof NinepError)) throw error;
  }
  return mutated;
}

test(
  `${MESSAGES} changed or cut messages give an error or a valid reply: no hang, no crash, no growth`,
  async () => {
    let mutated = 0;
    let seed = Number(process.env.KVM_FABRIC_FUZZ_SEED ?? 1);
    const heaps: number[] = [];
    const started = Date.now();
    let report = MESSAGES / 10;
    while (mutated < MESSAGES) {
      mutated += await converse(seed++);
      if (mutated < report) continue;
      report += MESSAGES / 10;
      globalThis.gc?.();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      heaps.push((heapUsed + arrayBuffers) / 1024 / 1024);
    }
    const seconds = (Date.now() - started) / 1000;
    console.info(
      `${mutated} messages in ${seed - 1} sessions, ${Math.round(mutated / seconds)} a second; MiB in use: ${heaps.map(Math.round).join(" ")}`,
    );
    // Whatever garbage waits to be collected: growth would go on and on.
    expect(Math.min(...heaps.slice(5))).toBeLessThan(Math.max(...heaps.slice(0, 5)) + 64);
  },
  Math.max(120_000, MESSAGES * 3),
);
