/**
 * The `report` container's program: makes the two writes of `node-writes.ts` with the pod's own token,
 * once it has seen for itself that what `install` proved is what lies on the host; then it idles and
 * makes no call at all.
 *
 * The image has no JSON parser, so the node is read as YAML, which is read line by line. A mistake in
 * reading can do no harm: the patch tests the taint that it removes.
 *
 * Needs of its image: POSIX sh, awk, curl, sed, sha256sum.
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
trap 'exit 0' TERM INT

case $KUBERNETES_SERVICE_HOST in
  *:*) server="[$KUBERNETES_SERVICE_HOST]:$KUBERNETES_SERVICE_PORT" ;;
  *) server=$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT ;;
esac
node=https://$server/api/v1/nodes/$NODE_NAME

check_proof() {
  [ "$(cat "$PROOF/asset-set")" = "$KVM_FABRIC_ASSET_SET" ] ||
    fail "another asset set was proven than $KVM_FABRIC_ASSET_SET"
  [ "$(cat "$FILES/asset-set")" = "$KVM_FABRIC_ASSET_SET" ] ||
    fail "the mounted scripts belong to another asset set than this pod; a newer pod will replace it"
  [ "$(cat "$PROOF/boot-id")" = "$(cat "$BOOT_ID")" ] ||
    fail "the proof is of another boot of this node; delete this pod to prove it anew"
  [ "$(readlink "$HOST_ROOT/current")" = "versions/$KVM_FABRIC_ASSET_SET" ] ||
    fail "another asset set is current on this node; delete this pod to install it anew"
  (cd "$HOST_ROOT/versions/$KVM_FABRIC_ASSET_SET" && sha256sum -c "$PROOF/sums" >/dev/null 2>&1) ||
    fail "files of the asset set changed since they were proven; delete this pod to install it anew"
}

# Prints the status of one call; the answer lies in $WORK/answer. The token is read anew each time,
# since the kubelet renews it, and stays out of the command line.
call() {
  printf 'Authorization: Bearer %s\\n' "$(cat "$TOKEN_DIR/token")" >"$WORK/authorization"
  curl --silent --show-error --max-time 30 --proto '=https' --cacert "$TOKEN_DIR/ca.crt" \\
    --header "@$WORK/authorization" --header "Accept: application/yaml" \\
    --user-agent kvm-fabric-node-provisioner --output "$WORK/answer" --write-out '%{http_code}' \\
    "$@" "$node" || true
}

patch() {
  status=$(call --request PATCH --header "Content-Type: $1" --data-binary "@$2")
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
  status=$(call)
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
