import { ninepWay } from "./ninep-way";
import { expectMovedOnce, type S3World, startS3World, type Tree, TWO_PARTS } from "./s3-world";
import { assertServersAlive } from "./server-process";
import { openGate } from "./store-gate";

/*
 * The uploader as a process of its own, killed at messages and requests on its way between diod and versitygw, both real. Every single
 * point of a run is a test in process (tests/unit/functions/trace-uploader/core/crash.test.ts).
 */

/** Every message and request of a run is a moment to die at, some hundreds; so many of them are tried, spread over it. */
const KILLS = Number(process.env.KVM_FABRIC_KILLS ?? "25");
/** Trees that are worked on at a time: a process that starts waits as often as it works. */
const LANES = 4;

/** A moment: a message of 9P, or a request to the store, on its way there or back. */
interface Point {
  kind: (typeof KINDS)[number];
  number: number;
}

const KINDS = ["request", "reply", "before", "after"] as const;

let world: S3World;

beforeAll(async () => {
  world = await startS3World();
});
afterAll(() => world.close());
afterEach(assertServersAlive);

/** A run in a process of its own, which is killed when it comes to a point. */
async function runProcess(tree: Tree, point?: Point) {
  const seen = { request: 0, reply: 0, before: 0, after: 0 };
  let killed = false;
  const arrives = (kind: Point["kind"]) => {
    seen[kind]++;
    if (point?.kind === kind && seen[kind] === point.number && !killed) {
      killed = true;
      child.kill("SIGKILL");
    }
    return !killed;
  };
  const way = await ninepWay(world.diod.port, (direction) => arrives(direction));
  const played = { ask: () => undefined, learn: () => void arrives("after") };
  const gate = await openGate(`http://127.0.0.1:${world.s3.port}`, played);
  gate.rule(() => (arrives("before") ? "pass" : "cut"));
  const { child, ended } = world.spawn(tree, way.port, Number(new URL(gate.url).port));
  const output = await ended;
  await Promise.all([way.close(), gate.close()]);
  return { seen, killed, output };
}

/** Kills one run, and lets the next end what it began; whether it was killed. */
async function killAndGoOn(point: Point): Promise<boolean> {
  const tree = world.plant(TWO_PARTS);
  const { killed } = await runProcess(tree, point);
  expect([point, world.lost(tree)]).toEqual([point, []]);
  const all = { failed: 0, waiting: 0, setAside: 0, stoppedEarly: false };
  expect([point, await world.run(tree, world.s3.port)]).toEqual([
    point,
    expect.objectContaining(all),
  ]);
  expectMovedOnce(world, tree);
  world.remove(tree);
  return killed;
}

function pointsOf(seen: Record<Point["kind"], number>): Point[] {
  return KINDS.flatMap((kind) =>
    Array.from({ length: seen[kind] }, (_, index): Point => ({ kind, number: index + 1 })),
  );
}

test(
  `killed with SIGKILL at ${KILLS} points of a run, the next run ends it: each file once, none removed before it was stored`,
  async () => {
    const { seen, output } = await runProcess(world.plant(TWO_PARTS));
    expect(output).toContain('"moved":6');
    const points = pointsOf(seen);
    expect(points.length).toBeGreaterThanOrEqual(300);
    const step = Math.max(1, points.length / KILLS);
    const chosen = points.filter(
      (_, index) => Math.floor(index / step) > Math.floor((index - 1) / step),
    );
    expect(chosen.length).toBeGreaterThanOrEqual(Math.min(KILLS, points.length));
    const left = [...chosen];
    let kills = 0;
    const lane = async () => {
      for (let point = left.shift(); point !== undefined; point = left.shift()) {
        if (await killAndGoOn(point)) kills += 1;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    // Two files at once take their turns as they come: the last points may lie behind a run's end.
    expect(kills).toBeGreaterThanOrEqual(Math.floor(chosen.length * 0.95));
  },
  KILLS * 20_000,
);

test("two processes at once leave each file in the store once", async () => {
  const tree = world.plant(TWO_PARTS);
  const outputs = await Promise.all([runProcess(tree), runProcess(tree)]);
  for (const { output } of outputs) expect(output).toContain('"failed":0');
  expectMovedOnce(world, tree);
});
