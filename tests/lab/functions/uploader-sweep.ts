import { type BundleRun, left, plantTree, type QueenStandIn, type Tree } from "./uploader-world";
import type { StoreGate } from "./store-gate";

/** An object of a store, by somebody else's client. */
export interface FoundObject {
  key: string;
  content: Buffer;
}

/** A store, as a sweep sees it. */
export interface SweptStore {
  /** Opens a way to it. */
  open: () => Promise<StoreGate>;
  /** Runs the bundle for a tree, over a way. */
  run: (tree: Tree, gate: StoreGate) => BundleRun;
  /** All objects whose keys begin with a prefix. */
  objects: (prefix: string) => Promise<FoundObject[]>;
}

/** The objects that are files: what the uploader keeps for itself begins with a dot below the prefix. */
export async function filesIn(store: SweptStore, { name }: Tree): Promise<FoundObject[]> {
  const found = await store.objects(`${name}/`);
  return found.filter(({ key }) => !key.startsWith(`${name}/.`));
}

/** What is wrong: files removed whose content the store has not; none at any moment, whatever was killed. */
export async function lost(store: SweptStore, tree: Tree): Promise<string[]> {
  const [there, objects] = [new Set(left(tree)), await filesIn(store, tree)];
  return [...tree.files.keys()].filter(
    (file) =>
      !there.has(file) && !objects.some(({ content }) => content.equals(tree.files.get(file)!)),
  );
}

/** Expects that every file is in the store exactly once, and of the tree's files only that which is still written is left. */
export async function expectMoved(store: SweptStore, tree: Tree): Promise<void> {
  expect(left(tree)).toEqual(["trace/growing.partial"]);
  const objects = await filesIn(store, tree);
  const sizes = (contents: Iterable<Buffer>) => [...contents].map(({ length }) => length).sort();
  expect(sizes(objects.map(({ content }) => content))).toEqual(sizes(tree.files.values()));
  expect(await lost(store, tree)).toEqual([]);
}

/**
 * Kills the uploader at requests to the store, before the store has one or before its answer is back, and lets a second run end what the
 * first began: each with a tree of its own, some at a time. Returns how many were killed; the others were through before.
 */
export async function killAll(
  queen: QueenStandIn,
  store: SweptStore,
  requests: readonly number[],
): Promise<number> {
  const points = requests.flatMap((request) => [
    { request, answered: false },
    { request, answered: true },
  ]);
  let kills = 0;
  const lane = async () => {
    for (let at = points.shift(); at !== undefined; at = points.shift()) {
      if (await killAndGoOn(queen, store, at)) kills += 1;
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return kills;
}

async function killAndGoOn(
  queen: QueenStandIn,
  store: SweptStore,
  at: { request: number; answered: boolean },
): Promise<boolean> {
  const tree = plantTree(queen, `kill-${at.request}-${at.answered ? "after" : "before"}`);
  const gate = await store.open();
  const first = store.run(tree, gate);
  let wasKilled = false;
  gate.rule(({ number }) => {
    if (number < at.request) return "pass";
    if (number > at.request) return "cut";
    wasKilled = true;
    if (at.answered) return "lose answer";
    first.child.kill("SIGKILL");
    return "cut";
  });
  gate.onLost(() => first.child.kill("SIGKILL"));
  const { output } = await first.ended;
  gate.rule(() => "pass");
  expect({ at, lost: await lost(store, tree), output }).toMatchObject({ lost: [] });
  const second = await store.run(tree, gate).ended;
  expect({ at, ...second }).toMatchObject({ code: 0 });
  await expectMoved(store, tree);
  await gate.close();
  return wasKilled;
}

/** Numbers from 1, at most so many of them, evenly spread, the last one included. */
export function spread(last: number, most: number): number[] {
  const step = Math.max(1, last / most);
  const numbers = Array.from({ length: Math.min(most, last) }, (_, index) =>
    Math.round(last - index * step),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}
