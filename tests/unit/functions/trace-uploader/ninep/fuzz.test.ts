import * as fc from "fast-check";
import {
  NinepError,
  openSession,
  type Transport,
} from "../../../../../functions/trace-uploader/ninep";
import { Fault } from "../../../../../functions/trace-uploader/ninep/fault";
import { Exchange } from "../../../../../functions/trace-uploader/ninep/exchange";
import { dialectOf } from "../../../../../functions/trace-uploader/ninep/dialect";
import { Type, Version } from "../../../../../functions/trace-uploader/ninep/names";
import { Connection, directory, file } from "./memory-server";
import { replies } from "./replies";
import { message, text, u32 } from "./wire";

/** Changed messages to send; the requirement's million takes some minutes. */
const MESSAGES = Number(process.env.KVM_FABRIC_FUZZ ?? 20_000);
/** Of whole conversations, which cost much more, there are fewer. */
const CONVERSED = MESSAGES / 10;
const SEED = Number(process.env.KVM_FABRIC_FUZZ_SEED ?? 1);

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

/** What requests the replies are to, and in which dialect. */
const kinds: [string, number, Version | undefined][] = [
  ["Rversion", Type.Tversion, undefined],
  ["Rattach", Type.Tattach, Version.Unix],
  ["Rwalk", Type.Twalk, Version.Linux],
  ["Ropen and Rlopen", Type.Tlopen, Version.Linux],
  ["Rread", Type.Tread, Version.Plan9],
  ["Rgetattr", Type.Tgetattr, Version.Linux],
  ["Rreaddir", Type.Treaddir, Version.Linux],
  ["Rstat (9P2000)", Type.Tstat, Version.Plan9],
  ["Rstat (9P2000.u)", Type.Tstat, Version.Unix],
  ["Rread of a directory (9P2000)", Type.Tread, Version.Plan9],
  ["Rread of a directory (9P2000.u)", Type.Tread, Version.Unix],
];

/** Replies of every kind, 50 each. */
const samples = kinds.flatMap(([name, type, version]) => {
  const arbitrary = replies.find(([other]) => other === name)![1];
  const dialect = version === undefined ? undefined : dialectOf(version);
  return fc.sample(arbitrary, { numRuns: 50, seed: SEED }).map(({ read, body }) => ({
    request: { type, write: () => undefined, read },
    ...{ body, dialect },
  }));
});
type Sample = (typeof samples)[number];

/** What a server that refuses writes. */
function refusal({ dialect }: Sample): [number, Buffer] {
  if (dialect?.errorType === Type.Rlerror) return [Type.Rlerror, u32(2)];
  const words = text("file not found");
  return [Type.Rerror, dialect?.version === Version.Unix ? Buffer.concat([words, u32(2)]) : words];
}

/** One request whose reply is changed, cut into chunks; answers with its end. */
async function answerWrongly(next: (below: number) => number): Promise<string> {
  const sample = samples[next(samples.length)]!;
  const { request, body, dialect } = sample;
  let sent: Buffer = Buffer.alloc(0);
  let deliver: (chunk: Buffer) => void = () => undefined;
  const transport: Transport = {
    write: (bytes) => {
      sent = bytes;
    },
    listen: (data) => {
      deliver = data;
    },
    destroy: () => undefined,
  };
  const exchange = new Exchange(transport, 65_536);
  exchange.dialect = dialect;
  const end = exchange.send(request, { timeoutSeconds: 60 }).then(
    () => "a reply",
    (fault: unknown) => (fault as Fault).code,
  );
  const [type, fields] = next(10) === 0 ? refusal(sample) : [request.type + 1, body];
  const wrong = mutate(message(type, sent.readUInt16LE(5), fields), next);
  for (let at = 0; at < wrong.length;) {
    const size = 1 + next(next(4) === 0 ? 9 : wrong.length);
    deliver(wrong.subarray(at, at + size));
    at += size;
  }
  exchange.close(new Fault("ECONNRESET", "the server closed the connection"));
  const result = await end;
  if (exchange.tags.taken !== 0) throw new Error("tags are left");
  return result;
}

/** Does something until so many messages were changed, and sees to it that memory does not grow. */
async function fuzz(messages: number, step: (seed: number) => Promise<number>): Promise<string> {
  const mebibytes: number[] = [];
  const started = Date.now();
  let [changed, steps] = [0, 0];
  while (changed < messages) {
    changed += await step(SEED + steps++);
    if (changed < (messages / 10) * (mebibytes.length + 1)) continue;
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    mebibytes.push(Math.round((heapUsed + arrayBuffers) / 1024 / 1024));
  }
  // Garbage waits to be collected, more or less of it; growth would go on and on.
  expect(Math.min(...mebibytes.slice(5))).toBeLessThan(Math.max(...mebibytes.slice(0, 5)) + 32);
  const rate = Math.round((changed * 1000) / (Date.now() - started));
  return `${changed} messages, ${rate} a second; MiB in use: ${mebibytes.join(" ")}`;
}

test(
  `${MESSAGES} changed or cut replies give an error or a valid reply: no hang, no crash, no growth`,
  async () => {
    const ends = new Map<string, number>();
    const next = random(SEED);
    const figures = await fuzz(MESSAGES, async () => {
      const end = await answerWrongly(next);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      return 1;
    });
    console.info(figures, Object.fromEntries(ends));
    for (const end of ["a reply", "EPROTO", "ECONNRESET", "ENOENT"])
      expect(ends.has(end)).toBe(true);
  },
  Math.max(120_000, MESSAGES),
);

test(
  `${CONVERSED} changed or cut replies within conversations end in a NinepError or in nothing worse`,
  async () => {
    console.info(await fuzz(CONVERSED, converse));
  },
  Math.max(120_000, MESSAGES),
);
