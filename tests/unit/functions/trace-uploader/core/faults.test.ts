import fc from "fast-check";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";
import { directory, file, type Node } from "../ninep/memory-server";
import { sha256 } from "./memory-store";
import { filesOf, refusal, served, World } from "./world";

/** Trees of any shape: folders in folders, names of any bytes, files of none to several parts. */
const name = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) =>
  Buffer.from(bytes)
    .toString("latin1")
    .replaceAll(/[/\0.]/g, "_"),
);
const contents = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const tree = fc.letrec<{ node: Node; folder: Node; file: Node }>((tie) => ({
  node: fc.oneof({ depthSize: "small" }, tie("file"), tie("folder")),
  folder: fc.dictionary(name, tie("node"), { maxKeys: 4 }).map((children) => directory(children)),
  file: contents.map((bytes) => file(bytes)),
})).folder;

/** What goes wrong with the nth request, by turns: mostly nothing. */
const troubles = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant("none" as const) },
    { weight: 1, arbitrary: fc.constantFrom("before", "after", "refuse" as const) },
  ),
  { minLength: 1, maxLength: 60 },
);

const sorted = (buffers: Iterable<Buffer>) => [...buffers].map(sha256).sort();

/** Each request of either side is lost, answered to nobody, or refused, as the lists say. */
function disturb(world: World, ninep: readonly string[], store: readonly string[]): void {
  let [messages, calls] = [0, 0];
  world.decide = (request) => {
    switch (ninep[messages++ % ninep.length]) {
      case "before":
        return "drop";
      case "after":
        return "execute";
      case "refuse":
        return refusal(request, 5);
      default:
        return "answer";
    }
  };
  const goesWrong = (when: string) => {
    const trouble = store[calls % store.length];
    if (trouble === when) throw new StoreError(StoreFault.Unavailable, when);
    if (trouble === "refuse" && when === "before") throw new StoreError(StoreFault.Refused, when);
  };
  world.store.gate = {
    before: () => {
      calls++;
      goesWrong("before");
    },
    after: () => {
      goesWrong("after");
    },
  };
}

test("whatever goes wrong, no content is lost, and when nothing does any more each file is stored once", async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, troubles, troubles, async (alerts, trace, ninep, store) => {
      const root = served({ below: alerts }, { below: trace });
      const world = new World(root);
      const files = sorted(filesOf(root).values());
      for (let run = 0; run < 3; run++) {
        disturb(world, [...ninep.slice(run), "none"], [...store.slice(run), "none"]);
        await world.run({ set: { setAsideHours: 0 } }).catch(() => undefined); // It may not connect.
        expect(world.lost).toEqual([]);
      }
      world.decide = () => "answer";
      world.store.gate = {};
      const report = await world.run({ set: { setAsideHours: 0 } });
      expect(report).toMatchObject({ failed: 0, waiting: 0, setAside: 0, stoppedEarly: false });
      expect([...filesOf(root).keys()]).toEqual([]);
      expect(sorted(world.store.objects.values())).toEqual(files);
    }),
    { numRuns: 60 },
  );
});
