import { connect } from "../../../../../functions/trace-uploader/ninep";
import type { ConnectOptions, Session } from "../../../../../functions/trace-uploader/ninep";
import { Type } from "../../../../../functions/trace-uploader/ninep/names";
import { eventually } from "../../../../support/wait";
import { directory, file, listen } from "./memory-server";
import type { Connection, Fate, Listening, MemoryServerOptions } from "./memory-server";
import { fails } from "./waits";
import { data, message, qid, statRecord, text, u16, u32, u64, u8 } from "./wire";
import type { Received } from "./wire";

const servers: Listening[] = [];
const sessions: Session[] = [];

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close();
  for (const server of servers.splice(0)) await server.close();
});

async function start(
  fate: (request: Received, connection: Connection) => Fate,
  asked: Partial<ConnectOptions> = {},
  options: Partial<MemoryServerOptions> = {},
): Promise<{ session: Session; server: Listening }> {
  const root = directory({
    a: file("hello"),
    big: file(50_000_000),
    d: directory({ x: file("x") }),
  });
  const server = await listen({ root, ...options, fate });
  servers.push(server);
  const session = await connect({ host: "127.0.0.1", port: server.port, uname: "u", ...asked });
  sessions.push(session);
  return { session, server };
}

async function drain(values: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const value of values) count += value === undefined ? 0 : 1;
  return count;
}

/** Answers requests of one type with other bytes, all others rightly. */
const lie =
  (type: number, reply: (request: Received, right: Buffer) => Buffer) =>
  (request: Received, connection: Connection): Fate =>
    request.type === type ? reply(request, connection.answer(request)) : "answer";

const id = { type: 0, version: 0, path: 1n };
const stat = { qid: id, mode: 0, mtime: 0, length: 1n, name: Buffer.from("x") };
const corrupt = (bytes: Buffer, at: number, value: number) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(value, at);
  return copy;
};

const read = (session: Session) => drain(session.read("/a"));
const list = (session: Session) => drain(session.list("/d"));
const describeFile = (session: Session) => session.stat("/a");

describe("a server that breaks the protocol ends the session, and the error says so", () => {
  const cases: [string, (session: Session) => Promise<unknown>, ReturnType<typeof lie>, string?][] =
    [
      [
        "a reply with a tag that nobody has",
        describeFile,
        lie(Type.Tgetattr, ({ tag }, right) => corrupt(right, 5, tag + 1)),
      ],
      [
        "a reply with no tag",
        describeFile,
        lie(Type.Tgetattr, (_, right) => corrupt(right, 5, 0xffff)),
      ],
      [
        "a reply of an unknown type",
        describeFile,
        lie(Type.Tgetattr, ({ tag }) => message(200, tag)),
      ],
      [
        "a reply of another request's type",
        describeFile,
        lie(Type.Tgetattr, ({ tag }) => message(Type.Rclunk, tag)),
      ],
      ["a request in place of a reply", describeFile, lie(Type.Tgetattr, ({ whole }) => whole)],
      [
        "the other dialect's error",
        describeFile,
        lie(Type.Tgetattr, ({ tag }) => message(Type.Rerror, tag, text("no"))),
      ],
      [
        "two replies to one request",
        (session) => describeFile(session).then(() => describeFile(session)),
        lie(Type.Tgetattr, (_, right) => Buffer.concat([right, right])),
      ],
      [
        "a message longer than agreed",
        describeFile,
        lie(Type.Tgetattr, () => Buffer.concat([u32(1024 * 1024 + 1), u8(25)])),
      ],
      [
        "a message of 4 GiB",
        describeFile,
        lie(Type.Tgetattr, () => Buffer.from("ffffffff19", "hex")),
      ],
      [
        "a message shorter than its header",
        describeFile,
        lie(Type.Tgetattr, () => Buffer.concat([u32(6), u16(0)])),
      ],
      ["a message of no length", describeFile, lie(Type.Tgetattr, () => u32(0))],
      [
        "a reply that is cut",
        describeFile,
        lie(Type.Tgetattr, ({ tag }) => message(Type.Rgetattr, tag, u64(0x7ff))),
      ],
      [
        "a reply with more behind it",
        describeFile,
        lie(Type.Tgetattr, ({ tag }, right) =>
          message(Type.Rgetattr, tag, right.subarray(7), u8(0)),
        ),
      ],
      [
        "attributes without what was asked for",
        describeFile,
        lie(Type.Tgetattr, ({ tag }, right) =>
          message(Type.Rgetattr, tag, u64(0), right.subarray(15)),
        ),
      ],
      [
        "more bytes than asked for",
        read,
        lie(Type.Tread, ({ tag }) =>
          message(Type.Rread, tag, data(Buffer.alloc(1024 * 1024 - 23))),
        ),
      ],
      [
        "a count beyond the message",
        read,
        lie(Type.Tread, ({ tag }) => message(Type.Rread, tag, u32(1000), Buffer.alloc(10))),
      ],
      [
        "a count of 4 GiB",
        read,
        lie(Type.Tread, ({ tag }) => message(Type.Rread, tag, u32(0xffffffff))),
      ],
      [
        "more qids than names",
        describeFile,
        lie(Type.Twalk, ({ tag }) => message(Type.Rwalk, tag, u16(2), qid(id), qid(id))),
      ],
      [
        "65535 qids",
        describeFile,
        lie(Type.Twalk, ({ tag }) => message(Type.Rwalk, tag, u16(0xffff))),
      ],
      [
        "a name beyond the listing",
        list,
        lie(Type.Treaddir, ({ tag }) =>
          message(Type.Rreaddir, tag, data(Buffer.concat([qid(id), u64(1), u8(8), u16(0xffff)]))),
        ),
      ],
      [
        "half an entry",
        list,
        lie(Type.Treaddir, ({ tag }) => message(Type.Rreaddir, tag, data(qid(id)))),
      ],
      [
        "a listing that stands still",
        list,
        lie(Type.Treaddir, ({ tag }) =>
          message(Type.Rreaddir, tag, data(Buffer.concat([qid(id), u64(5), u8(8), text("x")]))),
        ),
      ],
      [
        "an unasked message",
        describeFile,
        (request, { send }) => {
          if (request.type === Type.Tgetattr) send(message(Type.Rclunk, 77));
          return "answer";
        },
      ],
    ];
  test.each(cases)("%s", async (_, operate, fate) => {
    const { session } = await start(fate);
    const error = await fails(operate(session));
    expect(error.code).toMatch(/^EPROTO$|^ENOTCONN$/);
    expect(session.closed).toMatchObject({ code: "EPROTO" });
    expect(session.held).toEqual({ tags: 0, fids: 1 });
    expect((await fails(session.stat("/a"))).code).toBe("ENOTCONN");
  });

  const records: [string, Buffer][] = [
    ["a record longer than the listing", u16(0xffff)],
    ["a record shorter than its fields", u16(3)],
    ["half a record", statRecord(stat, false).subarray(0, 30)],
    ["a record with more behind its fields", Buffer.concat([u16(70), Buffer.alloc(70)])],
  ];
  test.each(records)("%s (9P2000)", async (_, record) => {
    const fate = lie(Type.Tread, ({ tag }) => message(Type.Rread, tag, data(record)));
    const { session } = await start(fate, { versions: ["9P2000"] });
    expect((await fails(list(session))).code).toBe("EPROTO");
  });

  test("a stat whose frames disagree (9P2000)", async () => {
    const record = statRecord(stat, false);
    const fate = lie(Type.Tstat, ({ tag }) =>
      message(Type.Rstat, tag, u16(record.length + 1), record),
    );
    const { session } = await start(fate, { versions: ["9P2000"] });
    expect((await fails(describeFile(session))).code).toBe("EPROTO");
  });

  test("a server that grants more than was asked for, or refuses to attach", async () => {
    const greedy = lie(Type.Tversion, ({ tag }) =>
      message(Type.Rversion, tag, u32(2 ** 24), text("9P2000.L")),
    );
    expect((await fails(start(greedy))).code).toBe("EPROTO");
    const closed = lie(Type.Tattach, ({ tag }) => message(Type.Rlerror, tag, u32(13)));
    const error = await fails(start(closed));
    expect(error).toMatchObject({ code: "EACCES", operation: "connect", serverText: "errno 13" });
  });

  test("errors in words and numbers become names", async () => {
    const answers: [string, number | undefined, string][] = [
      ["No such file or directory", undefined, "ENOENT"],
      ["permission denied", 5, "EACCES"],
      ["something else", 28, "ENOSPC"],
      ["something else", 65_535, "EREMOTEIO"],
      ["\x1b[31mred\n", undefined, "EREMOTEIO"],
    ];
    for (const [words, number, code] of answers) {
      const fields = number === undefined ? [] : [u32(number)];
      const fate = lie(Type.Tstat, ({ tag }) => message(Type.Rerror, tag, text(words), ...fields));
      const versions = [number === undefined ? "9P2000" : "9P2000.u"] as const;
      const { session } = await start(fate, { versions });
      const error = await fails(describeFile(session));
      expect(error.code).toBe(code);
      expect(error.message).not.toMatch(/[\x00-\x1f]/);
      expect(session.closed).toBeUndefined();
    }
  });
});

test("a connection that ends after any byte of a conversation fails what is under way, at once", async () => {
  const whole: number[] = [];
  const converse = async (cut: number) => {
    let sent = 0;
    const { port, close } = await listen({
      root: directory({ a: file("hello") }),
      cutAfter: cut,
      onSent: (bytes) => (sent += bytes),
    });
    const result = await connect({ host: "127.0.0.1", port, uname: "u" }).then(async (session) => {
      const fates = [await drain(session.list("/")).catch(code), await read(session).catch(code)];
      await eventually("nothing is held", () => session.held.tags === 0);
      session.close();
      return fates;
    }, code);
    await close();
    whole.push(sent);
    return result;
  };
  const code = (error: { code: string }) => error.code;
  expect(await converse(Infinity)).toEqual([1, 1]);
  const total = whole[0]!;
  expect(total).toBeGreaterThan(300);
  for (let cut = 0; cut < total - 40; cut++) {
    const result = await converse(cut);
    const codes = [result].flat().filter((fate) => typeof fate === "string");
    expect(codes.length).toBeGreaterThan(0);
    for (const name of codes) expect(name).toMatch(/^(ECONNRESET|EPIPE|ENOTCONN)$/);
  }
});

test("a request that is never answered is given up in time, flushed, and its tag used again only after that", async () => {
  const { session, server } = await start(
    ({ type }) => (type === Type.Tgetattr || type === Type.Tflush ? "hold" : "answer"),
    { requestTimeoutSeconds: 5 },
  );
  const [connection] = server.connections as [Connection];
  expect((await fails(session.stat("/a"))).code).toBe("ETIMEDOUT");
  await eventually("it is flushed", () => connection.seen.some(({ type }) => type === Type.Tflush));
  expect(session.held.tags).toBe(2); // The request's and the flush's.
  const flush = connection.seen.find(({ type }) => type === Type.Tflush)!;
  expect(await read(session)).toBe(1); // Others go on meanwhile, with other tags.
  connection.release(flush.tag);
  await eventually("nothing is held", () => session.held.tags === 0 && session.held.fids === 1);
  expect(session.closed).toBeUndefined();
});

test("a server that answers not even a flush ends the session", async () => {
  const { session } = await start(
    ({ type }) => (type === Type.Tgetattr || type === Type.Tflush ? "hold" : "answer"),
    { requestTimeoutSeconds: 2 },
  );
  expect((await fails(session.stat("/a"))).code).toBe("ETIMEDOUT");
  await eventually("the session is closed", () => session.closed !== undefined);
  expect(session.closed).toMatchObject({ code: "ETIMEDOUT" });
  expect(session.held).toEqual({ tags: 0, fids: 1 });
});

test.each([
  ["with more behind it", (tag: number) => message(Type.Rflush, tag, u8(0))],
  ["with an error", (tag: number) => message(Type.Rlerror, tag, u32(5))],
  ["of another type", (tag: number) => message(Type.Rclunk, tag)],
])("a flush that is answered %s ends the session, and all tags are free", async (_, reply) => {
  const { session, server } = await start(({ type, tag }) => {
    if (type === Type.Tgetattr) return "hold";
    return type === Type.Tflush ? reply(tag) : "answer";
  });
  const ending = new AbortController();
  const result = fails(session.stat("/a", { signal: ending.signal }));
  await eventually("it is under way", () => server.connections[0]!.held.size > 0);
  ending.abort();
  expect((await result).code).toBe("ECANCELED");
  await eventually("the session is closed", () => session.closed !== undefined);
  expect(session.closed).toMatchObject({ code: "EPROTO" });
  expect(session.held).toEqual({ tags: 0, fids: 1 });
});

test("a server that says nothing at all to a version is given up in time", async () => {
  const silent = start(() => "hold", { requestTimeoutSeconds: 0.1 });
  expect(await fails(silent)).toMatchObject({ code: "ETIMEDOUT", operation: "connect" });
});

describe("an abort", () => {
  const held =
    (type: number) =>
    (request: Received): Fate =>
      request.type === type ? "hold" : "answer";

  test.each([
    [
      "stat",
      Type.Tgetattr,
      (session: Session, signal: AbortSignal) => session.stat("/a", { signal }),
    ],
    [
      "stat while it walks",
      Type.Twalk,
      (session: Session, signal: AbortSignal) => session.stat("/a", { signal }),
    ],
    [
      "remove",
      Type.Tunlinkat,
      (session: Session, signal: AbortSignal) => session.remove("/a", { signal }),
    ],
    [
      "rename",
      Type.Trenameat,
      (session: Session, signal: AbortSignal) => session.rename("/a", "/b", { signal }),
    ],
    [
      "read while it opens",
      Type.Tlopen,
      (session: Session, signal: AbortSignal) => drain(session.read("/a", { signal })),
    ],
    [
      "read",
      Type.Tread,
      (session: Session, signal: AbortSignal) => drain(session.read("/big", { signal })),
    ],
    [
      "list",
      Type.Treaddir,
      (session: Session, signal: AbortSignal) => drain(session.list("/d", { signal })),
    ],
    [
      "list while it asks about names",
      Type.Tgetattr,
      (session: Session, signal: AbortSignal) => drain(session.list("/d", { signal })),
    ],
  ])("of %s flushes what is under way and leaves nothing behind", async (_, type, operate) => {
    const { session, server } = await start(held(type));
    const [connection] = server.connections as [Connection];
    const ending = new AbortController();
    const reason = new Error("enough");
    const result = fails(operate(session, ending.signal));
    await eventually("it is under way", () => connection.held.size > 0);
    ending.abort(reason);
    expect(await result).toMatchObject({ code: "ECANCELED", cause: reason });
    await eventually("nothing is held", () => session.held.tags === 0 && session.held.fids === 1);
    await eventually(
      "the server agrees",
      () => connection.fids.size === 1 && connection.held.size === 0,
    );
    expect(connection.seen.filter(({ type: seen }) => seen === Type.Tflush).length).toBeGreaterThan(
      0,
    );
    expect(session.closed).toBeUndefined();
  });

  test("before anything is sent sends nothing", async () => {
    const { session, server } = await start(() => "answer");
    const sent = server.connections[0]!.seen.length;
    const signal = AbortSignal.abort();
    expect((await fails(session.stat("/a", { signal }))).code).toBe("ECANCELED");
    expect((await fails(drain(session.read("/a", { signal })))).code).toBe("ECANCELED");
    expect(server.connections[0]!.seen.length).toBe(sent);
    expect(session.held).toEqual({ tags: 0, fids: 1 });
  });

  test("honours a reply that comes before its flush is answered: a fid that was walked is clunked", async () => {
    const { session, server } = await start(({ type, body }, connection) => {
      if (type === Type.Twalk) return "hold";
      if (type === Type.Tflush) connection.release(body.number(2));
      return "answer";
    });
    const [connection] = server.connections as [Connection];
    const ending = new AbortController();
    const result = fails(session.stat("/a", { signal: ending.signal }));
    await eventually("it is under way", () => connection.held.size > 0);
    ending.abort();
    expect((await result).code).toBe("ECANCELED");
    await eventually("nothing is held", () => session.held.tags === 0 && session.held.fids === 1);
    expect(connection.fids.size).toBe(1);
    expect(connection.seen.some(({ type }) => type === Type.Tclunk)).toBe(true);
  });

  test("of a reader that stops early flushes what it asked for ahead", async () => {
    let [reads, pieces] = [0, 0];
    const { session, server } = await start(({ type }) =>
      type === Type.Tread && ++reads > 3 ? "hold" : "answer",
    );
    for await (const piece of session.read("/big")) {
      expect(piece.length).toBeGreaterThan(0);
      if (++pieces < 2) continue;
      await eventually("more is asked for", () => server.connections[0]!.held.size > 0);
      break;
    }
    await eventually("nothing is held", () => session.held.tags === 0 && session.held.fids === 1);
    expect(server.connections[0]!.fids.size).toBe(1);
  });

  test("of connecting ends the connection", async () => {
    const ending = new AbortController();
    const result = fails(start(() => "hold", { signal: ending.signal }));
    await eventually("it is connected", () => servers.at(-1)?.connections[0]?.held.size === 1);
    ending.abort();
    expect((await result).code).toBe("ECANCELED");
  });
});

test("close fails what is under way, and what comes after", async () => {
  const { session } = await start(({ type }) => (type === Type.Tgetattr ? "hold" : "answer"));
  const result = fails(session.stat("/a"));
  const reading = fails(drain(session.read("/big")));
  session.close();
  expect((await result).code).toBe("ENOTCONN");
  expect((await reading).code).toBe("ENOTCONN");
  expect((await fails(session.list("/").next())).code).toBe("ENOTCONN");
  expect(session.held).toEqual({ tags: 0, fids: 1 });
});

test("a name that goes on for ever does not: a listing without end is taken piece by piece", async () => {
  let cookie = 0;
  const endless = lie(Type.Treaddir, ({ tag }) =>
    message(Type.Rreaddir, tag, data(Buffer.concat([qid(id), u64(++cookie), u8(8), text("x")]))),
  );
  const { session } = await start(endless);
  let seen = 0;
  for await (const entry of session.list("/d")) {
    expect(entry.name.toString()).toBe("x");
    if (++seen === 100) break;
  }
  expect(cookie).toBeLessThan(200);
});
