import { ResourceError } from "@pulumi/pulumi";
import { type DataStoreOutputs, dataStoreRef } from "../../../components/data-store/data-store-ref";
import { Postgres } from "../../../components/postgres/postgres";
import { Redis } from "../../../components/redis/redis";
import { leastPostgres, leastRedis } from "../../unit/components/data-store/arguments";
import { CLASSES, make, run } from "./managed/stores";

const consumers = [
  { name: "jobs", namespace: "jobs" },
  { name: "gateway", namespace: "api", secretName: "store-of-gateway" },
];
const stores: [string, () => DataStoreOutputs][] = [
  ["Postgres", () => new Postgres("db", { ...leastPostgres, consumers })],
  ["Redis", () => new Redis("db", { ...leastRedis, consumers })],
  ...CLASSES.map((kind): [string, () => DataStoreOutputs] => [
    kind,
    () => make(kind, "db", { consumers }),
  ]),
];

/** What a reference fails with while no output of any store is known yet, as in the first preview. */
async function refused(store: () => DataStoreOutputs, consumer: string): Promise<unknown> {
  let found: unknown;
  const program = () => {
    const made = store();
    try {
      dataStoreRef(made, consumer);
    } catch (error) {
      found = error;
    }
  };
  await run(program, { preview: true });
  return found;
}

test.each(stores)("a wrong consumer of %s is one fault of the first preview", async (_, store) => {
  expect(await refused(store, "gateway")).toBeUndefined();
  const error = await refused(store, "gatway");
  // Without a stack, which would lead into this project's files.
  expect(error).toMatchObject({ hideStack: true, resource: { __name: "db" } });
  if (!ResourceError.isInstance(error)) throw new Error("another kind of error");
  expect(error.message).toBe('the data store has no consumer "gatway", allowed gateway, jobs');
});

test("what every object has is no consumer", async () => {
  for (const [, store] of stores.slice(0, 2)) {
    expect(String(await refused(store, "constructor"))).toMatch(/no consumer "constructor"/);
  }
});
