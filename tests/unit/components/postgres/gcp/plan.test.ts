import type { GcpPostgresArgs } from "../../../../../components/postgres/gcp/args";
import { planGcpPostgres } from "../../../../../components/postgres/gcp/plan";
import { projectOf } from "../../../../../components/data-store/managed/gcp-clients";
import { faultsOf, networks, planOf, TODAY } from "../../data-store/managed/plans";

const least: GcpPostgresArgs = {
  allowedCidrs: ["10.4.0.0/14"],
  network: networks.gcp,
  version: "17",
};
const plan = (args: Partial<GcpPostgresArgs> = {}) =>
  planGcpPostgres("db", { ...least, ...args }, TODAY);

test("fills every default in", () => {
  expect(planOf(plan())).toMatchObject({
    backupRetentionDays: 7,
    backupTime: "07:00",
    database: "app",
    deletionProtection: true,
    edition: "ENTERPRISE_PLUS",
    highAvailability: true,
    labels: { "managed-by": "pulumi", "part-of": "kvm-fabric" },
    maintenanceWindow: { day: 7, hour: 3 },
    maxStorageGib: 500,
    size: "db-perf-optimized-N-2",
    storageGib: 100,
    username: "app",
    warnings: [],
  });
});

test("the edition is the tier's", () => {
  expect(planOf(plan({ size: "db-custom-2-7680" })).edition).toBe("ENTERPRISE");
});

test("warns of a version whose support ends soon", () => {
  expect(planOf(plan({ version: "14" })).warnings).toEqual([
    "Cloud SQL ends standard support of Postgres 14 on 2027-01-31",
  ]);
});

test.each<[Partial<GcpPostgresArgs>, string[]]>([
  [
    { allowedCidrs: [] },
    [
      "allowedCidrs: names no client, so nobody could reach the store; try the range that pods or their nodes call from",
    ],
  ],
  [{ backupRetentionDays: 35 }, []],
  [
    { backupRetentionDays: 8, size: "db-custom-2-7680" },
    ["backupRetentionDays: out of range, got 8, allowed whole numbers 7 to 7"],
  ],
  [
    { encryptionKey: "mine" },
    [
      'encryptionKey: not the id of a Cloud KMS key, got "mine", allowed projects/P/locations/L/keyRings/R/cryptoKeys/K',
    ],
  ],
  [
    { labels: { Team: "a" } },
    [
      'labels.Team: not a label of Google Cloud, got "a", allowed a-z, 0-9, - and _, at most 63 characters, keys with a letter first',
    ],
  ],
  [{ parameters: { "A b": "on" } }, ['parameters.A b: not the name of a flag, got "A b"']],
  [
    { size: "db-f1-micro" },
    [
      'size: too small: it shares a CPU, and Google promises nothing of it, got "db-f1-micro"; try db-custom-1-3840',
    ],
  ],
  [
    { size: "db-custom-3-3840" },
    ['size: no such number of vCPU, got "db-custom-3-3840", allowed 1, or even up to 96'],
  ],
  [{ size: "db-custom-1-3840" }, []],
  [{ size: "db-custom-4-3840" }, []],
  [
    { size: "db-custom-8-3840" },
    [
      'size: no such memory for its vCPU, got "db-custom-8-3840", allowed 7424 to 53248 MiB in steps of 256',
    ],
  ],
  [
    { size: "db-perf-optimized-N-6" },
    [
      'size: no such machine of Enterprise Plus, got "db-perf-optimized-N-6", allowed 2, 4, 8, 16, 32, 48, 64, 80, 96, 128 vCPU',
    ],
  ],
  [
    { size: "large" },
    [
      'size: not a tier of Cloud SQL, got "large", allowed db-perf-optimized-N-CPUS, db-custom-CPUS-MIB',
    ],
  ],
  [{ storageGib: 9 }, ["storageGib: out of range, got 9, allowed whole numbers 10 to 65536"]],
  [{ version: "13" }, [expect.stringContaining("try a newer one, or extendedSupport: true")]],
  [{ version: "13", extendedSupport: true }, []],
])("finds in %j", (args, expected) => {
  expect(faultsOf(plan(args))).toEqual(expected);
});

test.each([
  ["projects/p/global/networks/n", "p"],
  [
    "https://www.googleapis.com/compute/v1/projects/example.com:p/global/networks/n",
    "example.com:p",
  ],
])("the project of %s is %s", (id, project) => {
  expect(projectOf(id)).toBe(project);
});

test("a network without a project is an error, not a guess", () => {
  expect(() => projectOf("n")).toThrow('not the id of a network: "n"');
});
