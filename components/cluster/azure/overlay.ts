import { isWithin, overlap, parseNetwork, PRIVATE_RANGES, renderAddress } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import type { AzureClusterArgs } from "./args";
import { defaults } from "./defaults";

/** Least room: AKS gives each node a /24 of the pods' range, and Services need some hundred addresses. */
const LONGEST_PREFIX = Object.freeze({ podCidr: 20, serviceCidr: 24 });

/** Widest range that AKS takes for Services. */
const SHORTEST_PREFIX = Object.freeze({ podCidr: 8, serviceCidr: 12 });

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
  const [one, two] = [parseNetwork(got), parseNetwork(other)];
  if (one === undefined || two === undefined || !overlap(one, two)) return [];
  return [{ path, problem: `overlaps ${whose} ${other}`, got }];
}

/** The address of the cluster's DNS: by convention the tenth of the Services' range. */
export function dnsServiceIp(serviceCidr: string): string {
  const { first = 0 } = parseNetwork(serviceCidr) ?? {};
  return renderAddress(first + 10);
}

function cidrFaults(path: keyof typeof LONGEST_PREFIX, got: string): Fault[] {
  const range = parseNetwork(got);
  if (range === undefined) {
    return [{ path, problem: "not an IPv4 range", got, allowed: "as in 10.244.0.0/16" }];
  }
  const { prefix } = range;
  const [shortest, longest] = [SHORTEST_PREFIX[path], LONGEST_PREFIX[path]];
  return [
    ...(isWithin(range, PRIVATE_RANGES)
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
