import type { GuestNetworkPlan } from "../../../components/worker/network/plan";
import { filterRules } from "../../../components/worker/network/rules";

/** What comes of something that somebody tries, by what it is; an answer names who asked, as the other side sees it. */
export type Traffic = Readonly<Record<string, string>>;

export const NO = "nothing";
export const GUEST = "198.18.0.2";
export const GUEST6 = "[fdcb:6b76:006d:0000:0000:0000:0000:0002]";
const POD = "10.9.0.2";
const POD6 = "[fd09:0000:0000:0000:0000:0000:0000:0002]";

/** What is let through, and what is not. */
export const TRAFFIC: Traffic = {
  "guest looks for the pod on its link": "known",
  "guest to 169.254.169.254": NO,
  "guest to 169.254.170.2": NO,
  "guest to 169.254.170.23": NO,
  "guest to WireServer 32526": NO,
  "guest to WireServer 53": POD,
  "guest to WireServer 80": NO,
  "guest to a blocked host": NO,
  "guest to a blocked host, IPv6": NO,
  "guest to a host": POD,
  "guest to a host by its own address": "arrived",
  "guest to a host, IPv6": POD6,
  "guest to fd00:ec2::23": NO,
  "guest to fd00:ec2::254": NO,
  "guest to fd20:ce::254": NO,
  "guest to its gateway": "echo",
  "guest to its gateway, IPv6": "echo",
  "guest to names at 169.254.169.254": POD,
  "guest to the other guest": NO,
  "guest to the other guest, IPv6": NO,
  "guest to the pod's 8080": GUEST,
  "guest to the pod's 8080 by its address outside": GUEST,
  "guest to the pod's 8080, IPv6": GUEST6,
  "guest to the pod's 9090": NO,
  "guest to the pod's 9090 by its address outside": NO,
  "guest to the pod's 9090, IPv6": NO,
  "neighbour to the guest": NO,
  "neighbour to the guest, IPv6": NO,
  "neighbour to the pod": "10.9.0.1",
  "pod to 169.254.169.254": NO,
  "pod to 169.254.170.23": POD,
  "pod to WireServer 32526": NO,
  "pod to WireServer 53": POD,
  "pod to WireServer 80": NO,
  "pod to a host": POD,
  "pod to a host, IPv6": POD6,
  "pod to fd00:ec2::254": NO,
  "pod to fd20:ce::254": NO,
  "pod to fe80::a9fe:a9fe%eth0": NO,
  "pod to names at 169.254.169.254": POD,
  "pod to the guest": "198.18.0.1",
  "pod to the guest, IPv6": "[fdcb:6b76:006d:0000:0000:0000:0000:0001]",
};

/** What guests reach where nothing keeps them from it, and nothing hides them. */
export const GUEST_TO_METADATA: Traffic = {
  "guest to 169.254.169.254": GUEST,
  "guest to 169.254.170.2": GUEST,
  "guest to 169.254.170.23": GUEST,
  "guest to WireServer 32526": GUEST,
  "guest to WireServer 80": GUEST,
  "guest to a blocked host": GUEST,
  "guest to a blocked host, IPv6": GUEST6,
  "guest to fd00:ec2::23": GUEST6,
  "guest to fd00:ec2::254": GUEST6,
  "guest to fd20:ce::254": GUEST6,
};

/** What the pod reaches where nothing keeps it from it. */
export const POD_TO_METADATA: Traffic = {
  "pod to 169.254.169.254": POD,
  "pod to WireServer 32526": POD,
  "pod to WireServer 80": POD,
  "pod to fd00:ec2::254": POD6,
  "pod to fd20:ce::254": POD6,
  "pod to fe80::a9fe:a9fe%eth0": "link-local",
};

/** What else there is without chains for TAP devices. */
export const UNFILTERED: Traffic = {
  "guest to names at 169.254.169.254": GUEST,
  "guest to WireServer 53": GUEST,
  "guest to a host": GUEST,
  "guest to a host, IPv6": GUEST6,
  "guest to a host by another's address": "arrived",
  "guest to a host by another's address, IPv6": "arrived",
  "guest to the other guest": GUEST,
  "guest to the other guest, IPv6": GUEST6,
  "guest to the pod's 9090": GUEST,
  "guest to the pod's 9090 by its address outside": GUEST,
  "guest to the pod's 9090, IPv6": GUEST6,
  "neighbour to the guest": "10.9.0.1",
  "neighbour to the guest, IPv6": "[fd09:0000:0000:0000:0000:0000:0000:0001]",
};

const WIRE = "ip daddr 168.63.129.16 tcp dport { 80, 32526 } drop";

const NAMES = "ip daddr { 169.254.169.254 } meta l4proto { tcp, udp } th dport 53 accept";

/** Nothing from outside comes in where the pod's own interface counts as a guest's. */
const DEAF: Traffic = {
  "guest to names at 169.254.169.254": NO,
  "pod to names at 169.254.169.254": NO,
  "guest to WireServer 53": NO,
  "guest to a host": NO,
  "guest to a host, IPv6": NO,
  "neighbour to the pod": NO,
  "pod to 169.254.170.23": NO,
  "pod to WireServer 53": NO,
  "pod to a host": NO,
  "pod to a host, IPv6": NO,
};

/** What changes where one rule is missing: each is there for something. */
export const WITHOUT: Readonly<Record<string, Traffic>> = {
  'from-guests: iifname != "tap*" accept': DEAF,
  "from-guests: ip6 saddr { ::, fe80::/10 } icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept":
    { "guest looks for the pod on its link": NO },
  "from-guests: meta nfproto ipv4 iifname . ip saddr != @guests4 drop": {
    "guest to a host by another's address": "arrived",
  },
  "from-guests: meta nfproto ipv6 iifname . ip6 saddr != @guests6 drop": {
    "guest to a host by another's address, IPv6": "arrived",
  },
  [`from-guests: ${NAMES}`]: { "guest to names at 169.254.169.254": NO },
  [`from-pod: ${NAMES}`]: { "pod to names at 169.254.169.254": NO },
  "from-guests: ip daddr @forbidden4 drop": {
    "guest to 169.254.169.254": POD,
    "guest to 169.254.170.2": POD,
    "guest to 169.254.170.23": POD,
    "guest to a blocked host": POD,
  },
  "from-guests: ip6 daddr @forbidden6 drop": {
    "guest to a blocked host, IPv6": POD6,
    "guest to fd00:ec2::23": POD6,
    "guest to fd00:ec2::254": POD6,
    "guest to fd20:ce::254": POD6,
  },
  [`from-guests: ${WIRE}`]: {
    "guest to WireServer 32526": POD,
    "guest to WireServer 80": POD,
  },
  'to-pod: iifname != "tap*" accept': {
    "neighbour to the pod": NO,
  },
  "to-pod: ct state established,related accept": {
    "pod to the guest": NO,
    "pod to the guest, IPv6": NO,
  },
  "to-pod: icmp type echo-request accept": { "guest to its gateway": NO },
  "to-pod: icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept": {
    "guest looks for the pod on its link": NO,
    "guest to its gateway, IPv6": NO,
  },
  "to-pod: tcp dport { 8080 } accept": {
    "guest to the pod's 8080": NO,
    "guest to the pod's 8080 by its address outside": NO,
    "guest to the pod's 8080, IPv6": NO,
  },
  "to-pod: drop": {
    "guest to the pod's 9090": GUEST,
    "guest to the pod's 9090 by its address outside": GUEST,
    "guest to the pod's 9090, IPv6": GUEST6,
  },
  'through-pod: oifname "tap*" ct state established,related accept': {
    "guest to names at 169.254.169.254": NO,
    "guest to WireServer 53": NO,
    "guest to a host": NO,
    "guest to a host, IPv6": NO,
  },
  'through-pod: oifname "tap*" drop': {
    "guest to the other guest": GUEST,
    "guest to the other guest, IPv6": GUEST6,
    "neighbour to the guest": "10.9.0.1",
    "neighbour to the guest, IPv6": "[fd09:0000:0000:0000:0000:0000:0000:0001]",
  },
  'behind-pod: oifname != "tap*" ip saddr 198.18.0.0/20 masquerade': {
    "guest to names at 169.254.169.254": GUEST,
    "guest to WireServer 53": GUEST,
    "guest to a host": GUEST,
  },
  'behind-pod: oifname != "tap*" ip6 saddr fdcb:6b76:6d::/112 masquerade': {
    "guest to a host, IPv6": GUEST6,
  },
  "from-pod: ip daddr { 169.254.169.254 } drop": { "pod to 169.254.169.254": POD },
  "from-pod: ip6 daddr { fd00:ec2::254, fd20:ce::254, fe80::a9fe:a9fe } drop": {
    "pod to fd00:ec2::254": POD6,
    "pod to fd20:ce::254": POD6,
    "pod to fe80::a9fe:a9fe%eth0": "link-local",
  },
  [`from-pod: ${WIRE}`]: {
    "pod to WireServer 32526": POD,
    "pod to WireServer 80": POD,
  },
};

/** The rules of a plan that decide something, each with its chain and its line. */
export function ruleLines(plan: GuestNetworkPlan): { at: number; chain: string; rule: string }[] {
  let chain = "";
  return filterRules(plan)
    .split("\n")
    .map((line, at) => {
      chain = /^ {2}chain (\S+)/.exec(line)?.[1] ?? chain;
      return { at, chain, rule: line.trim() };
    })
    .filter(({ rule }) => / (?:accept|drop|masquerade)$|^drop$/.test(rule));
}

/** In one order, to compare. */
export function sorted(traffic: Traffic): [string, string][] {
  return Object.entries(traffic).sort(([a], [b]) => (a < b ? -1 : 1));
}
