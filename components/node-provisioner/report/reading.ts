/**
 * How `report` reads what the other container says and what the API server answers. The answers are YAML
 * as the API server prints it, read line by line. A mistake in reading can do no harm: a patch tests what it
 * removes, and the admission policies hold whatever is sent.
 */
export const READING = `
# What \`provision\` says of the node.
read_status() {
  phase=checking proven='' reason='' message=''
  [ -f "$STATE/status" ] || return 0
  while IFS= read -r line; do
    case $line in
      phase=*) phase=\${line#*=} ;;
      assetSet=*) proven=\${line#*=} ;;
      reason=*) reason=\${line#*=} ;;
      message=*) message=\${line#*=} ;;
    esac
  done <"$STATE/status"
}

look_at_node() {
  call "$node"
  if [ "$status" != 200 ]; then
    say "reading the node was answered with status \${status:-none}"
    return 1
  fi
  mv "$WORK/answer" "$WORK/node"
}

# entry FILE MAP KEY: the value of a key of a map in the metadata, without the quotes that YAML may want.
entry() {
  awk -v map="$2:" -v want="$3:" '
    /^[^ ]/ { top = $1 }
    /^  [^ -]/ { inside = (top == "metadata:" && $1 == map) }
    inside && $1 == want { sub(/^ *[^ ]+ */, ""); gsub(/^"|"$/, ""); print; exit }
  ' "$1"
}

# field FILE TOP KEY: the value of a field right below one of the top.
field() {
  awk -v want_top="$2:" -v want="  $3:" '
    /^[^ ]/ { top = $1 }
    top == want_top && index($0, want) == 1 { gsub(/"/, "", $2); print $2; exit }
  ' "$1"
}

current_label() { entry "$WORK/node" labels "$KVM_FABRIC_ASSETS_LABEL"; }

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

# The status and the reason of our condition; the fields of one come in the order of the alphabet.
current_condition() {
  awk -v want="$KVM_FABRIC_CONDITION" '
    /^[^ ]/ { top = $1; inside = 0 }
    /^  [^ -]/ { inside = (top == "status:" && $1 == "conditions:") }
    inside && /^  - / { reason = ""; status = ""; sub(/- /, "  ") }
    inside && /^    reason:/ { reason = $2 }
    inside && /^    status:/ { status = $2; gsub(/"/, "", status) }
    inside && /^    type:/ && $2 == want { print status, reason; exit }
  ' "$WORK/node"
}
`;
