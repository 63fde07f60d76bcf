import type { Fault } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { Weekday } from "../weekday";
import { GkeExclusionScope, type GkeMaintenanceExclusion, type GkeMaintenanceWindow } from "./args";

/** A maintenance window as the GKE API takes it. */
export interface RecurringWindow {
  startTime: string;
  endTime: string;
  recurrence: string;
}

/** What holds where a window's argument is left out. */
export const windowDefaults = Object.freeze({
  days: Object.freeze([Weekday.Saturday, Weekday.Sunday]),
  durationHours: 6,
  startTime: "01:00",
});

/** GKE asks for 48 hours in any 32 days, which hold four whole weeks. */
const LEAST_HOURS_A_WEEK = 12;

/** Most exclusions of a cluster, and most of them without any upgrade. */
const MOST_EXCLUSIONS = 20;
const MOST_WITHOUT_UPGRADES = 3;

/**
 * Renders a window. Its first opening lies in the week of Monday, 1 January 2024: on that day's date hangs nothing, it
 * only must not change from run to run.
 */
export function recurringWindow(window: GkeMaintenanceWindow = {}): RecurringWindow {
  const { days, durationHours, startTime } = filled(window);
  const week = Object.values(Weekday);
  const numbers = days.map((day) => week.indexOf(day)).sort((one, other) => one - other);
  const [hours = 0, minutes = 0] = startTime.split(":").map(Number);
  const start = Date.UTC(2024, 0, 1 + (numbers[0] ?? 0), hours, minutes);
  const names = numbers.map((number) => week[number]?.slice(0, 2).toUpperCase());
  return {
    startTime: rfc3339(start),
    endTime: rfc3339(start + durationHours * 3_600_000),
    recurrence: `FREQ=WEEKLY;BYDAY=${names.join(",")}`,
  };
}

/** Finds what GKE would refuse in a window. */
export function windowFaults(path: string, window: GkeMaintenanceWindow = {}): Fault[] {
  const { days, durationHours, startTime } = filled(window);
  const faults = [
    ...dayFaults(`${path}.days`, days),
    ...hourFaults(`${path}.durationHours`, durationHours),
    ...(/^([01]\d|2[0-3]):[0-5]\d$/.test(startTime)
      ? []
      : [
          {
            path: `${path}.startTime`,
            problem: "not a time of day",
            got: startTime,
            allowed: "00:00 to 23:59, in UTC",
          },
        ]),
  ];
  const hours = days.length * durationHours;
  if (faults.length > 0 || hours >= LEAST_HOURS_A_WEEK) return faults;
  return [
    {
      path,
      problem: "too short for GKE, which asks for 48 hours in 32 days",
      got: `${String(hours)} hours a week`,
      allowed: `at least ${String(LEAST_HOURS_A_WEEK)} hours a week`,
      fix: "another day or longer windows",
    },
  ];
}

function dayFaults(path: string, days: readonly Weekday[]): Fault[] {
  const allowed = Object.values(Weekday);
  if (days.length === 0) return [{ path, problem: "empty", allowed: allowed.join(", ") }];
  return days.flatMap((got, index) => {
    const at = `${path}[${String(index)}]`;
    if (!allowed.includes(got)) {
      return [{ path: at, problem: "not a day of the week", got, allowed: allowed.join(", ") }];
    }
    return days.indexOf(got) < index ? [{ path: at, problem: "given twice", got }] : [];
  });
}

function hourFaults(path: string, got: number): Fault[] {
  if (Number.isInteger(got) && got >= 4 && got <= 24) return [];
  return [{ path, problem: "out of range", got, allowed: "whole hours 4 to 24" }];
}

/** Finds what GKE would refuse in exclusions; those of minor versions mean nothing without a channel. */
export function exclusionFaults(
  path: string,
  exclusions: readonly GkeMaintenanceExclusion[],
  pinned: boolean,
): Fault[] {
  const still = exclusions.filter(({ scope }) => scopeOf(scope) === GkeExclusionScope.NoUpgrades);
  return [
    ...countFaults(path, "too many exclusions", exclusions.length, MOST_EXCLUSIONS),
    ...countFaults(
      path,
      "too many exclusions of every upgrade",
      still.length,
      MOST_WITHOUT_UPGRADES,
    ),
    ...exclusions.flatMap((exclusion, index) => {
      const at = `${path}[${String(index)}]`;
      const first = exclusions.findIndex(({ name }) => name === exclusion.name);
      return [
        ...(first < index
          ? [{ path: `${at}.name`, problem: "given twice", got: exclusion.name }]
          : []),
        ...timeFaults(at, exclusion),
        ...scopeFaults(`${at}.scope`, scopeOf(exclusion.scope), pinned),
      ];
    }),
  ];
}

function countFaults(path: string, problem: string, got: number, most: number): Fault[] {
  return got <= most ? [] : [{ path, problem, got, allowed: `at most ${String(most)}` }];
}

function timeFaults(at: string, { startTime, endTime }: GkeMaintenanceExclusion): Fault[] {
  const faults = Object.entries({ startTime, endTime }).flatMap(([key, got]) =>
    isRfc3339(got)
      ? []
      : [
          {
            path: `${at}.${key}`,
            problem: "not a time in RFC 3339",
            got,
            allowed: "as in 2026-12-24T00:00:00Z",
          },
        ],
  );
  if (faults.length > 0 || Date.parse(startTime) < Date.parse(endTime)) return faults;
  return [{ path: `${at}.endTime`, problem: "not after startTime", got: endTime }];
}

function scopeFaults(path: string, got: GkeExclusionScope, pinned: boolean): Fault[] {
  const unknown = memberFaults(path, got, Object.values(GkeExclusionScope));
  if (unknown.length > 0) return unknown;
  if (!pinned || got === GkeExclusionScope.NoUpgrades) return [];
  const allowed = GkeExclusionScope.NoUpgrades;
  return [{ path, problem: "needs a release channel, and a version is pinned", got, allowed }];
}

/** The scope, or what it defaults to. */
export function scopeOf(scope: GkeExclusionScope | undefined): GkeExclusionScope {
  return scope ?? GkeExclusionScope.NoUpgrades;
}

function filled(window: GkeMaintenanceWindow) {
  return {
    days: window.days ?? windowDefaults.days,
    durationHours: window.durationHours ?? windowDefaults.durationHours,
    startTime: window.startTime ?? windowDefaults.startTime,
  };
}

function isRfc3339(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text));
}

function rfc3339(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
