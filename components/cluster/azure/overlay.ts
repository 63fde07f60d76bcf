import type { Fault } from "../../shared/faults";
import type { AzureClusterArgs } from "./args";
import { defaults } from "./defaults";

/** A range of IPv4 addresses as numbers. */
interface Range {
  first: number;
  last: number;
}

/** Least room: AKS gives each node a /24 of the pods' range, and Services need some hundred addresses. */
const LONGEST_PREFIX = Object.freeze({ podCidr: 20, serviceCidr: 24 });

/** Widest range that AKS takes for Services. */
const SHORTEST_PREFIX = Object.freeze({ podCidr: 8, serviceCidr: 12 });

/** The ranges that no packet from the internet comes from: https://www.rfc-editor.org/rfc/rfc1918 */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * Finds what is wrong with the ranges of pods and Services: each private and wide enough, apart from each other and, as
 * far as that is known, from the network.
 */
export function overlayFaults(args: AzureClusterArgs): Fault[] {
  const { podCidr = defaults.podCidr, serviceCidr = defaults.serviceCidr } = args;
  const faults = [...cidrFaults("podCidr", podCidr), ...cidrFaults("serviceCidr", serviceCidr)];
  if (faults.length > 0) return faults;
  const { vnetCidr } = args.network;
  return [
    ...overlapFaults("podCidr", podCidr, "the network's", vnetCidr),
    ...overlapFaults("serviceCidr", serviceCidr, "the network's", vnetCidr),
    ...overlapFaults("serviceCidr", serviceCidr, "podCidr", podCidr),
  ];
}

/** The other range may only be known later: then nothing is found. */
function overlapFaults(path: string, got: string, whose: string, other: unknown): Fault[] {
  if (typeof other !== "string") return [];
  const [one, two] = [rangeOf(got), rangeOf(other)];
  if (one === undefined || two === undefined) return [];
  if (one.last < two.first || two.last < one.first) return [];
  return [{ path, problem: `overlaps ${whose} ${other}`, got }];
}

/** The address of the cluster's DNS: by convention the tenth of the Services' range. */
export function dnsServiceIp(serviceCidr: string): string {
  const { first = 0 } = rangeOf(serviceCidr) ?? {};
  return [24, 16, 8, 0].map((shift) => Math.floor((first + 10) / 2 ** shift) % 256).join(".");
}

function cidrFaults(path: keyof typeof LONGEST_PREFIX, got: string): Fault[] {
  const range = rangeOf(got);
  if (range === undefined) {
    return [{ path, problem: "not an IPv4 range", got, allowed: "as in 10.244.0.0/16" }];
  }
  const inPrivate = PRIVATE_RANGES.some((text) => {
    const outer = rangeOf(text);
    return outer !== undefined && outer.first <= range.first && range.last <= outer.last;
  });
  const prefix = Number(got.split("/")[1]);
  const [shortest, longest] = [SHORTEST_PREFIX[path], LONGEST_PREFIX[path]];
  return [
    ...(inPrivate
      ? []
      : [{ path, problem: "not a private range", got, allowed: PRIVATE_RANGES.join(", ") }]),
    ...(prefix >= shortest && prefix <= longest
      ? []
      : [
          {
            path,
            problem: "of a size that AKS cannot use",
            got,
            allowed: `prefixes /${String(shortest)} to /${String(longest)}`,
          },
        ]),
  ];
}

/** Reads a range; undefined where it is none, or not named by its first address. */
function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [, ...numbers] = match?.map(Number) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = numbers;
  if (prefix > 32 || [a, b, c, d].some((byte) => byte > 255)) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}
