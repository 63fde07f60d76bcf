import type { ManagedPostgresArgs } from "../../../../../components/data-store/managed/args";
import {
  clientFaults,
  managedPostgresFaults,
  managedStoreFaults,
} from "../../../../../components/data-store/managed/faults";
import {
  INSTANCE_NAMING,
  type InstanceNaming,
} from "../../../../../components/data-store/managed/instance-name";
import { majorUpgradeFaults } from "../../../../../components/data-store/managed/major-upgrade";
import {
  CLOUD_SQL_CALENDAR,
  FLEXIBLE_SERVER_CALENDAR,
  type PostgresCalendar,
  postgresVersionFaults,
  postgresVersionWarnings,
  RDS_CALENDAR,
} from "../../../../../components/data-store/managed/postgres-versions";
import {
  mostStorageGib,
  storageFaults,
} from "../../../../../components/data-store/managed/storage";
import {
  awsWindow,
  backupHour,
  clock,
  windowPlan,
} from "../../../../../components/data-store/managed/window";
import { Weekday } from "../../../../../components/cluster/weekday";
import { renderFault } from "../../../../../components/shared/faults";
import { TODAY } from "./plans";

const { elastiCache } = INSTANCE_NAMING;
const store = (name: string, args: object, naming: InstanceNaming = elastiCache) =>
  managedStoreFaults(name, args, naming).map(renderFault);
const taken = (longest: number) =>
  `allowed a-z, 0-9 and single dashes, first a letter, last not a dash, at most ${String(longest)} characters`;

test.each<[string, object, string[]]>([
  ["db", {}, []],
  ["a".repeat(40), {}, []],
  [
    "a--b",
    {},
    [
      `name: not a name for an instance of ElastiCache, got "a--b", ${taken(40)}; try another in instanceName`,
    ],
  ],
  ["db", { allowedCidrs: ["10.0.0.0/8", "100.64.0.0/16"] }, []],
  [
    "db",
    { allowedCidrs: ["0.0.0.0/0"] },
    [
      'allowedCidrs[0]: allows too much of the internet, got "0.0.0.0/0", allowed prefixes /8 to /32',
    ],
  ],
  [
    "db",
    { allowedCidrs: ["10.0.0.0/20", "203.0.113.0/24"] },
    [
      'allowedCidrs[1]: a public range, and the store has no public address, got "203.0.113.0/24", allowed 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10',
    ],
  ],
  [
    "db",
    { allowedCidrs: ["x"] },
    ['allowedCidrs[0]: not an IPv4 range, got "x", allowed as in 203.0.113.0/24'],
  ],
  ["db", { networkCidrs: [] }, ["networkCidrs: empty; try to leave it out"]],
  [
    "db",
    { maintenanceWindow: { hour: 24 } },
    ["maintenanceWindow.hour: out of range, got 24, allowed whole numbers 0 to 23"],
  ],
  [
    "db",
    { maintenanceWindow: { day: "Someday" } },
    [
      'maintenanceWindow.day: not one of the values, got "Someday", allowed Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday',
    ],
  ],
])("of a store called %s with %j", (name, args, expected) => {
  expect(store(name, args)).toEqual(expected);
});

// As the services document them, less what is put behind the name.
const LONGEST: Record<keyof typeof INSTANCE_NAMING, [string, number]> = {
  rds: ["RDS", 63],
  elastiCache: ["ElastiCache", 40],
  cloudSql: ["Cloud SQL", 63 - "-endpoint".length],
  memorystore: ["Memorystore", 40],
  flexibleServer: ["Flexible Server", 63 - "-0a1b2c3d".length],
  managedRedis: ["Azure Managed Redis", 60 - "-0a1b2c3d".length],
};

test.each(Object.entries(LONGEST))("what %s takes as a name", (key, [service, longest]) => {
  const naming = INSTANCE_NAMING[key as keyof typeof INSTANCE_NAMING];
  const problem = `not a name for an instance of ${service}`;
  for (const right of ["d", "prod-db-2", "a".repeat(longest)]) {
    expect(store("db", { instanceName: right }, naming)).toEqual([]);
    expect(store(right, {}, naming)).toEqual([]);
  }
  const wrong = [
    "",
    "1db",
    "-db",
    "db-",
    "a--b",
    "Db",
    "d_b",
    "d.b",
    "dé",
    "a".repeat(longest + 1),
  ];
  for (const got of wrong) {
    expect(store("db", { instanceName: got }, naming)).toEqual([
      `instanceName: ${problem}, got ${JSON.stringify(got)}, ${taken(longest)}`,
    ]);
  }
});

test("a component whose own name the cloud would not take is called otherwise there", () => {
  const name = "a".repeat(63);
  expect(store(name, {})).toEqual([
    `name: not a name for an instance of ElastiCache, got "${name}", ${taken(40)}; try another in instanceName`,
  ]);
  expect(store(name, { instanceName: "db" })).toEqual([]);
  // Secrets are called after the component all the same.
  expect(store("Db", { instanceName: "db" })).toHaveLength(1);
});

test("a name that no object can have, and two consumers of one name, are each a fault", () => {
  const consumers = [
    { name: "a", namespace: "n" },
    { name: "a", namespace: "n" },
  ];
  expect(managedStoreFaults("Db", { consumers }, elastiCache).map(({ path }) => path)).toEqual([
    "name",
    "consumers[1].name",
  ]);
});

test("somebody has to be let in", () => {
  expect(clientFaults({}).map(renderFault)).toEqual([
    "allowedCidrs: names no client, so nobody could reach the store; try the range that pods or their nodes call from",
  ]);
  expect(clientFaults({}, 1)).toEqual([]);
  expect(clientFaults({ allowedCidrs: ["10.0.0.0/20"] })).toEqual([]);
});

const reserved = "a name that Postgres or a cloud keeps for itself";
const quoted = "needs quotes in SQL";
const letters = "allowed a-z, 0-9 and _, first a letter, at most 63 characters";
test.each<[Partial<ManagedPostgresArgs>, string[]]>([
  [{}, []],
  [{ database: "app_1", username: "app_1", backupRetentionDays: 35 }, []],
  [
    { backupRetentionDays: 0 },
    ["backupRetentionDays: out of range, got 0, allowed whole numbers 7 to 35"],
  ],
  [
    { backupRetentionDays: 36 },
    ["backupRetentionDays: out of range, got 36, allowed whole numbers 7 to 35"],
  ],
  [{ database: "postgres" }, [`database: ${reserved}, got "postgres"`]],
  [{ database: "pg_mine" }, [`database: ${reserved}, got "pg_mine"`]],
  [{ username: "admin" }, [`username: ${reserved}, got "admin"`]],
  [{ username: "azure_pg_admin" }, [`username: ${reserved}, got "azure_pg_admin"`]],
  [{ username: "cloudsqlsuperuser" }, [`username: ${reserved}, got "cloudsqlsuperuser"`]],
  [{ username: "rdsadmin" }, [`username: ${reserved}, got "rdsadmin"`]],
  [{ username: "App" }, [`username: ${quoted}, got "App", ${letters}`]],
  [{ database: "my-db" }, [`database: ${quoted}, got "my-db", ${letters}`]],
])("of a Postgres with %j", (args, expected) => {
  expect(managedPostgresFaults({ version: "17", ...args }, 35).map(renderFault)).toEqual(expected);
});

const versions = (got: string, calendar: PostgresCalendar, extended = false, minors = false) =>
  postgresVersionFaults("version", got, calendar, { extended, minors, today: TODAY }).map(
    renderFault,
  );

test.each<[string, PostgresCalendar, string[]]>([
  ["17", RDS_CALENDAR, []],
  ["18", CLOUD_SQL_CALENDAR, []],
  ["15", FLEXIBLE_SERVER_CALENDAR, []],
  [
    "17.6",
    CLOUD_SQL_CALENDAR,
    [
      'version: not a major version of Postgres, got "17.6", allowed 13, 14, 15, 16, 17, 18 (known on 2025-08-19)',
    ],
  ],
  [
    "9.6",
    RDS_CALENDAR,
    [
      'version: not a major version of Postgres, got "9.6", allowed 13, 14, 15, 16, 17, 18 (known on 2025-12-01)',
    ],
  ],
  [
    "12",
    RDS_CALENDAR,
    [
      `version: RDS was not known to run it: see ${RDS_CALENDAR.source}, got "12", allowed 13, 14, 15, 16, 17, 18 (known on 2025-12-01)`,
    ],
  ],
  [
    "13",
    RDS_CALENDAR,
    [
      'version: its standard support by RDS ended on 2026-02-28, got "13", allowed 13, 14, 15, 16, 17, 18 (known on 2025-12-01); try a newer one, or extendedSupport: true',
    ],
  ],
  [
    "14",
    FLEXIBLE_SERVER_CALENDAR,
    [
      'version: Flexible Server ended its support on 2026-11-12, got "14", allowed 13, 14, 15, 16, 17, 18 (known on 2025-12-01); try a newer one',
    ],
  ],
])("judges version %s", (got, calendar, expected) => {
  expect(versions(got, calendar)).toEqual(expected);
});

test("extended support is for those who ask for it, as long as it is sold; minors where they can be pinned", () => {
  expect(versions("13", RDS_CALENDAR, true)).toEqual([]);
  expect(versions("14", FLEXIBLE_SERVER_CALENDAR, true)).toHaveLength(1);
  expect(versions("17.6", RDS_CALENDAR, false, true)).toEqual([]);
  expect(versions("17.6.1", RDS_CALENDAR, false, true)).toHaveLength(1);
  const later = { extended: true, minors: false, today: new Date("2029-03-01T00:00:00Z") };
  expect(
    postgresVersionFaults("version", "13", RDS_CALENDAR, later).map(({ problem }) => problem),
  ).toEqual(["RDS ended its support on 2029-02-28"]);
});

test("a version is warned of half a year before its end, and while it is billed extra", () => {
  const warnings = (day: string) =>
    postgresVersionWarnings("14", RDS_CALENDAR, new Date(`${day}T12:00:00Z`));
  expect(warnings("2026-08-01")).toEqual([]);
  expect(warnings("2026-11-22")).toEqual([
    "RDS ends standard support of Postgres 14 on 2027-02-28",
  ]);
  expect(warnings("2027-02-28")).toEqual([
    "RDS ends standard support of Postgres 14 on 2027-02-28",
  ]);
  expect(warnings("2027-03-01")).toEqual([
    "RDS bills extended support of Postgres 14 since 2027-02-28",
  ]);
});

test.each([RDS_CALENDAR, CLOUD_SQL_CALENDAR, FLEXIBLE_SERVER_CALENDAR])(
  "the calendar of $provider is in order, and each version lasts longer than the one before",
  ({ asOf, majors, source }) => {
    const numbers = majors.map(({ major }) => Number(major));
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    const ends = majors.map(({ standardUntil }) => Date.parse(standardUntil));
    expect(ends).toEqual([...ends].sort((one, other) => one - other));
    for (const { extendedUntil, standardUntil } of majors) {
      if (extendedUntil !== undefined) expect(extendedUntil > standardUntil).toBe(true);
    }
    expect(Date.parse(asOf)).not.toBeNaN();
    expect(source).toMatch(/^https:\/\//);
  },
);

test.each<[unknown, unknown, boolean, string[]]>([
  ["17", "17", false, []],
  ["17", "17.6", false, []],
  ["POSTGRES_17", "POSTGRES_17", false, []],
  [undefined, "17", false, []],
  ["17", { unknown: true }, false, []],
  [
    "17.6",
    "18",
    false,
    [
      'version: an upgrade in place of 17, which takes the store down and cannot be undone, got "18"; try a backup, and allowMajorUpgrade: true',
    ],
  ],
  ["POSTGRES_17", "POSTGRES_18", true, []],
  [
    "18",
    "17",
    true,
    [
      'version: a Postgres does not go back, and 18 runs, got "17"; try a restore of a backup into a new one',
    ],
  ],
])("from %s to %s, upgrades allowed: %s", (from, to, allowed, expected) => {
  expect(majorUpgradeFaults(from, to, allowed).map(renderFault)).toEqual(expected);
});

test("a storage has room to grow, and grows to five times its size by itself", () => {
  const faults = (storage: number, most?: number) =>
    storageFaults(storage, most, 20).map(renderFault);
  expect(faults(100, 110)).toEqual([]);
  expect(faults(100)).toEqual([]);
  expect(faults(100, 109)).toEqual([
    "maxStorageGib: leaves the storage no room to grow, got 109, allowed at least 110",
  ]);
  expect(faults(19, 1)).toHaveLength(2);
  expect(mostStorageGib(100, undefined)).toBe(500);
  expect(mostStorageGib(20_000, undefined)).toBe(65_536);
  expect(mostStorageGib(100, 200)).toBe(200);
});

test("a window crosses midnight and the week's end, and the backup never falls into it", () => {
  expect(awsWindow(windowPlan())).toBe("sun:03:00-sun:04:00");
  expect(awsWindow(windowPlan({ day: Weekday.Sunday, hour: 23 }))).toBe("sun:23:00-mon:00:00");
  expect(awsWindow(windowPlan({ day: Weekday.Monday, hour: 0 }))).toBe("mon:00:00-mon:01:00");
  for (let hour = 0; hour < 24; hour += 1) {
    const backup = backupHour(windowPlan({ hour }));
    expect(backup).not.toBe(hour);
    expect((backup + 1) % 24).not.toBe(hour);
    expect(clock(backup)).toMatch(/^([01]\d|2[0-3]):00$/);
  }
});
