import { Type } from "../../../../../functions/trace-uploader/ninep/names";
import { reportLine } from "../../../../../functions/trace-uploader/core";
import { s3Store } from "../../../../../functions/trace-uploader/stores/s3";
import { s3Client } from "../../../../../functions/trace-uploader/stores/s3-client";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";
import { directory, file, type Connection, type Node } from "../ninep/memory-server";
import type { Received } from "../ninep/wire";
import { sha256 } from "./memory-store";
import { filesOf, nodeAt, refusal, sampleTree, served, World } from "./world";

const [EIO, EACCES, EBUSY] = [5, 13, 16];

/** The name of the file that the first fid of a request is. */
function nameOf(root: Node, request: Received, connection: Connection): string {
  const node = connection.fids.get(request.body.bytes.readUInt32LE(7))?.at(-1);
  const find = (within: Node): string | undefined => {
    for (const [name, child] of within.children ?? []) {
      const found = child === node ? name : find(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return find(root) ?? "";
}

/** Answers requests of a type about a file of that name with an error. */
function failing(world: World, type: number, name: string, errno = EIO): void {
  world.decide = (request, connection) =>
    request.type === type && nameOf(world.root, request, connection) === name
      ? refusal(request, errno)
      : "answer";
}

const keys = (world: World) => [...world.store.objects.keys()].sort();

test("everything below the folders is moved, under keys that say where it was", async () => {
  const world = new World(sampleTree());
  const report = await world.run({ set: { prefix: "site" } });
  expect(report).toEqual({
    ...{ moved: 7, bytes: 57, waiting: 0, setAside: 0, failed: 0, oldestAgeSeconds: 0 },
    ...{ stoppedEarly: false, stopReason: undefined, stopError: undefined, problems: [] },
    seconds: expect.any(Number) as number,
  });
  const time = "20231114T221320.000000005Z";
  expect(keys(world)).toEqual([
    `site/alerts/alert/${time}-5`,
    `site/alerts/bad%FF%0A/${time}-7`,
    `site/alerts/empty/${time}-0`,
    `site/alerts/same/${time}-5`,
    `site/trace/deep/er/leaf/${time}-4`,
    `site/trace/run/exact/${time}-16`,
    `site/trace/run/long/${time}-20`,
  ]);
  expect(world.store.sources).toContainEqual({
    path: "trace/run/long",
    length: 20,
    modified: time,
  });
  expect([...filesOf(world.root).keys()]).toEqual([]);
  expect(JSON.parse(reportLine(report))).toMatchObject({ message: "trace upload", moved: 7 });
});

test("what is marked as partial waits, by its end, by a dot, and after a run took it too", async () => {
  const marked = ["a.partial", "b.part", "c.tmp", ".d", "e.tmp.taken-01234567"];
  const world = new World(served(Object.fromEntries(marked.map((name) => [name, file("x")]))));
  expect(await world.run()).toMatchObject({ moved: 0, waiting: 5, failed: 0 });
  expect(filesOf(world.root).size).toBe(5);
  const own = { partialSuffixes: [".open"] };
  expect(await world.run({ set: own })).toMatchObject({ moved: 4, waiting: 1 });
});

test("one file that cannot be read is tried twice, set aside and reported, and does not keep the others", async () => {
  const world = new World(sampleTree());
  failing(world, Type.Tread, "long");
  const report = await world.run();
  expect(report).toMatchObject({ moved: 6, failed: 1, setAside: 1, stoppedEarly: false });
  expect(report.problems).toEqual([
    { path: "trace/run/long", reason: expect.stringContaining("EIO") as string },
  ]);
  const [[key, body] = ["", ""]] = [...world.store.noted];
  expect(key).toMatch(/^\.set-aside\/\d{4}-\d\d-\d\d\/[0-9a-f]{32}-[0-9a-f]{16}-\d+\.json$/);
  expect(JSON.parse(body)).toMatchObject({ path: "trace/run/long" });
  let reads = 0;
  world.decide = (request) => {
    if (request.type === Type.Tread) reads++;
    return "answer";
  };
  expect(await world.run()).toMatchObject({ moved: 0, failed: 0, setAside: 1 });
  expect(reads).toBe(0);
  // Once it is another file it is tried again.
  nodeAt(world.root, "srv/trace/run/long").mtime++;
  expect(await world.run()).toMatchObject({ moved: 1, setAside: 0 });
});

test("a sparse file of 3 TiB, which costs its writer nothing, is set aside unread; the others go on", async () => {
  const world = new World(served({ good: file("good"), sparse: file(3 * 2 ** 40) }));
  const keys = { accessKeyId: "a", secretAccessKey: "b" };
  const place = { endpoint: "http://127.0.0.1:1", region: "us-east-1", pathStyle: true };
  const client = s3Client(place, { credentials: keys });
  const s3 = s3Store({ client, bucket: "b", verify: "checksum" });
  world.store.partLength = (length) => s3.partLength(length);
  let reads = 0;
  world.decide = (request, connection) => {
    if (request.type !== Type.Tread) return "answer";
    if (nameOf(world.root, request, connection) !== "sparse") return "answer";
    reads++;
    return "drop";
  };
  expect(await world.run()).toMatchObject({ moved: 1, failed: 1, setAside: 1 });
  expect(await world.run()).toMatchObject({ moved: 0, failed: 0, setAside: 1 });
  expect(reads).toBe(0);
});

test.each([
  ["cannot be removed", [Type.Tunlinkat, Type.Tremove]],
  ["cannot be opened", [Type.Tlopen]],
])("a file that %s is set aside; the others go on", async (_, types) => {
  const world = new World(served({ bad: file("bad"), good: file("good") }));
  const bad = nodeAt(world.root, "srv/alerts/bad");
  world.decide = (request, connection) => {
    const about = connection.fids.get(request.body.bytes.readUInt32LE(7))?.at(-1);
    const named = request.body.bytes.includes("bad.taken-");
    const hit = (types as number[]).includes(request.type) && (about === bad || named);
    return hit ? refusal(request, EACCES) : "answer";
  };
  expect(await world.run()).toMatchObject({ moved: 1, failed: 1, setAside: 1 });
  expect(await world.run()).toMatchObject({ moved: 0, failed: 0, setAside: 1 });
  expect([...filesOf(world.root).values()].map(String)).toEqual(["bad"]);
});

test("a server that cannot rename has files removed under their own names", async () => {
  const world = new World(sampleTree());
  const renames = new Set<number>([Type.Trenameat, Type.Trename]);
  world.decide = (request) => (renames.has(request.type) ? refusal(request, EACCES) : "answer");
  expect(await world.run()).toMatchObject({ moved: 7, failed: 0 });
  expect(world.lost).toEqual([]);
});

test("a file that somebody has for himself waits", async () => {
  const world = new World(sampleTree());
  failing(world, Type.Tlopen, "long", EBUSY);
  expect(await world.run()).toMatchObject({ moved: 6, waiting: 1, failed: 0, setAside: 0 });
});

test("a folder that cannot be listed is set aside; the others are gone through", async () => {
  const world = new World(sampleTree());
  failing(world, Type.Treaddir, "run");
  expect(await world.run()).toMatchObject({ moved: 5, failed: 1, setAside: 1 });
  expect(await world.run()).toMatchObject({ moved: 0, failed: 0, setAside: 1 });
  world.decide = () => "answer";
  expect(await world.run()).toMatchObject({ moved: 2, setAside: 0 });
});

test("names that no path may have are set aside", async () => {
  const world = new World(served({ "a/b": file("x"), "": file("y"), good: file("good") }));
  const report = await world.run();
  expect(report).toMatchObject({ moved: 1, failed: 2, setAside: 2 });
  expect(report.problems.map(({ path }) => path).sort()).toEqual(["alerts/", "alerts/a%2Fb"]);
  expect(await world.run()).toMatchObject({ failed: 0, setAside: 2 });
});

test("folders in folders without end are entered so far, and no further", async () => {
  let innermost = directory({ leaf: file("leaf") });
  for (let depth = 0; depth < 50; depth++) innermost = directory({ d: innermost });
  const world = new World(served({ top: innermost, good: file("good") }));
  const report = await world.run();
  expect(report).toMatchObject({ moved: 1, failed: 1 });
  expect(report.problems[0]!.reason).toBe("in more than 32 folders");
});

test("one of the folders itself that cannot be listed is a failure of every run", async () => {
  const world = new World(sampleTree());
  failing(world, Type.Treaddir, "trace");
  for (const moved of [4, 0]) {
    expect(await world.run()).toMatchObject({ moved, failed: 1, setAside: 0 });
  }
  expect(world.store.noted.size).toBe(0);
});

test("whoever makes thousands of files that fail has so many noted, and keeps nobody else's", async () => {
  const bad = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`/${index}`, file("")]),
  );
  const world = new World(served(bad, { good: file("good") }));
  const report = await world.run();
  expect(report).toMatchObject({ moved: 1, failed: 1000, setAside: 200 });
  expect(report.problems).toHaveLength(20);
  expect(world.store.noted.size).toBe(200);
});

test("a folder with no end of files has its turn, and the others have theirs", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`m${index}`, file("x")]),
  );
  const world = new World(
    served({ many: directory(many) }, { few: directory({ one: file("1") }), two: file("2") }),
  );
  expect(await world.run({ set: { filesAtOnce: 1 } })).toMatchObject({ moved: 102 });
  const order = world.store.sources.map(({ path }) => path);
  expect(order.indexOf("trace/few/one")).toBeLessThan(20);
  expect(order.indexOf("trace/two")).toBeLessThan(20);
});

test("where none of the folders is there that is said; one that is missing is as good as empty", async () => {
  const world = new World(directory());
  expect(await world.run()).toMatchObject({ failed: 1, moved: 0 });
  const half = new World(directory({ srv: directory({ trace: directory({ a: file("a") }) }) }));
  expect(await half.run()).toMatchObject({ failed: 0, moved: 1 });
});

test("a file that grows while it is read stays, and becomes an object when it has come to rest", async () => {
  const world = new World(served({ grows: file("0123456789") }));
  const grows = nodeAt(world.root, "srv/alerts/grows");
  let left = 2;
  world.decide = (request) => {
    if (request.type === Type.Tread && left-- > 0) {
      grows.contents = Buffer.concat([grows.contents as Buffer, Buffer.from("more")]);
      grows.mtime++;
    }
    return "answer";
  };
  expect(await world.run()).toMatchObject({ moved: 1, failed: 0 });
  expect(world.lost).toEqual([]);
  expect([...world.store.objects.values()].map(String)).toEqual(["0123456789moremore"]);
});

test("a file that changes whenever it is read is left alone for an hour, whatever it becomes", async () => {
  const world = new World(served({ grows: file("0123456789"), good: file("good") }));
  const grows = nodeAt(world.root, "srv/alerts/grows");
  world.decide = (request, connection) => {
    if (request.type === Type.Tread && nameOf(world.root, request, connection) === "grows") {
      grows.mtime++;
    }
    return "answer";
  };
  expect(await world.run()).toMatchObject({ moved: 1, failed: 1, setAside: 1 });
  expect(world.store.objects.size).toBe(1);
  world.decide = () => "answer";
  expect(await world.run()).toMatchObject({ moved: 0, setAside: 1 });
  const [key = ""] = [...world.store.noted.keys()];
  const until = Number(/-any-(\d+)\.json$/.exec(key)?.[1]);
  expect(Math.abs(until - Date.now() / 1000 - 3600)).toBeLessThan(60);
});

test("a file that is put in the place of one that was stored is not removed with it", async () => {
  const world = new World(served({ log: file("old") }));
  let renamed = false;
  world.decide = (request) => {
    // Between the last look and the taking, as near as can be.
    if (request.type === Type.Trenameat && !renamed) {
      renamed = true;
      nodeAt(world.root, "srv/alerts").children!.set("log", { ...file("new!"), mtime: 5 });
    }
    return "answer";
  };
  // It is the old one's last look that finds another file; which then is moved as any.
  expect(await world.run()).toMatchObject({ moved: 1, failed: 0, waiting: 0 });
  expect(renamed).toBe(true);
  expect(world.lost).toEqual([]);
  expect([...world.store.objects.values()].map(String).sort()).toEqual(["new!", "old"]);
});

test("another content under the same key is kept beside it", async () => {
  const world = new World(served({ log: file("one") }));
  await world.run();
  nodeAt(world.root, "srv/alerts").children!.set("log", file("two"));
  expect(await world.run()).toMatchObject({ moved: 1, failed: 0 });
  expect(keys(world).map((key) => key.replace(/.*Z-/, ""))).toEqual([
    "3",
    expect.stringMatching(/^3-[0-9a-f]{16}$/),
  ]);
  expect([...world.store.objects.values()].map(String).sort()).toEqual(["one", "two"]);
});

test("what the store keeps wrong is not believed: the file is stored beside it before it is removed", async () => {
  const world = new World(served({ log: file("content") }));
  world.store.damage = (key, bytes) => (key.endsWith("-7") ? Buffer.from("c0ntent") : bytes);
  expect(await world.run()).toMatchObject({ moved: 1, failed: 0 });
  expect(world.lost).toEqual([]);
  expect(world.store.objects.size).toBe(2);
});

test("a store that keeps everything wrong loses nothing, and blames no file", async () => {
  const world = new World(sampleTree());
  world.store.damage = (_, bytes) => Buffer.concat([bytes, Buffer.from("!")]);
  const report = await world.run();
  expect(report).toMatchObject({ moved: 0, failed: 7, setAside: 0 });
  expect(report.oldestAgeSeconds).toBeGreaterThan(0);
  expect(filesOf(world.root).size).toBe(7);
  world.store.damage = (_, bytes) => bytes;
  expect(await world.run()).toMatchObject({ moved: 7, failed: 0 });
});

test("one file that the store refuses is set aside when it takes others", async () => {
  const world = new World(sampleTree());
  world.store.gate.before = (call, key) => {
    if (call === "put" && key.includes("long")) throw new StoreError(StoreFault.Refused, "no");
  };
  expect(await world.run()).toMatchObject({ moved: 6, failed: 1, setAside: 1 });
  expect(await world.run()).toMatchObject({ moved: 0, failed: 0, setAside: 1 });
});

test.each(["notes", "find", "begin", "put", "finish", "matches"])(
  "a store that is down at %s ends the run; nothing is removed unstored, nothing is blamed",
  async (call) => {
    const world = new World(sampleTree());
    world.store.gate.before = (name) => {
      if (name === call) throw new StoreError(StoreFault.Unavailable, "down");
    };
    const report = await world.run();
    expect(report).toMatchObject({ moved: 0, setAside: 0, stopReason: "store", stopError: "down" });
    expect(filesOf(world.root).size).toBe(7);
    expect(world.store.noted.size).toBe(0);
  },
);

test.each(["put", "finish"])(
  "an uploader that another one is faster than at %s takes its object, and does nothing twice",
  async (call) => {
    const world = new World(served({ a: file("contents-of-two-parts") }));
    const parts: string[] = [];
    world.store.gate.before = (name, key) => {
      if (name === "put") parts.push(key);
      if (name !== call || world.store.objects.has(key)) return;
      world.store.objects.set(key, Buffer.from("contents-of-two-parts"));
      world.store.begun.delete(key);
    };
    expect(await world.run()).toMatchObject({ moved: 1, failed: 0 });
    expect(world.store.objects.size).toBe(1);
    expect(world.store.calls.filter((name) => name === "begin")).toHaveLength(1);
  },
);

test("a store that fails at a file's only part is to blame, not the file", async () => {
  const world = new World(served({ a: file("a") }));
  world.store.gate.before = (call) => {
    if (call === "put") throw new StoreError(StoreFault.Unavailable, "down");
  };
  expect(await world.run()).toMatchObject({ stopReason: "store", failed: 0, setAside: 0 });
  expect(world.store.calls).not.toContain("finish");
});

test("a file that changes unseen between two readings is stored under a key of what was read last", async () => {
  const world = new World(served({ log: file("one") }));
  await world.run();
  const log = file("two");
  nodeAt(world.root, "srv/alerts").children!.set("log", log);
  world.store.gate.before = (call) => {
    if (call === "begin" && String(log.contents) === "two") log.contents = Buffer.from("six");
  };
  expect(await world.run()).toMatchObject({ moved: 1, failed: 0 });
  expect(world.lost).toEqual([]);
  for (const [key, bytes] of world.store.objects) {
    const [, hash = ""] = /Z-3-([0-9a-f]{16})$/.exec(key) ?? [];
    expect([key, sha256(bytes).startsWith(hash)]).toEqual([key, true]);
  }
  expect([...world.store.objects.values()].map(String)).toEqual(["one", "six"]);
});

test("a server of 9P that goes away ends the run, and no file is blamed", async () => {
  const world = new World(sampleTree());
  let reads = 0;
  world.decide = (request) => (request.type === Type.Tread && ++reads === 4 ? "drop" : "answer");
  expect(await world.run()).toMatchObject({ stopReason: "server", setAside: 0 });
  expect(world.store.noted.size).toBe(0);
  expect(world.lost).toEqual([]);
});

test("parts that an upload begun before holds are not put again", async () => {
  const world = new World(served({ long: file("0123456789abcdef-xyz") }));
  let puts = 0;
  world.store.gate.before = (call) => {
    if (call === "put" && ++puts === 3) throw new StoreError(StoreFault.Unavailable, "down");
  };
  await world.run({ set: { partsAtOnce: 1 } });
  puts = 10;
  expect(await world.run()).toMatchObject({ moved: 1 });
  expect(puts).toBe(11);
});

test("paths too long for a key are written down whole", async () => {
  const name = "\xe9".repeat(255);
  const world = new World(served({ [name]: file("x") }));
  expect(await world.run()).toMatchObject({ moved: 1 });
  const [[key, body] = ["", ""]] = [...world.store.noted];
  expect(key).toMatch(/^\.paths\/[0-9a-f]{64}\.json$/);
  expect(JSON.parse(body)).toEqual({ path: `alerts/${"%E9".repeat(255)}` });
});
