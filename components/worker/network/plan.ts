import { createHash } from "node:crypto";
import { type Cidr, parseNetwork, renderAddress } from "../../shared/cidr";
import type { GuestNetwork } from "../args";
import { TapDevices } from "../vmm";
import { type Ipv6Cidr, parseIpv6Cidr, renderIpv6 } from "./ipv6";

/** What the guests' network must know of the worker. */
export interface GuestNetworkContext {
  /** How many TAP devices where the arguments say nothing. */
  defaultTaps: number;
  /** True where the pod is in its host's network namespace. */
  hostNetwork: boolean;
  /** Logical name of the component. */
  name: string;
  /** True where each TAP device belongs to a user of its own, as with the jailer. */
  ownerEach: boolean;
  /** Who makes TAP devices. */
  tapDevices: TapDevices;
  /** True where the pod itself may reach the metadata addresses. */
  workerMetadata: boolean;
}

/** A TAP device, and what the guest behind it must set. */
export interface Tap {
  name: string;
  /** Id of the user that may open it without any capability. */
  owner: number;
  /** The pod's end. */
  gateway4: string;
  guest4: string;
  gateway6: string;
  guest6: string;
  /** The guest's; the last four bytes are its IPv4 address. */
  mac: string;
  /** The pod's end; always the same, so that a guest restored from a snapshot still knows its gateway. */
  gatewayMac: string;
}

/** The network of guests, with every default filled in. */
export interface GuestNetworkPlan {
  /** Further ranges that no guest reaches. */
  blocked: string[];
  cidr: string;
  egress: boolean;
  guestPorts: number[];
  hostNetwork: boolean;
  /** Whose packets are guests', as nft writes them; only in the host's network namespace. */
  interfaces: string[];
  ipv6Cidr: string;
  /** Name of the table of nft: the pod's own, or in the host's namespace one that tells this DaemonSet's from others'. */
  table: string;
  tapDevices: TapDevices;
  /** Those that the helper makes; empty where it makes none. */
  taps: Tap[];
  workerMetadata: boolean;
}

/** A variable of a container whose value is known when it is planned. */
export interface PlannedVariable {
  name: string;
  value: string;
}

/** What holds where an argument is left out. */
export const networkDefaults = Object.freeze({
  // Set apart for measurements between two hosts, so no network that a guest wants to reach has it:
  // https://www.rfc-editor.org/rfc/rfc2544
  cidr: "198.18.0.0/20",
  interfaces: Object.freeze(["tap*"]),
  ipv6Cidr: "fdcb:6b76:6d::/112",
  jailedOwner: 64_000,
});

/** The most TAP devices of one pod. */
export const MOST_TAPS = 1024;

/** Addresses that one TAP device takes: a /30, and a /126. */
export const ADDRESSES_EACH = 4;

const PREFIX_EACH = Object.freeze({ ipv4: 30, ipv6: 126 });

/** Plans the network of a worker's guests. The arguments must have no faults; see `guestNetworkFaults`. */
export function planGuestNetwork(
  given: GuestNetwork | undefined,
  context: GuestNetworkContext,
): GuestNetworkPlan {
  const cidr = given?.cidr ?? networkDefaults.cidr;
  const ipv6Cidr = given?.ipv6Cidr ?? networkDefaults.ipv6Cidr;
  return {
    blocked: given?.blocked ?? [],
    cidr,
    egress: given?.egress ?? true,
    guestPorts: given?.guestPorts ?? [],
    hostNetwork: context.hostNetwork,
    interfaces: given?.interfaces ?? [...networkDefaults.interfaces],
    ipv6Cidr,
    table: context.hostNetwork ? `kvm_fabric_${hashOf(context.name)}` : "kvm_fabric",
    tapDevices: context.tapDevices,
    taps:
      context.hostNetwork || context.tapDevices !== TapDevices.Helper
        ? []
        : planTaps(given, context, parseNetwork(cidr), parseIpv6Cidr(ipv6Cidr)),
    workerMetadata: context.workerMetadata,
  };
}

function planTaps(
  given: GuestNetwork | undefined,
  { defaultTaps, ownerEach }: GuestNetworkContext,
  range: Cidr | undefined,
  ipv6Range: Ipv6Cidr | undefined,
): Tap[] {
  if (range === undefined || ipv6Range === undefined) return [];
  const owner = given?.owner ?? (ownerEach ? networkDefaults.jailedOwner : 0);
  return Array.from({ length: given?.taps ?? defaultTaps }, (_, index) => {
    const gateway4 = range.first + index * ADDRESSES_EACH + 1;
    const gateway6 = ipv6Range.first + BigInt(index * ADDRESSES_EACH + 1);
    return {
      name: `tap${index}`,
      owner: ownerEach ? owner + index : owner,
      gateway4: renderAddress(gateway4),
      guest4: renderAddress(gateway4 + 1),
      gateway6: renderIpv6(gateway6),
      guest6: renderIpv6(gateway6 + 1n),
      mac: macOf(gateway4 + 1),
      gatewayMac: macOf(gateway4),
    };
  });
}

/** Firecracker's own guests read their address off such a one: https://github.com/firecracker-microvm/firecracker/blob/main/resources/overlay/usr/local/bin/fcnet-setup.sh */
function macOf(address: number): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return ["06", "00", ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** A line of the table of TAP devices, as `KVM_FABRIC_TAPS` names it. */
export function renderTap(tap: Tap): string {
  return [
    tap.name,
    tap.owner,
    `${tap.gateway4}/${PREFIX_EACH.ipv4}`,
    tap.guest4,
    `${tap.gateway6}/${PREFIX_EACH.ipv6}`,
    tap.guest6,
    tap.mac,
  ].join(" ");
}

function hashOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 12);
}
