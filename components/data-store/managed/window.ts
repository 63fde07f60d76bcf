import { Weekday } from "../../cluster/weekday";
import type { DataMaintenanceWindow } from "./args";

/** A maintenance window with every default filled in. */
export interface WindowPlan {
  /** 0 is Monday. */
  dayIndex: number;
  day: Weekday;
  /** 0 to 23, UTC. */
  hour: number;
}

/** Hours from the opening of the maintenance window to the daily backup: never at the same time. */
const BACKUP_AFTER_HOURS = 4;

/** Fills a maintenance window in. */
export function windowPlan({
  day = Weekday.Sunday,
  hour = 3,
}: DataMaintenanceWindow = {}): WindowPlan {
  return { day, dayIndex: Object.values(Weekday).indexOf(day), hour };
}

/** The hour, in UTC, at which the daily backup begins. */
export function backupHour({ hour }: WindowPlan): number {
  return (hour + BACKUP_AFTER_HOURS) % 24;
}

/** Writes an hour as `03:00`. */
export function clock(hour: number): string {
  return `${String(hour % 24).padStart(2, "0")}:00`;
}

/** Writes the window as AWS takes it: `sun:03:00-sun:04:00`. */
export function awsWindow({ dayIndex, hour }: WindowPlan): string {
  const short = Object.values(Weekday).map((day) => day.slice(0, 3).toLowerCase());
  const next = hour === 23 ? (dayIndex + 1) % 7 : dayIndex;
  return `${short[dayIndex] ?? ""}:${clock(hour)}-${short[next] ?? ""}:${clock(hour + 1)}`;
}
