import { parseCidr, piece, renderCidr, sizeOf } from "../shared/cidr";
import type { Fault } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { NatMode } from "./nat-mode";

/** The subnets of one zone. */
export interface ZoneSubnets {
  zone: string;
  privateCidr: string;
  publicCidr: string;
}

/** How a network's range is cut. */
export interface SubnetLayout {
  zones: ZoneSubnets[];
  /** A piece as large as a public subnet, for what a cloud wants a subnet of its own for. */
  extraCidr: string;
  /** An eighth of the range that no zone will ever be given: for subnets of one's own. */
  spareCidr: string;
  /** Addresses in no subnet yet: the spare part, and the pieces kept for further zones. */
  freeAddresses: number;
}

/** The most zones that a layout has room for. */
export const MOST_ZONES = 6;

/** How many bits longer the prefix of the smallest piece of a layout is. */
export const LAYOUT_BITS = 6;

/**
 * Cuts a range into one private and one public subnet a zone.
 *
 * The range falls into eighths: six are the private subnets of six zones, in order; one is cut into eighths again, of
 * which six are the public subnets; the last is spare. A zone's pieces depend on its index alone, so a zone that is added
 * at the end moves nothing, and a private subnet is eight times a public one. With N zones, N * 9/64 of the range is in
 * use. Takes a range and zones without faults.
 */
export function layoutSubnets(cidr: string, zones: readonly string[]): SubnetLayout {
  const range = parseCidr(cidr) ?? { first: 0, prefix: 0 };
  const publicPart = piece(range, 3, MOST_ZONES);
  const subnets = zones.map((zone, index) => ({
    zone,
    privateCidr: renderCidr(piece(range, 3, index)),
    publicCidr: renderCidr(piece(publicPart, 3, index)),
  }));
  const used = zones.length * (sizeOf(piece(range, 3, 0)) + sizeOf(piece(publicPart, 3, 0)));
  return {
    zones: subnets,
    extraCidr: renderCidr(piece(publicPart, 3, MOST_ZONES)),
    spareCidr: renderCidr(piece(range, 3, MOST_ZONES + 1)),
    freeAddresses: sizeOf(range) - used,
  };
}

/** Checks a list of zones: 2 to as many as there is room for, none twice. */
export function zoneFaults(zones: readonly string[], most: number = MOST_ZONES): Fault[] {
  const path = "zones";
  const count = zones.length;
  const number = {
    path,
    problem: "too few or too many",
    got: count,
    allowed: `2 to ${String(most)}`,
  };
  return [
    ...(count < 2 || count > most ? [number] : []),
    ...zones.flatMap((got, index) =>
      zones.indexOf(got) === index
        ? []
        : [{ path: `${path}[${String(index)}]`, problem: "named twice", got }],
    ),
  ];
}

/** The zones that a gateway stands in: none, the first, or each. */
export function natZones(mode: NatMode, zones: readonly string[]): string[] {
  switch (mode) {
    case NatMode.None:
      return [];
    case NatMode.Single:
      return zones.slice(0, 1);
    case NatMode.PerZone:
      return [...zones];
    default:
      return mode satisfies never;
  }
}

/** Checks a mode that a caller without types gave. */
export function natModeFaults(got: NatMode | undefined): Fault[] {
  return memberFaults("natMode", got, Object.values(NatMode));
}
