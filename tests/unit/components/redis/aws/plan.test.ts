import { EvictionPolicy } from "../../../../../components/redis/args";
import type { AwsRedisArgs } from "../../../../../components/redis/aws/args";
import { planAwsRedis } from "../../../../../components/redis/aws/plan";
import { faultsOf, networks, planOf } from "../../data-store/managed/plans";

const least: AwsRedisArgs = { allowedCidrs: ["10.0.0.0/20"], network: networks.aws };
const plan = (args: object = {}) => planAwsRedis("db", { ...least, ...args });

test("fills every default in", () => {
  expect(planOf(plan())).toMatchObject({
    backupRetentionDays: 7,
    backupWindow: "07:00-08:00",
    deletionProtection: true,
    evictionPolicy: EvictionPolicy.NoEviction,
    family: "valkey8",
    highAvailability: true,
    logGroups: { log: "/aws/elasticache/db/engine", "slow-log": "/aws/elasticache/db/slow" },
    maintenanceWindow: "sun:03:00-sun:04:00",
    size: "cache.m7g.large",
    version: "8.1",
  });
});

test("parameters are of the version's family", () => {
  expect(planOf(plan({ version: "7.2" })).family).toBe("valkey7");
});

test.each<[object, string[]]>([
  [
    { network: { ...networks.aws, privateSubnetIds: ["subnet-0000000a"] } },
    [
      "network.privateSubnetIds: one zone, and a second copy needs another, got 1, allowed at least two subnets, in different zones",
    ],
  ],
  [
    { allowedCidrs: [] },
    [
      "allowedCidrs: names no client, so nobody could reach the store; try the range that pods or their nodes call from",
    ],
  ],
  [
    { backupRetentionDays: 0 },
    ["backupRetentionDays: out of range, got 0, allowed whole numbers 1 to 35"],
  ],
  [
    { evictionPolicy: "none" },
    [
      'evictionPolicy: not one of the values, got "none", allowed noeviction, allkeys-lru, allkeys-lfu, volatile-lru, volatile-lfu, volatile-ttl',
    ],
  ],
  [
    { size: "cache.t4g.micro" },
    [
      'size: too small: half of its memory is the machine\'s own, got "cache.t4g.micro", allowed small or larger; try cache.t4g.small',
    ],
  ],
  [{ size: "cache.t4g.small" }, []],
  [
    { size: "db.t4g.small" },
    ['size: not a size of AWS, got "db.t4g.small", allowed as in cache.m7g.large'],
  ],
  [
    { subnetIds: ["subnet-0000000a"] },
    [
      "subnetIds: one zone, and a second copy needs another, got 1, allowed at least two subnets, in different zones",
    ],
  ],
  [{ version: "6.2" }, ['version: not one of the values, got "6.2", allowed 7.2, 8.0, 8.1, 8.2']],
])("finds in %j", (args, expected) => {
  expect(faultsOf(plan(args))).toEqual(expected);
});
