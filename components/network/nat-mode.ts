/** How private subnets reach the internet. */
export const NatMode = {
  /** Not at all: images and APIs then come through endpoints. */
  None: "none",
  /** Through one gateway: cheapest, and gone for all zones with the gateway's own. */
  Single: "single",
  /** Through a gateway in each zone: no zone's failure reaches another, and no traffic crosses zones. */
  PerZone: "per-zone",
} as const;
/** See the members of the constant of the same name. */
export type NatMode = (typeof NatMode)[keyof typeof NatMode];
