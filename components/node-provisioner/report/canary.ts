/**
 * Whether this node may go over to the asset set that is wanted. The first node to ask is the canary: it
 * holds the set's Lease. The others wait until the Lease says that the set was proven there, and stay as
 * they are where it says that it failed.
 *
 * A holder renews. One that was not heard of for the Lease's duration, by this node's own clock, is taken
 * to be lost, and the next one is the canary.
 */
export const CANARY = `
holding='' stays='' lease_seen='' lease_since=0 renewed=0

has_turn() { [ -f "$STATE/turn" ] && [ "$(cat "$STATE/turn")" = "$KVM_FABRIC_ASSET_SET" ]; }

grant() {
  leave_word turn "$KVM_FABRIC_ASSET_SET"
  say "this node may take asset set $KVM_FABRIC_ASSET_SET: $1"
}

look_at_lease() {
  call "$lease"
  if [ "$status" != 200 ]; then
    say "reading the Lease was answered with status \${status:-none}"
    return 1
  fi
  mv "$WORK/answer" "$WORK/lease"
  holder=$(field "$WORK/lease" spec holderIdentity)
  version=$(field "$WORK/lease" metadata resourceVersion)
  lease_proven=$(entry "$WORK/lease" annotations "$KVM_FABRIC_DOMAIN/proven")
  lease_failed=$(entry "$WORK/lease" annotations "$KVM_FABRIC_DOMAIN/failed")
}

# Fails where it has to be asked again.
take_turn() {
  stays=''
  if [ "$KVM_FABRIC_PAUSED" = true ]; then
    stay_as_is UpgradePaused "asset set $KVM_FABRIC_ASSET_SET has to wait: the rollout is paused"
    return
  fi
  if [ -z "\${KVM_FABRIC_LEASE:-}" ]; then
    grant "there is no canary"
    return 0
  fi
  look_at_lease || return 1
  if [ -n "$lease_proven" ]; then
    grant "it was proven on $lease_proven"
  elif [ -n "$lease_failed" ]; then
    stay_as_is UpgradeHalted "asset set $KVM_FABRIC_ASSET_SET failed on $lease_failed" || return 1
    # Somebody may clear the Lease.
    stays=''
    return 1
  elif [ "$holder" = "$NODE_NAME" ]; then
    holding=yes
    grant "this node is the canary"
  else
    await_or_claim
  fi
}

await_or_claim() {
  clock=$(date +%s)
  if [ "$holder $version" != "$lease_seen" ]; then
    lease_seen="$holder $version" lease_since=$clock
  fi
  if [ -n "$holder" ] && [ $((clock - lease_since)) -lt "$KVM_FABRIC_LEASE_SECONDS" ]; then
    [ "\${waiting_for:-}" = "$holder" ] || say "waiting for $holder, the canary of asset set $KVM_FABRIC_ASSET_SET"
    waiting_for=$holder
    return 1
  fi
  claim || return 1
  grant "this node is the canary"
}

claim() {
  NOW=$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)
  export VERSION="$version" NOW
  write PATCH lease "$lease" "taking the Lease" || return 1
  holding=yes renewed=$(date +%s)
}

renew() {
  [ -n "$holding" ] || return 0
  [ $(($(date +%s) - renewed)) -ge $((KVM_FABRIC_LEASE_SECONDS / 3)) ] || return 0
  look_at_lease || return 0
  if [ "$holder" = "$NODE_NAME" ]; then claim || true; else holding=''; fi
}

# settle proven|failed: the canary tells the others what became of it.
settle() {
  [ -n "$holding" ] || return 0
  export MESSAGE="$message"
  write PATCH "lease-$1" "$lease" "saying of the canary: $1" || return 1
  holding=''
}

# What this node has is not what is wanted, and it keeps it. A node that has nothing takes what is wanted
# even while the rollout is paused: no microVM runs there.
stay_as_is() {
  look_at_node || return 1
  if [ -n "$(current_label)" ]; then
    reason=$1 message=$2
    tell True || return 1
    stays=yes
    [ "$1" != UpgradePaused ] || : >"$STATE/reported"
  elif [ "$1" = UpgradePaused ]; then
    grant "there is no other on this node"
  else
    reason=$1 message=$2
    tell False
  fi
}
`;
