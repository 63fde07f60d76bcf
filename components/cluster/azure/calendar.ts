import type { SupportCalendar } from "../versions";

/**
 * The minor versions that AKS runs. Support lasts a year from general availability; long-term support, which needs the
 * Premium tier, another. Microsoft names months: each date is the month's last day.
 */
export const AKS_CALENDAR: SupportCalendar = Object.freeze({
  provider: "AKS",
  source: "https://learn.microsoft.com/azure/aks/supported-kubernetes-versions",
  asOf: "2026-08-22",
  extendedName: "long-term support",
  minors: [
    { minor: "1.33", standardUntil: "2026-07-31", extendedUntil: "2027-06-30" },
    { minor: "1.34", standardUntil: "2026-11-30", extendedUntil: "2027-11-30" },
    { minor: "1.35", standardUntil: "2027-03-31", extendedUntil: "2028-03-31" },
    { minor: "1.36", standardUntil: "2027-06-30", extendedUntil: "2028-06-30" },
    { minor: "1.37", standardUntil: "2027-10-31", extendedUntil: "2028-10-31" },
  ],
});
