import { CALLS } from "./calls";
import { CANARY } from "./canary";
import { LEAVE } from "./leave";
import { NODE } from "./node";
import { READING } from "./reading";

/**
 * The `report` container's program: the only one with a token. It tells the API server what the `provision`
 * container found out, which it reads in $STATE/status, and makes no call where nothing changed but a look at
 * the node every few minutes, lest somebody else changed it.
 *
 * Needs of its image: POSIX sh, awk, curl, date, sed.
 */
export function reportScript(): string {
  return `#!/bin/sh
set -eu
umask 022
export LC_ALL=C
${[CALLS, READING, NODE, CANARY, LEAVE].join("")}${MAIN}`;
}

const MAIN = `
# One pass over what is to be done. Fails where it has to be done again.
report() {
  case $phase in
    proven)
      open_node && settle proven && : >"$STATE/reported"
      ;;
    failed)
      rm -f "$STATE/reported"
      # Where a new set failed, the one before it is still what the node is proven with.
      if [ -n "$proven" ]; then open_node; else close_node; fi && settle failed
      ;;
    waiting)
      if has_turn; then renew; else take_turn; fi
      ;;
    *) renew ;;
  esac
}

# True where nothing is to be told: the same was told, and the node was looked at a short while ago.
is_told() {
  [ "$phase|$proven|$reason|$message" = "$last_told" ] || return 1
  case $phase in
    waiting) [ -n "$stays" ] || { has_turn && [ -z "$holding" ]; } || return 1 ;;
    failed) [ -n "$proven" ] || [ -f "$STATE/withdrawn" ] || return 1 ;;
    checking | downloading | gating) [ -z "$holding" ] || return 1 ;;
  esac
  [ "$(date +%s)" -lt "$next_look" ]
}

trap 'take_leave; exit 0' TERM INT
rm -f "$STATE/reported"
last_told='' next_look=0 delay=1
while :; do
  read_status
  told_now="$phase|$proven|$reason|$message"
  if is_told; then
    rest "$KVM_FABRIC_TICK_SECONDS"
  elif report; then
    last_told=$told_now delay=1
    next_look=$(($(date +%s) + KVM_FABRIC_LOOK_SECONDS))
    rest "$KVM_FABRIC_TICK_SECONDS"
  else
    rest "$delay"
    [ "$delay" -ge "$KVM_FABRIC_MOST_DELAY_SECONDS" ] || delay=$((delay * 2))
  fi
done
`;
