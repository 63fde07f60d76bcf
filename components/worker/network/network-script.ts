import { toolCheck } from "../../vm-pod/tools";
import { type GuestNetworkPlan, type PlannedVariable, renderTap } from "./plan";
import { filterRules } from "./rules";

/** No variable of an environment may be longer than 128 KiB, so the table of TAP devices goes in parts. */
const TAPS_A_PART = 256;

/** What is always needed. */
const TOOLS = `set -eu
tun=\${TUN_DEVICE:-/dev/net/tun} proc=\${PROC:-/proc}
fail() {
  echo "network: $1; $2" >&2
  exit 1
}
setting() { cat "$proc/sys/net/$1" 2>/dev/null || :; }
taps() { printf '%s' "\${TAPS_0:-}" "\${TAPS_1:-}" "\${TAPS_2:-}" "\${TAPS_3:-}"; }

${toolCheck("network", ["cat", "grep", "mv", "nft"])}
`;

/** The filter comes before the first device: no packet passes without it. */
const FILTER = `elements() {
  while read -r name owner gateway4 guest4 gateway6 guest6 mac gateway_mac; do
    printf 'add element inet %s guests4 { "%s" . %s }\\n' "$TABLE" "$name" "$guest4"
    printf 'add element inet %s guests6 { "%s" . %s }\\n' "$TABLE" "$name" "$guest6"
  done
}
{
  printf '%s\\n' "$RULES"
  taps | elements
} | nft -f - || fail "the packet filter was refused" "the node's kernel needs nf_tables with NAT and conntrack (modules nf_tables, nft_chain_nat, nft_masq, nft_ct), the container NET_ADMIN"
if [ -z "\${TAPS_0:-}" ]; then
  echo "network: the packet filter is loaded, nobody here makes TAP devices"
  exit 0
fi
`;

/** What the image, the node and the pod have to have for TAP devices. */
const NODE = `# Not by its name alone: busybox has another ip, and some of its shells prefer it to any on the PATH.
ip=
IFS=:
for folder in $PATH /usr/sbin /sbin; do
  case $("$folder/ip" -Version 2>&1) in *iproute2*) ip=\${ip:-$folder/ip} ;; esac
done
unset IFS
[ -n "$ip" ] || fail "there is no ip of iproute2" "it belongs into the image, or into that of guestNetwork.image"
[ -c "$tun" ] || fail "no character device $tun" "load the module tun on the node, at every boot"
(: <>"$tun") 2>/dev/null || fail "$tun does not open" "check its mode on the node, and the container runtime: runc 1.2.0 to 1.2.3 keep it from every container"
# has_way_out FAMILY: whether the pod itself has one.
has_way_out() { [ -n "$("$ip" "-$1" route show default)" ]; }
if [ "$EGRESS" = yes ] && has_way_out 4 && [ "$(setting ipv4/ip_forward)" != 1 ]; then
  fail "the pod forwards no IPv4, so guests have no way out" "net.ipv4.ip_forward=1 on the node, or ipForwarding: true where the kubelet allows that; or guestNetwork.egress: false"
fi
ipv6=yes
if [ "$(setting ipv6/conf/all/disable_ipv6)" != 0 ] || [ "$(setting ipv6/conf/default/disable_ipv6)" != 0 ]; then
  ipv6=no
  echo "network: there is no IPv6 in this pod, so guests have none"
elif [ "$EGRESS" = yes ] && has_way_out 6 && [ "$(setting ipv6/conf/all/forwarding)" != 1 ]; then
  echo "network: the pod forwards no IPv6, so guests reach the pod alone with it"
fi
`;

/** The devices and the table of them. */
const DEVICES = `# Of an earlier run, all at once: one by one a thousand take half a minute. The number tells them from others' devices.
group=7650
leftover() { [ -z "$("$ip" -oneline link show group "$group")" ] || echo "link delete group $group"; }
devices() {
  while read -r name owner gateway4 guest4 gateway6 guest6 mac gateway_mac; do
    echo "tuntap add dev $name mode tap user $owner"
    echo "link set dev $name group $group address $gateway_mac up"
    echo "address add $gateway4 dev $name"
    [ "$ipv6" = no ] || echo "address add $gateway6 dev $name nodad"
  done
}
{
  leftover
  taps | devices
} | "$ip" -batch - || fail "TAP devices cannot be made" "the container needs NET_ADMIN, and the node the module tun"

table() {
  while read -r name owner gateway4 guest4 gateway6 guest6 mac gateway_mac; do
    [ "$ipv6" = yes ] || gateway6=- guest6=-
    echo "$name $owner $gateway4 $guest4 $gateway6 $guest6 $mac"
  done
}
taps | table >"$KVM_FABRIC_TAPS.new"
mv "$KVM_FABRIC_TAPS.new" "$KVM_FABRIC_TAPS"
echo "network: $(taps | grep -c .) TAP devices, the packet filter is loaded"
`;

/**
 * Renders the script of the init container `network`: loads the packet filter of the pod, then makes the TAP devices, each
 * with its owner and addresses, and writes the table of them. A run after another in the same namespace ends alike.
 *
 * It needs NET_ADMIN in the pod's network namespace and `nft`, and for TAP devices `ip` of iproute2 and /dev/net/tun.
 * `TUN_DEVICE` and `PROC` stand for other places in tests.
 */
export function networkScript(): string {
  return [TOOLS, FILTER, NODE, DEVICES].join("");
}

/**
 * Memory that the container `network` needs, in MiB: for its programs, and for what the kernel keeps of each TAP device, some
 * 45 KiB (measured on Linux 6.18), which it counts as the container's and afterwards as the pod's.
 */
export function networkMemoryMib(plan: GuestNetworkPlan): number {
  return 64 + Math.ceil(plan.taps.length / 8);
}

/** What the script of the container `network` needs. `tapsFile` is where it writes the table: `KVM_FABRIC_TAPS` of the worker. */
export function networkEnvironment(plan: GuestNetworkPlan, tapsFile: string): PlannedVariable[] {
  const lines = plan.taps.map((tap) => `${renderTap(tap)} ${tap.gatewayMac}\n`);
  const parts = Array.from({ length: Math.ceil(lines.length / TAPS_A_PART) }, (_, part) => ({
    name: `TAPS_${part}`,
    value: lines.slice(part * TAPS_A_PART, (part + 1) * TAPS_A_PART).join(""),
  }));
  return [
    { name: "TABLE", value: plan.table },
    { name: "EGRESS", value: plan.egress ? "yes" : "no" },
    { name: "KVM_FABRIC_TAPS", value: tapsFile },
    { name: "RULES", value: filterRules(plan) },
    ...parts,
  ];
}
