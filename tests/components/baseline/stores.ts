import { make, outputsOf, storeCall, type StoreClass } from "../data-store/managed/stores";
import type { Recorded } from "./rules";
import { recorded } from "./stacks";

/**
 * A cloud's Postgres, named `sql`, and its Redis, `cache`, with nothing but what has no default. For nobody in a cluster: the
 * cloud's own secret store holds the login all the same.
 */
export const storesOf = (postgres: StoreClass, redis: StoreClass) => (): Promise<Recorded[]> =>
  recorded(
    () => {
      make(postgres, "sql", { consumers: [] });
      make(redis, "cache", { consumers: [] });
    },
    { outputsOf, call: storeCall },
  );
