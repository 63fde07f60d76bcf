import { EvictionPolicy } from "../../../../../components/redis/args";
import type { AzureRedisArgs } from "../../../../../components/redis/azure/args";
import { planAzureRedis } from "../../../../../components/redis/azure/plan";
import { faultsOf, networks, planOf } from "../../data-store/managed/plans";

const least: AzureRedisArgs = {
  allowedCidrs: ["10.0.0.0/20"],
  network: networks.azure,
  subnetCidr: "10.0.240.0/28",
};
const plan = (args: object = {}) => planAzureRedis("db", { ...least, ...args });

test("fills every default in", () => {
  expect(planOf(plan())).toMatchObject({
    deletionProtection: true,
    evictionPolicy: "NoEviction",
    highAvailability: true,
    size: "Balanced_B5",
  });
});

test("each policy is one of Azure's", () => {
  const names = Object.values(EvictionPolicy).map(
    (evictionPolicy) => planOf(plan({ evictionPolicy })).evictionPolicy,
  );
  expect(names).toEqual([
    "NoEviction",
    "AllKeysLRU",
    "AllKeysLFU",
    "VolatileLRU",
    "VolatileLFU",
    "VolatileTTL",
  ]);
});

test.each<[object, string[]]>([
  [{ maintenanceWindow: {} }, ["maintenanceWindow: Azure chooses it; try to leave it out"]],
  [
    { size: "Balanced_B0" },
    [
      'size: too small: half a gibibyte, a part of which is the server\'s own, got "Balanced_B0"; try Balanced_B1',
    ],
  ],
  [
    { size: "Enterprise_E10" },
    [
      'size: a size of Azure Cache for Redis Enterprise, which Azure is giving up, got "Enterprise_E10"; try Balanced_B5',
    ],
  ],
  [
    { size: "Balanced_B7" },
    [
      expect.stringMatching(
        /^size: not a size of Azure Managed Redis, got "Balanced_B7", allowed Balanced_B1, 3/,
      ),
    ],
  ],
  [{ size: "C1" }, [expect.stringMatching(/^size: not a size of Azure Managed Redis, got "C1"/)]],
  [{ size: "MemoryOptimized_M20" }, []],
  [
    { subnetCidr: undefined },
    ["subnetCidr: missing: the store needs a place, allowed either subnetCidr or subnetId"],
  ],
])("finds in %j", (args, expected) => {
  expect(faultsOf(plan(args))).toEqual(expected);
});
