import { TapDevices } from "../vmm";
import { METADATA_ADDRESSES, POD_IDENTITY_ADDRESSES, WIRE_SERVER } from "./metadata";
import type { GuestNetworkPlan } from "./plan";

/** The interfaces of guests in a pod of their own. */
const TAPS = '"tap*"';

/**
 * The packet filter of a plan as nft reads it, in one transaction: what was there of an earlier run goes, and all of this
 * comes. The sets `guests4` and `guests6`, which the script fills, hold each TAP device with its guest's address.
 * Source of the language: https://www.netfilter.org/projects/nftables/manpage.html
 */
export function filterRules(plan: GuestNetworkPlan): string {
  const parts = chainsOf(plan);
  return [
    `table inet ${plan.table}`,
    `delete table inet ${plan.table}`,
    `table inet ${plan.table} {`,
    ...parts.flat().map((line) => (line === "" ? line : `  ${line}`)),
    "}",
  ].join("\n");
}

function chainsOf(plan: GuestNetworkPlan): string[][] {
  if (plan.hostNetwork) return [...forbidden(plan), hostGuests(plan)];
  switch (plan.tapDevices) {
    case TapDevices.Helper:
      return [
        ...forbidden(plan),
        ...ownAddresses(),
        fromGuests(),
        toPod(plan),
        throughPod(plan),
        ...(plan.egress ? [behindPod(plan)] : []),
        ...fromPod(plan),
      ];
    case TapDevices.Worker:
      return [...forbidden(plan), forwardedOnly(), ...fromPod(plan)];
    case TapDevices.None:
      return fromPod(plan);
    default:
      return plan.tapDevices satisfies never;
  }
}

/** What no guest reaches. */
function forbidden({ blocked }: GuestNetworkPlan): string[][] {
  const ipv6 = blocked.filter((range) => range.includes(":"));
  const ipv4 = blocked.filter((range) => !range.includes(":"));
  return [
    set("forbidden4", "ipv4_addr", [
      ...METADATA_ADDRESSES.ipv4,
      ...POD_IDENTITY_ADDRESSES.ipv4,
      ...ipv4,
    ]),
    set("forbidden6", "ipv6_addr", [
      ...METADATA_ADDRESSES.ipv6,
      ...POD_IDENTITY_ADDRESSES.ipv6,
      ...ipv6,
    ]),
  ];
}

/** Ranges that a user names may overlap each other, and those that are always there. */
function set(name: string, type: string, elements: readonly string[]): string[] {
  return [
    `set ${name} {`,
    `  type ${type}`,
    "  flags interval",
    "  auto-merge",
    `  elements = { ${elements.join(", ")} }`,
    "}",
  ];
}

/** On Google's clouds the metadata server answers DNS too, for pods as well, and names must resolve. */
const NAMES = `  ip daddr { ${METADATA_ADDRESSES.ipv4.join(", ")} } meta l4proto { tcp, udp } th dport 53 accept`;

const DROP_WIRE_SERVER = `  ip daddr ${WIRE_SERVER} tcp dport { 80, 32526 } drop`;

const DROP_FORBIDDEN = Object.freeze([
  NAMES,
  "  ip daddr @forbidden4 drop",
  "  ip6 daddr @forbidden6 drop",
  DROP_WIRE_SERVER,
]);

function ownAddresses(): string[][] {
  return [
    ["set guests4 {", "  type ifname . ipv4_addr", "}"],
    ["set guests6 {", "  type ifname . ipv6_addr", "}"],
  ];
}

/**
 * A guest sends from its own address, and finds its neighbour, which is the pod, from its link's. It advertises no route: the
 * pod would take it.
 */
function fromGuests(): string[] {
  return [
    "chain from-guests {",
    "  type filter hook prerouting priority raw; policy accept;",
    `  iifname != ${TAPS} accept`,
    "  ip6 saddr { ::, fe80::/10 } icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
    "  meta nfproto ipv4 iifname . ip saddr != @guests4 drop",
    "  meta nfproto ipv6 iifname . ip6 saddr != @guests6 drop",
    ...DROP_FORBIDDEN,
    "}",
  ];
}

/** What listens in the pod, as the worker's own ports, is not for guests. */
function toPod({ guestPorts }: GuestNetworkPlan): string[] {
  return [
    "chain to-pod {",
    "  type filter hook input priority filter; policy accept;",
    `  iifname != ${TAPS} accept`,
    "  ct state established,related accept",
    "  icmp type echo-request accept",
    "  icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept",
    ...(guestPorts.length === 0 ? [] : [`  tcp dport { ${guestPorts.join(", ")} } accept`]),
    "  drop",
    "}",
  ];
}

/** Nobody begins to talk to a guest: neither another guest nor a neighbour of the pod. */
function throughPod({ egress }: GuestNetworkPlan): string[] {
  return [
    "chain through-pod {",
    "  type filter hook forward priority filter; policy accept;",
    `  oifname ${TAPS} ct state established,related accept`,
    `  oifname ${TAPS} drop`,
    ...(egress ? [] : [`  iifname ${TAPS} drop`]),
    "}",
  ];
}

function behindPod({ cidr, ipv6Cidr }: GuestNetworkPlan): string[] {
  return [
    "chain behind-pod {",
    "  type nat hook postrouting priority srcnat; policy accept;",
    `  oifname != ${TAPS} ip saddr ${cidr} masquerade`,
    `  oifname != ${TAPS} ip6 saddr ${ipv6Cidr} masquerade`,
    "}",
  ];
}

/** In the pod's namespace whatever is forwarded is a guest's, on whichever interface its worker put it. */
function forwardedOnly(): string[] {
  return [
    "chain through-pod {",
    "  type filter hook forward priority filter; policy accept;",
    ...DROP_FORBIDDEN,
    "}",
  ];
}

/** A guest behind QEMU's user networking sends as the pod does, so nothing in the pod reaches the metadata address. */
function fromPod({ workerMetadata }: GuestNetworkPlan): string[][] {
  if (workerMetadata) return [];
  return [
    [
      "chain from-pod {",
      "  type filter hook output priority filter; policy accept;",
      NAMES,
      `  ip daddr { ${METADATA_ADDRESSES.ipv4.join(", ")} } drop`,
      `  ip6 daddr { ${METADATA_ADDRESSES.ipv6.join(", ")} } drop`,
      DROP_WIRE_SERVER,
      "}",
    ],
  ];
}

function hostGuests({ interfaces }: GuestNetworkPlan): string[] {
  return [
    "chain guests {",
    ...DROP_FORBIDDEN,
    "}",
    "chain from-guests {",
    "  type filter hook prerouting priority raw; policy accept;",
    ...interfaces.map((name) => `  iifname "${name}" jump guests`),
    "}",
  ];
}
