/**
 * The `report` container's program: makes the two writes of `node-writes.ts` with the pod's own token,
 * once it has seen for itself that what `install` proved is what lies on the host; then it idles and
 * makes no call at all.
 *
 * Told to end, it looks whether its DaemonSet is gone or being deleted, and only then takes its label off
 * the node. Foreground deletion keeps the DaemonSet, with a deletionTimestamp, until its pods are gone;
 * after background deletion it is gone before them. On a rollout, a drain or a shutdown of the node the
 * DaemonSet is there and the label stays: it is true, and workers live by it.
 *
 * Ending takes 28 s at worst, within the pod's grace period of 30 s: a call under way is waited for (10 s),
 * since a label that is on its way must not arrive after the label was taken off; tries begin for 10 s, and
 * the last one makes two calls of at most 4 s.
 *
 * The image has no JSON parser, so the node is read as YAML, which is read line by line. A mistake in
 * reading can do no harm: the patch tests the taint that it removes.
 *
 * Needs of its image: POSIX sh, awk, curl, date, sed, sha256sum.
 */
export const REPORT_SCRIPT = `#!/bin/sh
set -eu
umask 077

say() { echo "report: $1"; }
fail() {
  echo "report: $1" >&2
  exit 1
}
# A trap is answered at once only while the shell itself waits.
rest() {
  sleep "$1" &
  wait "$!"
}
trap 'take_leave; exit 0' TERM INT

case $KUBERNETES_SERVICE_HOST in
  *:*) server="[$KUBERNETES_SERVICE_HOST]:$KUBERNETES_SERVICE_PORT" ;;
  *) server=$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT ;;
esac
node=https://$server/api/v1/nodes/$NODE_NAME
daemon_set=https://$server/apis/apps/v1/namespaces/$NAMESPACE/daemonsets/$KVM_FABRIC_DAEMON_SET
call_seconds=10

check_proof() {
  [ "$(cat "$PROOF/asset-set")" = "$KVM_FABRIC_ASSET_SET" ] ||
    fail "another asset set was proven than $KVM_FABRIC_ASSET_SET"
  [ "$(cat "$FILES/asset-set")" = "$KVM_FABRIC_ASSET_SET" ] ||
    fail "the mounted scripts belong to another asset set than this pod; a newer pod will replace it"
  [ "$(cat "$PROOF/boot-id")" = "$(cat "$BOOT_ID")" ] ||
    fail "the proof is of another boot of this node; delete this pod to prove it anew"
  [ "$(readlink "$HOST_ROOT/current")" = "versions/$KVM_FABRIC_ASSET_SET" ] ||
    fail "another asset set is current on this node; delete this pod to install it anew"
  # Large files take long to read, and a trap would wait for them.
  (cd "$HOST_ROOT/versions/$KVM_FABRIC_ASSET_SET" && exec sha256sum -c "$PROOF/sums" >/dev/null 2>&1) &
  wait "$!" ||
    fail "files of the asset set changed since they were proven; delete this pod to install it anew"
}

# Prints the status of one call; the answer lies in $WORK/answer. The token is read anew each time,
# since the kubelet renews it, and stays out of the command line.
call() {
  printf 'Authorization: Bearer %s\\n' "$(cat "$TOKEN_DIR/token")" >"$WORK/authorization"
  curl --silent --show-error --max-time "$call_seconds" --proto '=https' --cacert "$TOKEN_DIR/ca.crt" \\
    --header "@$WORK/authorization" --header "Accept: application/yaml" \\
    --user-agent kvm-fabric-node-provisioner --output "$WORK/answer" --write-out '%{http_code}' \\
    "$@" || true
}

patch() {
  status=$(call --request PATCH --header "Content-Type: $1" --data-binary "@$2" "$node")
  [ "$status" = 200 ] && return 0
  say "$3 was answered with status \${status:-none}: $(sed -n 's/^message: //p' "$WORK/answer")"
  return 1
}

current_label() {
  awk -v want="$KVM_FABRIC_ASSETS_LABEL:" '
    /^[^ ]/ { top = $1 }
    /^  [^ -]/ { inside = (top == "metadata:" && $1 == "labels:") }
    inside && $1 == want { print $2; exit }
  ' "$WORK/node"
}

taint_index() {
  awk -v want="$KVM_FABRIC_STARTUP_TAINT" '
    /^[^ ]/ { top = $1; inside = 0 }
    /^  [^ -]/ { inside = (top == "spec:" && $1 == "taints:") }
    inside && /^ +- / { at++; key = ""; effect = ""; sub(/- /, "  ") }
    inside && $1 == "key:" { key = $2 }
    inside && $1 == "effect:" { effect = $2 }
    inside && key == want && effect == "NoSchedule" { print at - 1; exit }
  ' "$WORK/node"
}

report() {
  status=$(call "$node")
  if [ "$status" != 200 ]; then
    say "reading the node was answered with status \${status:-none}"
    return 1
  fi
  mv "$WORK/answer" "$WORK/node"
  if [ "$(current_label)" != "$KVM_FABRIC_ASSET_SET" ]; then
    patch "$(cat "$FILES/label.type")" "$FILES/label.json" "labelling the node" || return 1
  fi
  index=$(taint_index)
  if [ -n "$index" ]; then
    sed "s/INDEX/$index/g" "$FILES/taint.json" >"$WORK/taint.json"
    patch "$(cat "$FILES/taint.type")" "$WORK/taint.json" "removing the startup taint" || return 1
  fi
}

# What becomes of the provisioner, by the status and the text of the last answer.
fate() {
  awk -v status="$1" '
    BEGIN { fate = (status == 200 ? "stays" : "unknown") }
    status == 404 && $0 == "reason: NotFound" { fate = "goes" }
    /^[^ ]/ { top = $1 }
    status == 200 && top == "metadata:" && /^  deletionTimestamp:/ { fate = "goes" }
    END { print fate }
  ' "$WORK/answer"
}

# Fails where it has to be tried again.
withdraw() {
  : >"$WORK/answer"
  status=$(call "$daemon_set")
  case $(fate "$status") in
    goes) ;;
    stays)
      say "the provisioner stays, and so does the label"
      return 0
      ;;
    *)
      say "reading the DaemonSet was answered with status \${status:-none}"
      return 1
      ;;
  esac
  patch "$(cat "$FILES/label-removal.type")" "$FILES/label-removal.json" "taking the label off" ||
    [ "$status" = 404 ] || return 1
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

rm -f "$WORK/reported"
check_proof
delay=1
until report; do
  rest "$delay"
  [ "$delay" -ge 60 ] || delay=$((delay * 2))
done
: >"$WORK/reported"
say "node $NODE_NAME is labelled with asset set $KVM_FABRIC_ASSET_SET and free of the startup taint"
while :; do rest 3600; done
`;
