import {
  SettleQueue,
  type Candidate,
} from "../../../../../functions/trace-uploader/core/settle-queue";
import { reportLine, type Report } from "../../../../../functions/trace-uploader/core";
import { FileType } from "../../../../../functions/trace-uploader/ninep";
import { Type } from "../../../../../functions/trace-uploader/ninep/names";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";
import type { StoredObject } from "../../../../../functions/trace-uploader/stores/store";
import { eventually } from "../../../../support/wait";
import { file, type Node } from "../ninep/memory-server";
import { filesOf, HandClock, nodeAt, refusal, served, World } from "./world";

const HOUR = 3600;

/** A run whose clock is moved on, in steps, until it is through. */
async function runByHand(
  world: World,
  clock: HandClock,
  { step = 5, ...options }: Parameters<World["run"]>[0] & { step?: number } = {},
) {
  const state = { through: false };
  const running = world.run({ clock, ...options }).finally(() => {
    state.through = true;
  });
  while (!state.through) {
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(step);
  }
  return running;
}

test("a file is moved when it is the same after the time to settle, and not before", async () => {
  const clock = new HandClock();
  const world = new World(served({ still: file("still"), grows: file("g") }));
  const grows = nodeAt(world.root, "srv/alerts/grows");
  const started = clock.at;
  const finished: number[] = [];
  world.store.gate.before = (call) => {
    if (call === "finish") finished.push(clock.at - started);
  };
  let writes = 3;
  const advance = clock.advance.bind(clock);
  clock.advance = (seconds) => {
    if (writes-- > 0) grows.contents = Buffer.concat([grows.contents as Buffer, Buffer.from("+")]);
    advance(seconds);
  };
  const report = await runByHand(world, clock, { set: { settleSeconds: 10 } });
  expect(report).toMatchObject({ moved: 2, waiting: 0 });
  expect(finished).toHaveLength(2);
  expect(finished[0]).toBeGreaterThanOrEqual(10);
  expect(finished[1]).toBeGreaterThanOrEqual(20);
  expect([...world.store.objects.values()].map(String).sort()).toEqual(["g+++", "still"]);
});

test("a file that never comes to rest is left, and said to wait", async () => {
  const clock = new HandClock();
  const world = new World(served({ grows: file("g"), still: file("s") }));
  const grows = nodeAt(world.root, "srv/alerts/grows");
  const advance = clock.advance.bind(clock);
  clock.advance = (seconds) => {
    grows.mtime++;
    advance(seconds);
  };
  const report = await runByHand(world, clock, { set: { settleSeconds: 10 } });
  expect(report).toMatchObject({ moved: 1, waiting: 1, failed: 0, setAside: 0 });
});

test("when its time is up a run stops, and the next one goes on", async () => {
  const clock = new HandClock();
  const files = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`f${index}`, file("x")]),
  );
  const world = new World(served(files));
  world.store.gate.before = (call) =>
    clock.sleep(call === "finish" ? 10 : 0, new AbortController().signal);
  const set = { runSeconds: 25, filesAtOnce: 1 };
  const report = await runByHand(world, clock, { set });
  expect(report).toMatchObject({ stoppedEarly: true, stopReason: "time", setAside: 0, failed: 0 });
  expect(report.moved).toBeGreaterThan(0);
  expect(report.moved + report.waiting).toBe(10);
  world.store.gate = {};
  expect(await world.run()).toMatchObject({ moved: 10 - report.moved, stoppedEarly: false });
  expect(world.lost).toEqual([]);
});

test("a file that takes longer than a run does not keep small ones, and is then set aside", async () => {
  const clock = new HandClock();
  const huge: Node = file(2 ** 40);
  const world = new World(served({ a: huge, b: { ...huge, id: huge.id + 9999n } }));
  for (const name of ["c", "d"]) nodeAt(world.root, "srv/trace").children!.set(name, file("x"));
  world.decide = (request, connection) => {
    const about = connection.fids.get(request.body.bytes.readUInt32LE(7))?.at(-1);
    return request.type === Type.Tread && about?.contents === 2 ** 40 ? "hold" : "answer";
  };
  const report = await runByHand(world, clock, { set: { runSeconds: 100 }, step: 1 });
  expect(report).toMatchObject({ moved: 2, stopReason: "time", failed: 2, setAside: 2 });
  expect(report.problems[0]!.reason).toMatch(/^it takes longer than a run/);
  expect([...filesOf(world.root).keys()]).toEqual(["/srv/alerts/a", "/srv/alerts/b"]);
});

describe("a file that one run does not finish", () => {
  /** Runs until nothing waits any more; what each of them says. */
  async function runsOf(world: World, most = 10): Promise<Report[]> {
    const reports: Report[] = [];
    do reports.push(await runByHand(world, new HandClock(), { set: { runSeconds: 45 } }));
    while (reports.at(-1)?.waiting === 1 && reports.length < most);
    return reports;
  }
  const never = new AbortController().signal;

  test("because the store is slow is gone on with by the next, and not set aside", async () => {
    const clock = new HandClock();
    const world = new World(served({ long: file("0123456789".repeat(8)) }));
    let puts = 0;
    world.store.gate.before = async (call) => {
      if (call !== "put") return;
      puts++;
      await clock.sleep(10, never);
    };
    const reports: Report[] = [];
    do {
      const set = { runSeconds: 45, partsAtOnce: 1 };
      reports.push(await runByHand(world, clock, { set }));
    } while (reports.at(-1)?.moved === 0 && reports.length < 10);
    expect(reports.length).toBeGreaterThan(1);
    for (const report of reports.slice(0, -1)) {
      expect(report).toMatchObject({ waiting: 1, failed: 0, setAside: 0, stopReason: "time" });
    }
    expect(reports.at(-1)).toMatchObject({ moved: 1, waiting: 0, failed: 0 });
    // Ten parts, and those that were under way when a run ended.
    expect(puts).toBeLessThanOrEqual(10 + reports.length);
    expect(world.lost).toEqual([]);
  });

  test("because reading it takes too long is set aside once a run brings it no further", async () => {
    const half = 2 ** 22;
    const world = new World(served({ long: file(2 * half) }));
    world.store.partBytes = 2 ** 18;
    world.decide = ({ type, body }) =>
      type === Type.Tread && Number(body.bytes.readBigUInt64LE(11)) >= half ? "hold" : "answer";
    const reports = await runsOf(world);
    expect(reports[0]).toMatchObject({ waiting: 1, failed: 0, setAside: 0 });
    expect(reports.at(-1)).toMatchObject({ waiting: 0, failed: 1, setAside: 1 });
    expect(reports.length).toBeLessThan(5);
  });

  test("because reading it back takes too long is set aside once that is all there is to do", async () => {
    const world = new World(served({ long: file("0123456789") }));
    const find = world.store.find.bind(world.store);
    const endless: StoredObject["matches"] = (_, signal) =>
      new Promise((__, reject) => {
        signal.addEventListener("abort", () => {
          reject(new Error("given up"));
        });
      });
    world.store.find = async (key) => {
      const object = await find(key);
      return object && { ...object, matches: endless };
    };
    const [first, second, ...rest] = await runsOf(world);
    expect(first).toMatchObject({ waiting: 1, failed: 0, setAside: 0 });
    expect(second).toMatchObject({ waiting: 0, failed: 1, setAside: 1 });
    expect(rest).toEqual([]);
  });
});

test("told to stop, a run stops", async () => {
  const world = new World(served({ a: file("a") }));
  expect(await world.run({ signal: AbortSignal.abort() })).toMatchObject({
    ...{ moved: 0, stoppedEarly: true, stopReason: "time" },
  });
  expect(filesOf(world.root).size).toBe(1);
});

describe("the age of the oldest file is told by a run that saw all files, and by no other", () => {
  const old: Node = { ...file("x"), mtime: 5 };
  const tree = () => served({ "open.partial": old }, { a: file("a"), "b.partial": file("b") });

  test("where the store is down before the first look", async () => {
    const world = new World(tree());
    world.store.gate.before = (call) => {
      if (call === "notes") throw new StoreError(StoreFault.Unavailable, "down");
    };
    const report = await world.run();
    expect(report).toMatchObject({ stopReason: "store", waiting: 0 });
    expect(report.oldestAgeSeconds).toBeUndefined();
    expect(reportLine(report)).not.toContain("oldestAgeSeconds");
  });

  test("where the server goes away, or the time is up, in the middle of the folders", async () => {
    const world = new World(tree());
    const trace = nodeAt(world.root, "srv/trace");
    let fate: "drop" | "hold" = "drop";
    world.decide = (request, connection) => {
      const about = connection.fids.get(request.body.bytes.readUInt32LE(7))?.at(-1);
      return request.type === Type.Treaddir && about === trace ? fate : "answer";
    };
    expect(await world.run()).toMatchObject({ stopReason: "server", oldestAgeSeconds: undefined });
    fate = "hold";
    const report = await runByHand(world, new HandClock(), { set: { runSeconds: 100 } });
    expect(report).toMatchObject({ stopReason: "time", oldestAgeSeconds: undefined });
  });

  test("where one of the folders cannot be gone through", async () => {
    const world = new World(tree());
    const trace = nodeAt(world.root, "srv/trace");
    world.decide = (request, connection) => {
      const about = connection.fids.get(request.body.bytes.readUInt32LE(7))?.at(-1);
      return request.type === Type.Treaddir && about === trace ? refusal(request, 5) : "answer";
    };
    expect(await world.run()).toMatchObject({ failed: 1, oldestAgeSeconds: undefined });
    world.decide = () => "answer";
    const { oldestAgeSeconds } = await world.run();
    expect(oldestAgeSeconds).toBeGreaterThan(1e9);
  });

  test("a file that failed and whose note the store did not take ages", async () => {
    const bad: Node = { ...file("bad"), mtime: 6 };
    const world = new World(served({ bad }));
    world.decide = (request) => (request.type === Type.Tread ? refusal(request, 5) : "answer");
    world.store.gate.before = (call) => {
      if (call === "note") throw new StoreError(StoreFault.Unavailable, "down");
    };
    const report = await world.run();
    expect(report).toMatchObject({ failed: 1, setAside: 0, stopReason: "store" });
    expect(report.oldestAgeSeconds).toBeGreaterThan(1e9);
  });
});

/** The age that a run told. */
function ageOf({ oldestAgeSeconds }: Report): number {
  if (oldestAgeSeconds === undefined) throw new Error("no age was told");
  return oldestAgeSeconds;
}

describe("the age of the oldest file is by the server's clock", () => {
  /** A server whose clock is so far ahead, and which gives folders their times as file systems do. */
  function serverAhead(seconds: number, clock: HandClock, ages: Record<string, number>): World {
    const now = () => Math.round(clock.wallSeconds() + seconds);
    const aged = Object.entries(ages).map(([name, age]) => [
      name,
      { ...file(name), mtime: now() - age },
    ]);
    const world = new World(served(Object.fromEntries(aged) as Record<string, Node>));
    const alerts = nodeAt(world.root, "srv/alerts");
    alerts.mtime = now() - 9999;
    world.decide = (request) => {
      if (request.type === Type.Tunlinkat) alerts.mtime = now();
      return "answer";
    };
    return world;
  }

  test.each([0, -HOUR, HOUR, 30 * 24 * HOUR])(
    "which is %d s ahead, with a file removed",
    async (ahead) => {
      const clock = new HandClock();
      const world = serverAhead(ahead, clock, { done: 50, "open.partial": 700, "new.partial": 5 });
      const report = await world.run({ clock });
      expect(report).toMatchObject({ moved: 1, waiting: 2 });
      expect(Math.abs(ageOf(report) - 700)).toBeLessThanOrEqual(2);
      // Without a removal the next run knows what this one measured.
      clock.advance(100);
      const next = await world.run({ clock });
      expect(next).toMatchObject({ moved: 0, waiting: 2 });
      expect(Math.abs(ageOf(next) - 800)).toBeLessThanOrEqual(2);
      const notes = [...world.store.noted.keys()].filter((key) => key.startsWith(".clock/"));
      expect(notes).toHaveLength(ahead === 0 ? 0 : 1);
    },
  );

  test("which was set right since: what is measured last counts", async () => {
    const clock = new HandClock();
    for (const ahead of [HOUR, 0]) {
      const world = serverAhead(ahead, clock, { done: 50, "open.partial": 700 });
      const report = await world.run({ clock });
      expect(Math.abs(ageOf(report) - 700)).toBeLessThanOrEqual(2);
      clock.advance(10);
    }
  });

  test("by removals alone: what others changed while a file was read says nothing", async () => {
    const clock = new HandClock();
    const world = serverAhead(0, clock, { grows: 50, "open.partial": 700 });
    const alerts = nodeAt(world.root, "srv/alerts");
    const grows = nodeAt(world.root, "srv/alerts/grows");
    world.decide = ({ type }) => {
      if (type !== Type.Tread) return "answer";
      // Somebody makes a file in the folder, and then reading and sending take an hour.
      alerts.mtime = Math.round(clock.wallSeconds());
      grows.mtime++;
      clock.at += HOUR;
      return "answer";
    };
    const began = clock.at;
    const report = await world.run({ clock });
    expect(report).toMatchObject({ moved: 0, failed: 1 });
    expect(clock.at - began).toBeGreaterThanOrEqual(3 * HOUR);
    expect(Math.abs(ageOf(report) - 700 - (clock.at - began))).toBeLessThanOrEqual(2);
    const notes = [...world.store.noted.keys()].filter((key) => key.startsWith(".clock/"));
    expect(notes).toEqual([]);
  });

  test("a file that is removed counts as moved, also where the run is stopped while the time is looked up", async () => {
    const clock = new HandClock();
    const world = serverAhead(0, clock, { done: 50 });
    const alerts = nodeAt(world.root, "srv/alerts");
    const stop = new AbortController();
    let removed = false;
    world.decide = (request, connection) => {
      if (request.type === Type.Tunlinkat) removed = true;
      if (!removed || request.type !== Type.Tgetattr) return "answer";
      const about = connection.fids.get(request.body.bytes.readUInt32LE(7))?.at(-1);
      if (about !== alerts) return "answer";
      stop.abort();
      return "hold";
    };
    const report = await world.run({ clock, signal: stop.signal });
    expect(report).toMatchObject({ moved: 1, bytes: 4, waiting: 0, stopReason: "time" });
    expect(filesOf(world.root).size).toBe(0);
  });

  test("files of the future are of no age", async () => {
    const clock = new HandClock();
    const world = serverAhead(0, clock, { "open.partial": -5000 });
    expect(await world.run({ clock })).toMatchObject({ waiting: 1, oldestAgeSeconds: 0 });
  });
});

describe("the queue", () => {
  const candidate = (name: string, size = 1): Candidate => ({
    path: [Buffer.from(name)],
    attributes: {
      ...{ qid: { type: 0, version: 0, path: 0n }, type: FileType.File, exclusive: false },
      ...{ size, mtimeNanoseconds: 0n },
    },
    ...{ looks: 1, changes: 0, failures: 0 },
  });
  const nameOf = (taken: Candidate | undefined) => taken && Buffer.from(taken.path[0]!).toString();
  const { signal } = new AbortController();
  const options = { settleSeconds: 10, largeBytes: 100, capacity: 3 };

  test("gives small files to both lanes, large ones to one of them while small ones may come", async () => {
    const clock = new HandClock();
    const queue = new SettleQueue(clock, options);
    for (const [name, size] of [
      ["L1", 100],
      ["L2", 200],
      ["s1", 1],
    ] as const) {
      await queue.add(candidate(name, size), signal);
    }
    clock.advance(10);
    expect(nameOf(await queue.take("small", signal))).toBe("s1");
    expect(nameOf(await queue.take("large", signal))).toBe("L1");
    let taken: string | undefined;
    const waits = queue.take("small", signal).then((next) => (taken = nameOf(next)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeUndefined();
    queue.end();
    await waits;
    expect(taken).toBe("L2");
  });

  test("lets nobody bring more than there is room for, and ends when all is done", async () => {
    const clock = new HandClock();
    const queue = new SettleQueue(clock, { ...options, settleSeconds: 0 });
    for (const name of ["a", "b", "c"]) await queue.add(candidate(name), signal);
    let added = false;
    const adding = queue.add(candidate("d"), signal).then(() => (added = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(added).toBe(false);
    expect(nameOf(await queue.take("small", signal))).toBe("a");
    await adding;
    queue.end();
    for (const name of ["b", "c", "d"])
      expect(nameOf(await queue.take("small", signal))).toBe(name);
    let ended = false;
    const end = queue.take("small", signal).then(() => (ended = true));
    for (let left = 4; left > 0; left--) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(ended).toBe(false);
      queue.done();
    }
    await end;
    await eventually("it ends", () => ended);
  });
});
