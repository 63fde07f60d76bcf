import type { SupportCalendar } from "../versions";

/**
 * The minor versions that the Kubernetes project makes patches of: for about 14 months each. Distributions build what it
 * releases, so k3s ends with it. Nobody upgrades one's own machines unasked: past these dates a cluster runs on, unmended.
 */
export const KUBERNETES_CALENDAR: SupportCalendar = Object.freeze({
  provider: "the Kubernetes project",
  source: "https://kubernetes.io/releases/",
  asOf: "2026-09-15",
  minors: [
    { minor: "1.33", standardUntil: "2026-06-28" },
    { minor: "1.34", standardUntil: "2026-10-27" },
    { minor: "1.35", standardUntil: "2027-02-28" },
    { minor: "1.36", standardUntil: "2027-06-28" },
    { minor: "1.37", standardUntil: "2027-10-28" },
  ],
});
