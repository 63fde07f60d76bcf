import type { GcpRedisArgs } from "../../../../../components/redis/gcp/args";
import { planGcpRedis } from "../../../../../components/redis/gcp/plan";
import { faultsOf, networks, planOf } from "../../data-store/managed/plans";

const least: GcpRedisArgs = { allowedCidrs: ["10.4.0.0/14"], network: networks.gcp };
const plan = (args: object = {}) => planGcpRedis("db", { ...least, ...args });

test("fills every default in", () => {
  expect(planOf(plan())).toMatchObject({
    deletionProtection: true,
    evictionPolicy: "noeviction",
    highAvailability: true,
    maintenanceWindow: { day: "SUNDAY", hour: 3 },
    memoryGib: 5,
    region: "europe-west1",
    snapshotPeriod: "ONE_HOUR",
    version: "REDIS_7_2",
  });
});

test.each<[object, string[]]>([
  [
    { allowedCidrs: [] },
    [
      "allowedCidrs: names no client, so nobody could reach the store; try the range that pods or their nodes call from",
    ],
  ],
  [{ memoryGib: 0 }, ["memoryGib: out of range, got 0, allowed whole numbers 1 to 300"]],
  [
    { reservedCidr: "10.9.0.0/28" },
    [
      'reservedCidr: not a private range of eight addresses, got "10.9.0.0/28", allowed a /29, as in 10.9.0.0/29',
    ],
  ],
  [{ reservedCidr: "10.9.0.0/29" }, []],
  [
    { snapshotHours: 2 },
    ["snapshotHours: not a time between snapshots, got 2, allowed 1, 6, 12, 24"],
  ],
  [{ snapshotHours: 24 }, []],
  [{ version: "7.4" }, ['version: not one of the values, got "7.4", allowed 7.0, 7.2']],
])("finds in %j", (args, expected) => {
  expect(faultsOf(plan(args))).toEqual(expected);
});
