import { connect, NinepError, Version } from "../../../../../functions/trace-uploader/ninep";
import type {
  ConnectOptions,
  DirectoryEntry,
  Session,
} from "../../../../../functions/trace-uploader/ninep";
import { Type } from "../../../../../functions/trace-uploader/ninep/names";
import { eventually } from "../../../../support/wait";
import { directory, file, listen } from "./memory-server";
import type { Listening, MemoryServerOptions, Node } from "./memory-server";
import { fails } from "./waits";

const servers: Listening[] = [];
const sessions: Session[] = [];

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close();
  for (const server of servers.splice(0)) await server.close();
});

async function start(
  options: Partial<MemoryServerOptions> = {},
  asked: Partial<ConnectOptions> = {},
): Promise<{ session: Session; server: Listening; root: Node }> {
  const root = options.root ?? sample();
  const server = await listen({ ...options, root });
  servers.push(server);
  const session = await connect({ host: "127.0.0.1", port: server.port, uname: "u", ...asked });
  sessions.push(session);
  return { session, server, root };
}

const sample = () =>
  directory({
    a: file("hello"),
    empty: file(""),
    d: directory({ x: file("x"), "bad\xff\xfe": file("y"), sub: directory() }),
  });

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

const text = async (session: Session, path: string, offset = 0) =>
  Buffer.concat(await all(session.read(path, { offset }))).toString();

/** Nothing is under way, and the server agrees that only the root is left. */
async function atRest(session: Session, server: Listening): Promise<void> {
  await eventually("nothing is held", () => {
    const { tags, fids } = session.held;
    return tags === 0 && fids === 1;
  });
  expect(server.connections[0]!.fids.size).toBe(1);
}

describe.each(Object.values(Version))("with %s", (version) => {
  const versions = [version];

  test("files are listed, described, read from any offset, renamed and removed, and nothing stays held", async () => {
    const { session, server, root } = await start({ versions });
    expect(session.version).toBe(version);
    const entries = await all(session.list("/d"));
    expect(
      entries.map(({ name, attributes }) => [name.toString("latin1"), attributes?.type]),
    ).toEqual([
      ["x", "file"],
      ["bad\xff\xfe", "file"],
      ["sub", "directory"],
    ]);
    const [{ attributes }] = entries as [DirectoryEntry];
    expect(attributes).toEqual(await session.stat("d/x"));
    expect(attributes).toMatchObject({ size: 1, exclusive: false });
    expect(attributes!.mtimeNanoseconds / 1_000_000_000n).toBe(1_700_000_000n);
    expect(await text(session, "/a")).toBe("hello");
    expect(await text(session, "/a", 3)).toBe("lo");
    expect(await text(session, "/a", 99)).toBe("");
    expect(await text(session, "/empty")).toBe("");
    await session.rename("/a", "/b");
    expect(await text(session, "/b")).toBe("hello");
    await session.remove(["d", Buffer.from("bad\xff\xfe", "latin1")]);
    expect([...root.children!.get("d")!.children!.keys()]).toEqual(["x", "sub"]);
    await atRest(session, server);
  });

  test("what the server refuses has the name of an errno, the operation and the path", async () => {
    const { session, server } = await start({ versions });
    const error = await fails(session.stat("/d/none"));
    expect(error).toMatchObject({
      name: "NinepError",
      code: "ENOENT",
      operation: "stat",
      path: "/d/none",
    });
    expect(error).toBeInstanceOf(NinepError);
    expect((await fails(session.remove("/none"))).code).toBe("ENOENT");
    expect((await fails(session.remove("/none/none"))).code).toBe("ENOENT");
    expect((await fails(all(session.read("/none")))).code).toBe("ENOENT");
    expect((await fails(all(session.read("/d")))).code).toBe("EISDIR");
    expect((await fails(all(session.list("/a")))).code).toBe("ENOTDIR");
    expect((await fails(session.rename("/a", "/empty"))).code).toBe("EEXIST");
    expect((await fails(session.rename("/none", "/new"))).code).toBe("ENOENT");
    await atRest(session, server);
  });

  test("a directory of many pieces and a file of many reads come whole and in order", async () => {
    const names = Array.from({ length: 500 }, (_, index) => `file-${index}`);
    const contents = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const children = Object.fromEntries(names.map((name) => [name, file("")]));
    const root = directory({ many: directory(children), long: file(contents) });
    const { session, server } = await start({ versions, root, msize: 4096 });
    expect(session.msize).toBe(4096);
    const listed = await all(session.list("/many"));
    expect(listed.map(({ name }) => name.toString())).toEqual(names);
    expect(Buffer.concat(await all(session.read("/long"))).equals(contents)).toBe(true);
    await atRest(session, server);
  });

  test.each([1, 100, 512, 1000])(
    "a server that sends at most %d bytes a read is read whole",
    async (mostData) => {
      const contents = Buffer.from(Array.from({ length: 4000 }, (_, index) => index % 251));
      const { session, server } = await start({
        versions,
        root: directory({ f: file(contents) }),
        mostData,
      });
      expect(Buffer.concat(await all(session.read("/f"))).equals(contents)).toBe(true);
      await atRest(session, server);
    },
  );
});

test("the best version that both know is agreed on, whatever the server answers to the others", async () => {
  for (const [known, agreed] of [
    [["9P2000.L", "9P2000.u", "9P2000"], "9P2000.L"],
    [["9P2000.u", "9P2000"], "9P2000.u"],
    [["9P2000"], "9P2000"],
    [["9P2000.L"], "9P2000.L"],
  ] as const) {
    const { session } = await start({ versions: [...known] });
    expect(session.version).toBe(agreed);
    expect(await text(session, "/a")).toBe("hello");
  }
});

test("a server that knows no version is told so with what it said", async () => {
  const error = await fails(start({ versions: ["9P2026"] }));
  expect(error).toMatchObject({ code: "EPROTONOSUPPORT", operation: "connect" });
  expect(error.message).toContain("9P2000.L: unknown, 9P2000.u: unknown, 9P2000: unknown");
});

test("the length of messages is what the server grants, and not less than can work", async () => {
  const { session } = await start({ msize: 5000 });
  expect(session.msize).toBe(5000);
  expect((await fails(start({ msize: 1000 }))).code).toBe("EMSGSIZE");
  for (const msize of [0, 4095, 2 ** 24 + 1, 1.5]) {
    expect((await fails(start({}, { msize }))).code).toBe("EINVAL");
  }
});

test("a small file costs one read and the one that finds its end; a large one keeps a window of them under way", async () => {
  const { session, server } = await start({
    root: directory({ s: file("x"), l: file(10_000_000) }),
    msize: 65_536,
  });
  const reads = () => server.connections[0]!.seen.filter(({ type }) => type === Type.Tread).length;
  await text(session, "/s");
  expect(reads()).toBe(2);
  const reading = session.read("/l", { window: 4 });
  for (let piece = 0; piece < 10; piece++) await reading.next();
  await eventually("the window is full", () => reads() === 2 + 10 + 4);
  await session.stat("/s"); // A server takes requests in order: what was asked for before has come by now.
  expect(reads()).toBe(2 + 10 + 4);
  await reading.return();
  await atRest(session, server);
});

test("an iounit bounds what a read asks for", async () => {
  const { session, server } = await start({ root: directory({ f: file(100_000) }), iounit: 8192 });
  expect((await text(session, "/f")).length).toBe(100_000);
  const asked = server.connections[0]!.seen.filter(({ type }) => type === Type.Tread).map(
    ({ whole }) => whole.readUInt32LE(19),
  );
  expect(Math.max(...asked)).toBe(8192);
});

test("paths of more than sixteen names are walked in parts", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
  const root = names.reduceRight<Node>((inner, name) => directory({ [name]: inner }), file("deep"));
  const { session, server } = await start({ root });
  expect(await text(session, names.join("/"))).toBe("deep");
  expect((await fails(session.stat([...names.slice(0, 33), "none", "none"]))).code).toBe("ENOENT");
  await atRest(session, server);
});

test("names that no path may have never leave this client, also where a server lists them", async () => {
  const hostile = ["..", ".", "", "a/b", "a\0b"];
  const root = directory({
    ok: file("1"),
    ...Object.fromEntries(hostile.map((name) => [name, file("")])),
  });
  const { session, server } = await start({ root });
  const entries = await all(session.list("/"));
  const said = entries.map(({ name, error }) => [name.toString(), error?.code]);
  expect(said).toEqual([
    ["ok", undefined],
    ["", "EINVAL"],
    ["a/b", "EINVAL"],
    ["a\0b", "EINVAL"],
  ]);
  for (const name of hostile) {
    const sent = server.connections[0]!.seen.length;
    expect((await fails(session.stat(["d", name]))).code).toBe("EINVAL");
    expect((await fails(session.remove([name]))).code).toBe("EINVAL");
    expect((await fails(session.rename(["ok"], [name]))).code).toBe("EINVAL");
    expect(server.connections[0]!.seen.length).toBe(sent);
  }
  expect((await fails(session.stat(["x".repeat(65_536)]))).code).toBe("EINVAL");
  expect((await fails(session.stat(Array(16).fill("x".repeat(65_535))))).code).toBe("EINVAL");
  await atRest(session, server);
});

test("a server without the newer requests is asked with the older, and asked for the newer once", async () => {
  const { session, server, root } = await start({ unknown: [Type.Tunlinkat, Type.Trenameat] });
  await session.remove("/a");
  await session.remove("/d/x");
  await session.rename("/empty", "/full");
  await session.rename("/full", "/d/full");
  expect([...root.children!.keys()]).toEqual(["d"]);
  expect(root.children!.get("d")!.children!.has("full")).toBe(true);
  const count = (wanted: number) =>
    server.connections[0]!.seen.filter(({ type }) => type === wanted).length;
  expect([count(Type.Tunlinkat), count(Type.Trenameat)]).toEqual([1, 1]);
  expect((await fails(session.remove("/d/sub"))).code).toBe("EISDIR");
  await atRest(session, server);
});

test("only 9P2000.L moves between directories; the others say so", async () => {
  const { session, root } = await start();
  await session.rename("/a", "/d/a");
  expect(root.children!.get("d")!.children!.has("a")).toBe(true);
  const { session: plain } = await start({ versions: ["9P2000"] });
  expect((await fails(plain.rename("/a", "/d/a"))).code).toBe("EXDEV");
});

test("files that go while their directory is listed are left out", async () => {
  const root = directory(Object.fromEntries(["a", "b", "c"].map((name) => [name, file(name)])));
  const { session, server } = await start({
    root,
    fate: ({ type }) => {
      if (type === Type.Treaddir) queueMicrotask(() => root.children!.delete("b"));
      return "answer";
    },
  });
  expect((await all(session.list("/"))).map(({ name }) => name.toString())).toEqual(["a", "c"]);
  await atRest(session, server);
});

test("many operations at once keep their replies apart, and give all tags and fids back", async () => {
  const children = Array.from({ length: 200 }, (_, index) => [`f${index}`, file(`text ${index}`)]);
  const { session, server } = await start({ root: directory(Object.fromEntries(children)) });
  const texts = await Promise.all(children.map(([name]) => text(session, name as string)));
  expect(texts).toEqual(children.map((_, index) => `text ${index}`));
  await atRest(session, server);
});

test("pieces stay as they are, unless their memory is to be used again, and then are right while they are handed out", async () => {
  const contents = Buffer.from(Array.from({ length: 500_000 }, (_, index) => (index * 7) % 251));
  const { session } = await start({ root: directory({ f: file(contents) }), msize: 32_768 });
  expect(Buffer.concat(await all(session.read("/f"))).equals(contents)).toBe(true);
  const copies: Buffer[] = [];
  const memories = new Set<ArrayBufferLike>();
  for await (const piece of session.read("/f", { reuse: true, window: 4 })) {
    copies.push(Buffer.from(piece));
    memories.add(piece.buffer);
  }
  expect(Buffer.concat(copies).equals(contents)).toBe(true);
  expect(memories.size).toBeLessThan(copies.length / 2);
});
