import type { Fault } from "../../shared/faults";
import { Weekday } from "../weekday";
import type { AksMaintenanceWindow } from "./args";
import { defaults } from "./defaults";

/** A maintenance window, with every default filled in. */
export type MaintenancePlan = Required<AksMaintenanceWindow>;

/** The window, with what is left out filled in. */
export function maintenancePlan(window: AksMaintenanceWindow = {}): MaintenancePlan {
  const { day, durationHours, startHour } = window;
  return {
    day: day ?? defaults.maintenance.day,
    durationHours: durationHours ?? defaults.maintenance.durationHours,
    startHour: startHour ?? defaults.maintenance.startHour,
  };
}

/** Hours of the week, as the configuration for AKS's own weekly releases takes them; a window may end on the next day. */
export function weeklyHours({ day, durationHours, startHour }: MaintenancePlan) {
  const week = Object.values(Weekday);
  const hours = Array.from({ length: durationHours }, (_, index) => startHour + index);
  const today = hours.filter((hour) => hour < 24);
  const tomorrow = hours.filter((hour) => hour >= 24).map((hour) => hour - 24);
  const next = week[(week.indexOf(day) + 1) % week.length] ?? day;
  return [
    { day, hourSlots: today },
    ...(tomorrow.length > 0 ? [{ day: next, hourSlots: tomorrow }] : []),
  ];
}

/** The window, as the configurations for the upgrade channels take it. */
export function channelWindow({ day, durationHours, startHour }: MaintenancePlan) {
  return {
    durationHours,
    schedule: { weekly: { dayOfWeek: day, intervalWeeks: 1 } },
    startTime: `${String(startHour).padStart(2, "0")}:00`,
    utcOffset: "+00:00",
  };
}

/** Finds what AKS would refuse in a window. */
export function maintenanceFaults(path: string, window: AksMaintenanceWindow = {}): Fault[] {
  const { day, durationHours, startHour } = maintenancePlan(window);
  const days = Object.values(Weekday);
  return [
    ...(days.includes(day)
      ? []
      : [
          {
            path: `${path}.day`,
            problem: "not a day of the week",
            got: day,
            allowed: days.join(", "),
          },
        ]),
    ...hourFaults(`${path}.durationHours`, durationHours, 4, 24),
    ...hourFaults(`${path}.startHour`, startHour, 0, 23),
  ];
}

function hourFaults(path: string, got: number, least: number, most: number): Fault[] {
  if (Number.isInteger(got) && got >= least && got <= most) return [];
  const allowed = `whole hours ${String(least)} to ${String(most)}`;
  return [{ path, problem: "out of range", got, allowed }];
}
