import { toolCheck } from "../../vm-pod/tools";
import type { GuestNetworkPlan, PlannedVariable } from "./plan";
import { filterRules } from "./rules";

/**
 * Renders the script of the native sidecar `metadata-guard` of a worker in its host's network: keeps a table of the packet
 * filter in the host's namespace for as long as it runs, loads it again where something flushed the filter, and removes it
 * when told to end, which Kubernetes does after the worker has gone. It needs NET_ADMIN and `nft`, and touches nothing but
 * its own table. Killed, it leaves the table, which the next one replaces.
 */
export function metadataGuardScript(): string {
  return `set -eu
fail() {
  echo "metadata-guard: $1; $2" >&2
  exit 1
}
${toolCheck("metadata-guard", ["nft", "sleep"])}
load() {
  printf '%s\\n' "$RULES" | nft -f - || fail "the packet filter was refused" "the node's kernel needs nf_tables, the container NET_ADMIN"
}
leave() {
  nft delete table inet "$TABLE" 2>/dev/null || :
  echo "metadata-guard: the packet filter is gone"
  exit 0
}
trap leave TERM INT
load
echo "metadata-guard: the packet filter is loaded"
while :; do
  sleep "\${LOOK_SECONDS:-5}" &
  wait $! || :
  nft list table inet "$TABLE" >/dev/null 2>&1 || {
    echo "metadata-guard: something flushed the packet filter"
    load
  }
done
`;
}

/** What the script of the container `metadata-guard` needs. */
export function metadataGuardEnvironment(plan: GuestNetworkPlan): PlannedVariable[] {
  return [
    { name: "TABLE", value: plan.table },
    { name: "RULES", value: filterRules(plan) },
  ];
}

/** The command that succeeds once the guard has done its work: for a startup probe. */
export function metadataGuardReady(plan: GuestNetworkPlan): string[] {
  return ["nft", "list", "table", "inet", plan.table];
}
