/**
 * Told to end, `report` looks whether its DaemonSet is gone or being deleted, and only then takes its label
 * and its condition off the node. Foreground deletion keeps the DaemonSet, with a deletionTimestamp, until
 * its pods are gone; after background deletion it is gone before them. On a rollout, a drain or a shutdown of
 * the node the DaemonSet is there and the label stays: it is true, and workers live by it.
 *
 * Ending takes 32 s at worst, within the pod's grace period: a call under way is waited for (10 s), since a
 * label that is on its way must not arrive after the label was taken off; tries begin for 10 s, and the last
 * one makes three calls of at most 4 s.
 */
export const LEAVE = `
# What becomes of the provisioner, by the status and the text of the last answer.
fate() {
  awk -v status="$status" '
    BEGIN { fate = (status == 200 ? "stays" : "unknown") }
    status == 404 && $0 == "reason: NotFound" { fate = "goes" }
    /^[^ ]/ { top = $1 }
    status == 200 && top == "metadata:" && /^  deletionTimestamp:/ { fate = "goes" }
    END { print fate }
  ' "$WORK/answer"
}

# Fails where it has to be tried again.
withdraw() {
  call "$daemon_set"
  case $(fate) in
    goes) ;;
    stays)
      say "the provisioner stays, and so does the label"
      leave_word farewell stays
      return 0
      ;;
    *)
      say "reading the DaemonSet was answered with status \${status:-none}"
      return 1
      ;;
  esac
  write PATCH label-removal "$node" "taking the label off" || [ "$status" = 404 ] || return 1
  leave_word farewell goes
  write PATCH condition-removal "$node/status" "taking the condition off" || [ "$status" = 404 ] || return 1
  say "the provisioner goes, and node $NODE_NAME no longer has its label"
}

take_leave() {
  trap '' TERM INT
  call_seconds=4
  last_try=$(($(date +%s) + 9))
  until withdraw; do
    if [ "$(date +%s)" -ge "$last_try" ]; then
      say "giving up; the label may be left on node $NODE_NAME"
      return 0
    fi
    rest 1
  done
}
`;
