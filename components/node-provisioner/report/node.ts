/** What `report` writes to its node. */
export const NODE = `
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# tell STATUS: the condition, and an event where it changed. Nothing where the node says so already.
tell() {
  seen=$(current_condition)
  if [ "$seen" = "$1 $reason" ] && [ "\${told:-$message}" = "$message" ]; then
    told=$message
    return 0
  fi
  template=condition
  [ "\${seen%% *}" = "$1" ] || template=condition-since
  NOW=$(now)
  export STATUS="$1" REASON="$reason" MESSAGE="$message" NOW
  write PATCH "$template" "$node/status" "saying $reason of the node" || return 1
  told=$message
  [ "$seen" != "$1 $reason" ] || return 0
  export KIND=Warning
  [ "$1 $phase" = "True failed" ] || [ "$1" != True ] || KIND=Normal
  # An event is a help for people; no node waits for it.
  write POST event "$events" "an event" || true
}

# The label comes and the startup taint goes, in one write. As long as the other container may touch what is installed,
# the node has no label: it says what it does before it looks for the file that allows it, so one of the two sees the
# other.
open_node() {
  look_at_node || return 1
  rm -f "$STATE/withdrawn"
  known="$phase $proven"
  read_status
  [ "$phase $proven" = "$known" ] || return 1
  INDEX=$(taint_index)
  export ASSET_SET="$proven" INDEX
  if [ -n "$INDEX" ]; then
    write PATCH open "$node" "labelling the node and removing its startup taint" || return 1
    say "node $NODE_NAME is labelled with asset set $proven, and free of the startup taint"
  elif [ "$(current_label)" != "$proven" ]; then
    write PATCH label "$node" "labelling the node" || return 1
    say "node $NODE_NAME is labelled with asset set $proven"
  fi
  tell True
}

# The label goes first, and only then is the other container told that it may touch what is installed.
close_node() {
  look_at_node || return 1
  if [ -n "$(current_label)" ]; then
    write PATCH label-removal "$node" "taking the label off" || return 1
    say "node $NODE_NAME no longer has its label: $message"
  fi
  leave_word withdrawn "$reason"
  tell False
}
`;
