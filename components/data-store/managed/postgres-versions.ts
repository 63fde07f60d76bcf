import type { Fault } from "../../shared/faults";

/** How long a cloud looks after one major version. Dates are the last days, as in `2027-02-28`, in UTC. */
export interface PostgresMajor {
  /** As in `17`. */
  major: string;
  standardUntil: string;
  /** Left out where the cloud sells no support beyond the standard one, or named no end of it. */
  extendedUntil?: string;
}

/** The major versions that a cloud runs, oldest first, as its documentation stated them on a day. */
export interface PostgresCalendar {
  /** The service's name, as in `RDS`. */
  provider: string;
  source: string;
  /** The day of the source. */
  asOf: string;
  majors: readonly PostgresMajor[];
}

/**
 * Amazon RDS. The end is the last day of the February after the community's last release, as AWS announced it for 12
 * (https://aws.amazon.com/blogs/database/upgrade-strategies-for-amazon-aurora-postgresql-and-amazon-rds-for-postgresql-12);
 * `aws rds describe-db-major-engine-versions --engine postgres` tells what holds today.
 */
export const RDS_CALENDAR: PostgresCalendar = Object.freeze({
  provider: "RDS",
  source:
    "https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html",
  asOf: "2025-12-01",
  majors: [
    { major: "13", standardUntil: "2026-02-28", extendedUntil: "2029-02-28" },
    { major: "14", standardUntil: "2027-02-28", extendedUntil: "2030-02-28" },
    { major: "15", standardUntil: "2028-02-29", extendedUntil: "2031-02-28" },
    { major: "16", standardUntil: "2029-02-28", extendedUntil: "2032-02-29" },
    { major: "17", standardUntil: "2030-02-28", extendedUntil: "2033-02-28" },
    { major: "18", standardUntil: "2031-02-28", extendedUntil: "2034-02-28" },
  ],
});

/** Cloud SQL: the day before extended support starts. For 18 none was named: its day is the one of the rule for the others. */
export const CLOUD_SQL_CALENDAR: PostgresCalendar = Object.freeze({
  provider: "Cloud SQL",
  source: "https://cloud.google.com/sql/docs/postgres/db-versions",
  asOf: "2025-08-19",
  majors: [
    { major: "13", standardUntil: "2026-01-31", extendedUntil: "2029-01-31" },
    { major: "14", standardUntil: "2027-01-31", extendedUntil: "2030-01-31" },
    { major: "15", standardUntil: "2028-01-31", extendedUntil: "2031-01-31" },
    { major: "16", standardUntil: "2029-01-31", extendedUntil: "2032-01-31" },
    { major: "17", standardUntil: "2030-01-31", extendedUntil: "2033-01-31" },
    { major: "18", standardUntil: "2031-01-31", extendedUntil: "2034-01-31" },
  ],
});

/** Flexible Server: the end of Azure's standard support; that of its extended one was not named. */
export const FLEXIBLE_SERVER_CALENDAR: PostgresCalendar = Object.freeze({
  provider: "Flexible Server",
  source: "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-version-policy",
  asOf: "2025-12-01",
  majors: [
    { major: "13", standardUntil: "2026-03-31" },
    { major: "14", standardUntil: "2026-11-12" },
    { major: "15", standardUntil: "2027-11-11" },
    { major: "16", standardUntil: "2028-11-09" },
    { major: "17", standardUntil: "2029-11-08" },
    { major: "18", standardUntil: "2030-11-14" },
  ],
});

/** Days before the end of a version's support from which on a plan warns. */
const WARNING_DAYS = 180;

/** What is to be known beside the version itself. */
export interface PostgresSupport {
  /** Whether the store stays on a version whose standard support has ended, and pays for it. */
  extended: boolean;
  /** Whether `17.6` is allowed beside `17`. */
  minors: boolean;
  today: Date;
}

/** Finds what is wrong with a version: malformed, unknown, or no longer looked after. */
export function postgresVersionFaults(
  path: string,
  got: string,
  calendar: PostgresCalendar,
  { extended, minors, today }: PostgresSupport,
): Fault[] {
  const { asOf, majors, provider } = calendar;
  const allowed = `${majors.map(({ major }) => major).join(", ")} (known on ${asOf})`;
  if (!(minors ? /^\d+(\.\d+)?$/ : /^\d+$/).test(got)) {
    const problem = minors ? "not a version of Postgres" : "not a major version of Postgres";
    return [{ path, problem, got, allowed }];
  }
  const support = majorSupport(got, calendar);
  if (support === undefined) {
    const problem = `${provider} was not known to run it: see ${calendar.source}`;
    return [{ path, problem, got, allowed }];
  }
  const { extendedUntil, standardUntil } = support;
  if (!ended(standardUntil, today)) return [];
  if (extendedUntil === undefined || ended(extendedUntil, today)) {
    const problem = `${provider} ended its support on ${extendedUntil ?? standardUntil}`;
    return [{ path, problem, got, allowed, fix: "a newer one" }];
  }
  if (extended) return [];
  const problem = `its standard support by ${provider} ended on ${standardUntil}`;
  return [{ path, problem, got, allowed, fix: "a newer one, or extendedSupport: true" }];
}

/** Says what a user should know of a version beside its faults: its support ends soon, or costs more. */
export function postgresVersionWarnings(
  got: string,
  calendar: PostgresCalendar,
  today: Date,
): string[] {
  const { provider } = calendar;
  const support = majorSupport(got, calendar);
  if (support === undefined) return [];
  const { standardUntil } = support;
  if (ended(standardUntil, today)) {
    return [`${provider} bills extended support of Postgres ${got} since ${standardUntil}`];
  }
  const soon = new Date(today.getTime() + WARNING_DAYS * 86_400_000);
  if (!ended(standardUntil, soon)) return [];
  return [`${provider} ends standard support of Postgres ${got} on ${standardUntil}`];
}

function majorSupport(version: string, { majors }: PostgresCalendar): PostgresMajor | undefined {
  return majors.find(({ major }) => major === version.split(".")[0]);
}

/** True where a day, given as its date in UTC, is over. */
function ended(date: string, today: Date): boolean {
  return today.getTime() >= Date.parse(`${date}T00:00:00Z`) + 86_400_000;
}
