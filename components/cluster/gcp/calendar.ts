import type { SupportCalendar } from "../versions";

/**
 * The minor versions that GKE runs. Standard support lasts 14 months from availability in the Regular channel, the
 * Extended channel's 24.
 */
export const GKE_CALENDAR: SupportCalendar = Object.freeze({
  provider: "GKE",
  source: "https://cloud.google.com/kubernetes-engine/docs/release-schedule",
  asOf: "2026-02-19",
  minors: [
    { minor: "1.33", standardUntil: "2026-08-03", extendedUntil: "2027-06-03" },
    { minor: "1.34", standardUntil: "2026-10-01", extendedUntil: "2027-09-30" },
    { minor: "1.35", standardUntil: "2027-04-11", extendedUntil: "2028-02-11" },
  ],
});
