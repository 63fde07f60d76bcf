import { assertServersAlive } from "./server-process";
import type { StoreGate } from "./store-gate";
import { expectMoved, filesIn, killAll, lost, spread, type SweptStore } from "./uploader-sweep";
import { plantTree, type QueenStandIn } from "./uploader-world";

/** A bundle between diod behind mutual TLS, as Queen is, and the server of its cloud's store. */
export interface BundleWorld {
  queen: QueenStandIn;
  store: SweptStore;
  /** A way to the store, over which a test makes things go wrong. */
  gate: StoreGate;
}

interface Closable {
  close: () => Promise<void>;
}

/** Opens one thing, and has it closed in the end, whatever comes. */
export type Keep = <T extends Closable>(opening: Promise<T>) => Promise<T>;

/** Has a world opened before the first test of a file and closed after the last; answers with it once it is there. */
export function useWorld<World extends BundleWorld>(
  open: (keep: Keep) => Promise<World>,
): () => World {
  const opened: Closable[] = [];
  let world: World;
  beforeAll(async () => {
    world = await open(async (opening) => {
      const one = await opening;
      opened.push(one);
      return one;
    });
  });
  beforeEach(() => {
    world.gate.rule(() => "pass");
  });
  afterEach(assertServersAlive);
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
  });
  return () => world;
}

/** What every bundle of a cloud does alike. `storeLost` is what a run says that has no store any more. */
export function testBundle(worldOf: () => BundleWorld, storeLost: string): void {
  let requests: number;

  test("a whole tree is moved, and what is still written stays", async () => {
    const { queen, store, gate } = worldOf();
    const tree = plantTree(queen, "whole");
    const { code, output } = await store.run(tree, gate).ended;
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain('"moved":4');
    await expectMoved(store, tree);
    const keys = (await filesIn(store, tree)).map(({ key }) => key);
    expect(keys).toContainEqual(
      expect.stringMatching(/^whole\/whole\/alerts\/one\.json\/\d{8}T.*-11$/),
    );
    requests = gate.count();
  });

  test("killed at any request to the store, the next run ends what was begun: nothing lost, nothing twice", async () => {
    const { queen, store } = worldOf();
    expect(await killAll(queen, store, spread(requests, 6))).toBeGreaterThanOrEqual(10);
  });

  test("a store that throttles, or fails, at the first of all requests is asked again", async () => {
    const { queen, store, gate } = worldOf();
    const tree = plantTree(queen, "busy");
    const seen = new Set<string>();
    const statuses = [503, 429, 500, 502];
    gate.rule(({ method, url, headers }) => {
      const request = `${method} ${url} ${headers["content-range"] ?? ""}`;
      if (seen.has(request)) return "pass";
      seen.add(request);
      return { status: statuses[seen.size % 4]!, headers: { "retry-after": "0" } };
    });
    expect(await store.run(tree, gate).ended).toMatchObject({ code: 0 });
    await expectMoved(store, tree);
  });

  test("a store that is down loses nothing, and the run fails", async () => {
    const { queen, store, gate } = worldOf();
    const tree = plantTree(queen, "down");
    gate.rule(({ number }) => (number > 4 ? { status: 503 } : "pass"));
    const { code, output } = await store.run(tree, gate).ended;
    expect({ code, output }).toMatchObject({ code: 1 });
    expect(output).toContain(storeLost);
    expect(await lost(store, tree)).toEqual([]);
    gate.rule(() => "pass");
    expect(await store.run(tree, gate).ended).toMatchObject({ code: 0 });
    await expectMoved(store, tree);
  });
}
