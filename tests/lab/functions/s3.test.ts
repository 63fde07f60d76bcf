import * as fs from "node:fs";
import * as path from "node:path";
import type { Report } from "../../../functions/trace-uploader/core";
import { KEYS } from "./s3-server";
import {
  expectMovedOnce,
  hashesBelow,
  LARGE,
  type RunOptions,
  type S3World,
  SMALL,
  startS3World,
  type Tree,
} from "./s3-world";
import { assertServersAlive } from "./server-process";
import { openGate, type StoreGate } from "./store-gate";

/*
 * The uploader against diod and versitygw, both real, over the loopback. The store keeps SHA-256 of parts and objects and knows conditional
 * writes, as S3 does; who may do what is not shown here: it has one user.
 */

const MIB = 1024 * 1024;
const ALL = { ...SMALL, ...LARGE };

let world: S3World;
let gate: StoreGate;

beforeAll(async () => {
  world = await startS3World();
  gate = await openGate(`http://127.0.0.1:${world.s3.port}`);
});

afterAll(async () => {
  await gate.close();
  await world.close();
});

afterEach(assertServersAlive);

beforeEach(() => {
  gate.rule(() => "pass");
});

/** A run over the gate, or to another port. */
function run(
  tree: Tree,
  { port, ...options }: RunOptions & { port?: number } = {},
): Promise<Report> {
  return world.run(tree, port ?? Number(new URL(gate.url).port), options);
}

const ALL_MOVED = { failed: 0, waiting: 0, setAside: 0, stoppedEarly: false };
/** Where a part, or a whole small file, is sent. */
const sendsBytes = ({ method, url }: { method: string; url: string }) =>
  method === "PUT" && !url.includes("/.");

test.each(["checksum", "read-back"] as const)(
  "files are moved whole, confirmed by %s: small and empty ones, one of three parts, hostile names",
  async (verify) => {
    const tree = world.plant(ALL);
    expect(await run(tree, { verify })).toMatchObject({ ...ALL_MOVED, moved: tree.files.size });
    expectMovedOnce(world, tree);
  },
);

test("a file that was begun is gone on with: parts that the store holds are not sent again", async () => {
  const tree = world.plant(LARGE);
  const stop = new AbortController();
  let parts = 0;
  gate.rule((request) => {
    if (request.url.includes("partNumber=") && ++parts === 3) {
      stop.abort();
      return "cut";
    }
    return "pass";
  });
  // One after the other: what the store has of a part that was under way is open.
  const oneByOne = { ...tree, settings: { ...tree.settings, partsAtOnce: 1 } };
  const stopped = await run(oneByOne, { signal: stop.signal });
  expect(stopped).toMatchObject({ moved: 0, waiting: 1, stopReason: "time" });
  const sent: string[] = [];
  gate.rule(({ url }) => {
    if (url.includes("partNumber=")) sent.push(url);
    return "pass";
  });
  expect(await run(tree)).toMatchObject({ ...ALL_MOVED, moved: 1 });
  expect(sent).toHaveLength(1);
  expectMovedOnce(world, tree);
});

const passing: [string, Parameters<StoreGate["rule"]>[0]][] = [
  ["fails now and then", ({ number }) => (number % 4 === 0 ? { status: 500 } : "pass")],
  [
    "asks to be slower",
    ({ number }) =>
      number % 4 === 0 ? { status: 503, body: "<Error><Code>SlowDown</Code></Error>" } : "pass",
  ],
  ["cuts connections", ({ number }) => (number % 5 === 0 ? "cut" : "pass")],
  ["loses answers", ({ number }) => (number % 5 === 0 ? "lose answer" : "pass")],
  [
    "gets damaged bytes",
    ({ number, body, ...request }) => {
      if (sendsBytes(request) && number % 3 === 0 && body.length > 0) body[body.length >> 1]! ^= 1;
      return "pass";
    },
  ],
];

test.each(passing)("a store that %s gets every file once", async (_, rule) => {
  const tree = world.plant(ALL);
  gate.rule(rule);
  let report = await run(tree, { tries: 8 });
  expect(world.lost(tree)).toEqual([]);
  gate.rule(() => "pass");
  if (report.moved < tree.files.size) report = await run(tree);
  expect(report).toMatchObject({ failed: 0, setAside: 0, stoppedEarly: false });
  expectMovedOnce(world, tree);
});

const down: [string, { status: number; body?: string }][] = [
  ["is down", { status: 503 }],
  ["throttles for ever", { status: 429, body: "<Error><Code>SlowDown</Code></Error>" }],
  [
    "finds the credentials expired",
    { status: 400, body: "<Error><Code>ExpiredToken</Code></Error>" },
  ],
  ["has no such bucket", { status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" }],
];

test.each(down)(
  "where the store %s the run ends, nothing is removed and no file is blamed",
  async (_, answer) => {
    const tree = world.plant(ALL);
    gate.rule(({ number }) => (number > 5 ? answer : "pass"));
    const report = await run(tree, { tries: 2 });
    expect(report).toMatchObject({ stoppedEarly: true, stopReason: "store", setAside: 0 });
    expect(world.lost(tree)).toEqual([]);
    gate.rule(() => "pass");
    expect(await run(tree)).toMatchObject(ALL_MOVED);
    expectMovedOnce(world, tree);
  },
);

test("credentials that are not good end the run before anything is touched", async () => {
  const tree = world.plant(ALL);
  const keys = { accessKeyId: KEYS.accessKeyId, secretAccessKey: "wrong" };
  const report = await run(tree, { keys });
  expect(report).toMatchObject({ moved: 0, stopReason: "store", setAside: 0 });
  expect(hashesBelow(tree.folder)).toEqual(tree.files);
});

test("an object that the store keeps damaged is not believed: the file is stored again beside it, and only then removed", async () => {
  const tree = world.plant({ "trace/one": Buffer.from("contents") });
  let damaged = "";
  gate.rule(({ method }) => {
    const [found] = [...world.stored(tree).keys()];
    if (method !== "HEAD" || damaged !== "" || found === undefined) return "pass";
    damaged = path.join(world.s3.bucket, tree.settings.prefix, found);
    fs.writeFileSync(damaged, "damaged!");
    // The store's checksum is still that of what was sent: here it has none, so that the object is read back.
    return { status: 200, headers: { "content-length": "8" } };
  });
  expect(await run(tree)).toMatchObject({ moved: 1, failed: 0 });
  expect(damaged).not.toBe("");
  expect(world.lost(tree)).toEqual([]);
  expect(world.stored(tree).size).toBe(2);
});

test("where the store's checksum is not the file's the object is read back, and the bytes decide", async () => {
  const tree = world.plant(ALL);
  let readBack = 0;
  const odd = await openGate(`http://127.0.0.1:${world.s3.port}`, {
    ask: ({ method }) => {
      readBack += Number(method === "GET");
      return undefined;
    },
    learn: (_, __, headers) => {
      const name = "x-amz-checksum-sha256";
      if (headers[name] !== undefined) headers[name] = `${"A".repeat(43)}=`;
    },
  });
  try {
    const report = await run(tree, { port: Number(new URL(odd.url).port) });
    expect(report).toMatchObject({ ...ALL_MOVED, moved: tree.files.size });
  } finally {
    await odd.close();
  }
  expect(readBack).toBeGreaterThanOrEqual(tree.files.size);
  expectMovedOnce(world, tree);
});

test("memory stays where it is, whatever the length of a file", async () => {
  const tree = world.plant({});
  const bytes = 400 * MIB;
  for (const name of ["one", "two"]) {
    fs.writeFileSync(path.join(tree.folder, "trace", name), "");
    fs.truncateSync(path.join(tree.folder, "trace", name), bytes / 2);
  }
  const output = await world.spawn(tree, world.diod.port, world.s3.port).ended;
  expect(output).toContain(`"bytes":${bytes}`);
  const [, memory] = /"mostMemoryMib":(\d+)/.exec(output) ?? [];
  // Far from the files' length, and above what Node.js lets garbage take by itself; bench has the exact figure.
  expect(Number(memory)).toBeLessThan(256);
});
