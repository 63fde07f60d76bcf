import type { Report } from "../../../../../functions/trace-uploader/core";
import { NinepError } from "../../../../../functions/trace-uploader/ninep";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";
import { sha256 } from "./memory-store";
import { filesOf, sampleTree, World } from "./world";

/** A moment of a run: before or after the effect of its nth request to the one or the other. */
interface Moment {
  side: "9P" | "store";
  call: number;
  when: "before" | "after";
}

/** Lets the uploader die at a moment: from then on nothing it asks for has any effect. Returns how many requests there were. */
async function dieAt(world: World, moment: Moment | undefined) {
  const made = { "9P": 0, store: 0 };
  let dead = false;
  const dies = (side: Moment["side"], when: Moment["when"], call: number) => {
    dead ||= moment?.side === side && moment.when === when && moment.call === call;
    return dead;
  };
  const stop = (happens: boolean) => {
    if (happens) throw new StoreError(StoreFault.Unavailable, "dead");
  };
  world.decide = () => {
    const call = ++made["9P"];
    if (dead || dies("9P", "before", call)) return "drop";
    return dies("9P", "after", call) ? "execute" : "answer";
  };
  let calls = 0;
  world.store.gate = {
    before: () => {
      calls = ++made.store;
      stop(dead || dies("store", "before", calls));
    },
    after: () => {
      stop(dead || dies("store", "after", calls));
    },
  };
  let report: Report | undefined;
  try {
    report = await world.run({ set: { filesAtOnce: 1, partsAtOnce: 1 } });
  } catch (error) {
    expect(error).toBeInstanceOf(NinepError); // While connecting.
  }
  world.decide = () => "answer";
  world.store.gate = {};
  return { made, dead, report };
}

const sorted = (contents: Iterable<Buffer>) => [...contents].map(sha256).sort();

async function momentsOfOneRun(): Promise<Moment[]> {
  const world = new World(sampleTree());
  const { made, report } = await dieAt(world, undefined);
  expect(report).toMatchObject({ moved: 7, failed: 0, waiting: 0, stoppedEarly: false });
  return (["9P", "store"] as const).flatMap((side) =>
    Array.from({ length: made[side] }, (_, index) => index + 1).flatMap((call) =>
      (["before", "after"] as const).map((when) => ({ side, call, when })),
    ),
  );
}

test("whatever request a run dies at, the next one leaves each file in the store exactly once", async () => {
  const moments = await momentsOfOneRun();
  expect(moments.length).toBeGreaterThanOrEqual(300);
  for (const moment of moments) {
    const world = new World(sampleTree());
    const files = sorted(filesOf(world.root).values());
    const { dead } = await dieAt(world, moment);
    const where = `${moment.side} ${moment.call} ${moment.when}`;
    expect([where, dead]).toEqual([where, true]);
    expect([where, world.lost]).toEqual([where, []]);
    const after = await world.run();
    expect([where, after]).toEqual([
      where,
      expect.objectContaining({ failed: 0, waiting: 0, setAside: 0, stoppedEarly: false }),
    ]);
    expect([where, world.lost]).toEqual([where, []]);
    expect([where, [...filesOf(world.root).keys()]]).toEqual([where, []]);
    expect([where, sorted(world.store.objects.values())]).toEqual([where, files]);
  }
});

test("a run that dies again and again gets through", async () => {
  const world = new World(sampleTree());
  const files = sorted(filesOf(world.root).values());
  for (let call = 9; filesOf(world.root).size > 0; call += 3) {
    await dieAt(world, { side: "9P", call, when: "after" });
    expect(call).toBeLessThan(500);
  }
  expect(world.lost).toEqual([]);
  expect(sorted(world.store.objects.values())).toEqual(files);
});

test("two uploaders at once move each file once, wherever one of them is slower", async () => {
  for (let seed = 0; seed < 15; seed++) {
    const world = new World(sampleTree());
    const files = sorted(filesOf(world.root).values());
    let turn = seed;
    const pause = async () => {
      turn = (turn * 1_103_515_245 + 12_345) % 2_147_483_648;
      for (let wait = turn % 5; wait > 0; wait--) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    world.store.gate = { before: pause, after: pause };
    const reports = await Promise.all([world.run(), world.run()]);
    expect(world.lost).toEqual([]);
    expect([...filesOf(world.root).keys()]).toEqual([]);
    expect(sorted(world.store.objects.values())).toEqual(files);
    expect(reports.map(({ failed, stoppedEarly }) => ({ failed, stoppedEarly }))).toEqual([
      { failed: 0, stoppedEarly: false },
      { failed: 0, stoppedEarly: false },
    ]);
  }
});
