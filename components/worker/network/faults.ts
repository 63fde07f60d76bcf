import {
  type Cidr,
  isWithin,
  overlap,
  parseAddress,
  parseCidr,
  parseNetwork,
} from "../../shared/cidr";
import { PRIVATE_RANGES, renderCidr, sizeOf, withoutHostBits } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import { wholeNumberFaults } from "../../shared/numbers";
import type { GuestNetwork } from "../args";
import { TapDevices } from "../vmm";
import {
  type Ipv6Cidr,
  ipv6Overlap,
  ipv6SizeOf,
  ipv6WithoutHostBits,
  parseIpv6,
  parseIpv6Cidr,
  renderIpv6Cidr,
} from "./ipv6";
import { METADATA_ADDRESSES, POD_IDENTITY_ADDRESSES } from "./metadata";
import { ADDRESSES_EACH, type GuestNetworkContext, MOST_TAPS, networkDefaults } from "./plan";

/** Private ranges, shared address space (RFC 6598), and what is set apart for measurements (RFC 2544). */
const GUEST_RANGES = Object.freeze([...PRIVATE_RANGES, "100.64.0.0/10", "198.18.0.0/15"]);

/** What networks may number for themselves: https://www.rfc-editor.org/rfc/rfc4193 */
const LOCAL_IPV6: Ipv6Cidr = Object.freeze({ first: 0xfcn << 120n, prefix: 7 });

/** The last id of a user that leaves room for one each, below what some tools read as a negative number. */
const LAST_OWNER = 2 ** 31 - 1;

/** Finds everything that is wrong with the guests' network; paths begin with `guestNetwork`. */
export function guestNetworkFaults(
  given: GuestNetwork | undefined,
  context: GuestNetworkContext,
): Fault[] {
  if (given === undefined) return [];
  return [
    ...uselessFaults(given, context),
    ...tapFaults(given, context),
    ...ipv4Faults(given, context),
    ...ipv6Faults(given, context),
    ...portFaults(given.guestPorts ?? []),
    ...interfaceFaults(given.interfaces),
    ...(given.blocked ?? []).flatMap((got, index) => blockedFaults(index, got, given)),
  ];
}

/** What would be silently without effect. */
function uselessFaults(given: GuestNetwork, context: GuestNetworkContext): Fault[] {
  const fault = (field: keyof GuestNetwork, problem: string, fix: string): Fault[] =>
    given[field] === undefined ? [] : [{ path: `guestNetwork.${field}`, problem, fix }];
  const ofHelper = ["taps", "cidr", "ipv6Cidr", "owner", "egress", "guestPorts"] as const;
  if (context.hostNetwork) {
    const problem = "nobody but the worker makes a network in its host's namespace";
    return ofHelper.flatMap((field) => fault(field, problem, "another isolation"));
  }
  const interfaces = fault(
    "interfaces",
    "only a worker in its host's network has others beside it there",
    "to leave it out: in its own network all that is forwarded is a guest's",
  );
  if (context.tapDevices === TapDevices.Helper) return interfaces;
  const problem = "no helper makes TAP devices here";
  const unused = ofHelper.flatMap((field) => fault(field, problem, "TapDevices.Helper"));
  if (context.tapDevices === TapDevices.Worker) return [...interfaces, ...unused];
  const blocked = fault(
    "blocked",
    "guests without TAP devices send as the pod itself does",
    "TapDevices.Helper, or a NetworkPolicy",
  );
  return [...interfaces, ...unused, ...blocked];
}

function tapFaults({ owner, taps }: GuestNetwork, context: GuestNetworkContext): Fault[] {
  const least = context.ownerEach ? 1 : 0;
  const count = taps ?? context.defaultTaps;
  const others = context.ownerEach && count >= 1 && count <= MOST_TAPS ? count - 1 : 0;
  return [
    ...wholeNumberFaults("guestNetwork.taps", taps, 1, MOST_TAPS),
    ...wholeNumberFaults("guestNetwork.owner", owner, least, LAST_OWNER - others),
  ];
}

function ipv4Faults({ cidr, taps }: GuestNetwork, context: GuestNetworkContext): Fault[] {
  const path = "guestNetwork.cidr";
  const got = cidr ?? networkDefaults.cidr;
  const range = parseCidr(got);
  if (range === undefined) {
    return [{ path, problem: "not an IPv4 range", got, allowed: "as in 198.18.0.0/20" }];
  }
  const straight = withoutHostBits(range);
  if (straight.first !== range.first) {
    const problem = "not the first address of its range";
    return [{ path, problem, got, fix: `"${renderCidr(straight)}"` }];
  }
  if (!isWithin(range, GUEST_RANGES)) {
    const problem = "hides addresses that guests may want to reach";
    return [{ path, problem, got, allowed: `ranges within ${GUEST_RANGES.join(", ")}` }];
  }
  const room = Math.floor(sizeOf(range) / ADDRESSES_EACH);
  return roomFaults(path, got, room, taps ?? context.defaultTaps);
}

function ipv6Faults({ ipv6Cidr, taps }: GuestNetwork, context: GuestNetworkContext): Fault[] {
  const path = "guestNetwork.ipv6Cidr";
  const got = ipv6Cidr ?? networkDefaults.ipv6Cidr;
  const range = parseIpv6Cidr(got);
  if (range === undefined) {
    return [{ path, problem: "not an IPv6 range", got, allowed: "as in fd00:1:2:3::/112" }];
  }
  const straight = ipv6WithoutHostBits(range);
  if (straight.first !== range.first) {
    const problem = "not the first address of its range";
    return [{ path, problem, got, fix: `"${renderIpv6Cidr(straight)}"` }];
  }
  if (range.prefix < LOCAL_IPV6.prefix || !ipv6Overlap(range, LOCAL_IPV6)) {
    const problem = "hides addresses that guests may want to reach";
    return [{ path, problem, got, allowed: "ranges within fc00::/7" }];
  }
  const hidden = [...METADATA_ADDRESSES.ipv6, ...POD_IDENTITY_ADDRESSES.ipv6].find((address) =>
    ipv6Overlap(range, ipv6RangeOf(address) ?? LOCAL_IPV6),
  );
  if (hidden !== undefined) {
    return [{ path, problem: `has ${hidden} in it, which no guest reaches`, got }];
  }
  const room = Number(ipv6SizeOf(range) / BigInt(ADDRESSES_EACH));
  return roomFaults(path, got, room, taps ?? context.defaultTaps);
}

function roomFaults(path: string, got: string, room: number, taps: number): Fault[] {
  if (room >= taps || !Number.isInteger(taps) || taps > MOST_TAPS) return [];
  const problem = `too small for ${taps} TAP devices, which take ${ADDRESSES_EACH} addresses each`;
  return [{ path, problem, got, fix: "a larger range, or fewer taps" }];
}

function portFaults(ports: readonly number[]): Fault[] {
  return ports.flatMap((port, index) => {
    const path = `guestNetwork.guestPorts[${index}]`;
    if (ports.indexOf(port) < index) return [{ path, problem: "named twice", got: port }];
    return wholeNumberFaults(path, port, 1, 65_535);
  });
}

/** Source of the length: https://man7.org/linux/man-pages/man7/netdevice.7.html (IFNAMSIZ, with its end) */
function interfaceFaults(interfaces: readonly string[] | undefined): Fault[] {
  if (interfaces?.length === 0) {
    const problem = "empty, so guests' packets would be nobody's";
    return [{ path: "guestNetwork.interfaces", problem, fix: "to leave it out for the default" }];
  }
  return (interfaces ?? []).flatMap((got, index): Fault[] => {
    const path = `guestNetwork.interfaces[${index}]`;
    if (interfaces?.indexOf(got) !== index) return [{ path, problem: "named twice", got }];
    if (/^[A-Za-z][A-Za-z0-9_.-]{0,13}[A-Za-z0-9_.*-]?$/.test(got)) return [];
    const allowed = "letters, digits, _ . and -, first a letter, at most 15, * only at the end";
    return [{ path, problem: "not the name of an interface", got, allowed }];
  });
}

function blockedFaults(index: number, got: string, given: GuestNetwork): Fault[] {
  const path = `guestNetwork.blocked[${index}]`;
  const ipv4 = ipv4RangeOf(got);
  const ipv6 = ipv6RangeOf(got);
  if (ipv4 === undefined && ipv6 === undefined) {
    const allowed =
      "as in 10.0.0.1, 10.0.0.0/8, fd00::1 or fd00::/8, the first address of its range";
    return [{ path, problem: "neither an address nor a range", got, allowed }];
  }
  const own = given.cidr ?? networkDefaults.cidr;
  const range = parseNetwork(own);
  const ipv6Own = given.ipv6Cidr ?? networkDefaults.ipv6Cidr;
  const ipv6Range = parseIpv6Cidr(ipv6Own);
  const whose =
    ipv4 !== undefined && range !== undefined && overlap(ipv4, range)
      ? own
      : ipv6 !== undefined && ipv6Range !== undefined && ipv6Overlap(ipv6, ipv6Range)
        ? ipv6Own
        : undefined;
  if (whose === undefined) return [];
  const problem = `overlaps ${whose}, where the guests' own gateways are`;
  return [{ path, problem, got, fix: "egress: false to let them nowhere" }];
}

function ipv4RangeOf(text: string): Cidr | undefined {
  const first = parseAddress(text);
  return first === undefined ? parseNetwork(text) : { first, prefix: 32 };
}

function ipv6RangeOf(text: string): Ipv6Cidr | undefined {
  const first = parseIpv6(text);
  if (first !== undefined) return { first, prefix: 128 };
  const range = parseIpv6Cidr(text);
  return range?.first === (range && ipv6WithoutHostBits(range).first) ? range : undefined;
}
