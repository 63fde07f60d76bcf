import type { SupportCalendar } from "../versions";

/**
 * What EKS runs. The dates of 1.36 follow from its release (2026-06-02) by the rule of 14 months of standard and 12
 * of extended support; the others are as published.
 */
export const EKS_CALENDAR: SupportCalendar = Object.freeze({
  provider: "EKS",
  source: "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
  asOf: "2026-08-22",
  minors: [
    { minor: "1.31", standardUntil: "2025-11-26", extendedUntil: "2026-11-26" },
    { minor: "1.32", standardUntil: "2026-03-23", extendedUntil: "2027-03-23" },
    { minor: "1.33", standardUntil: "2026-07-29", extendedUntil: "2027-07-29" },
    { minor: "1.34", standardUntil: "2026-12-02", extendedUntil: "2027-12-02" },
    { minor: "1.35", standardUntil: "2027-03-27", extendedUntil: "2028-03-27" },
    { minor: "1.36", standardUntil: "2027-08-02", extendedUntil: "2028-08-02" },
  ],
});
