/**
 * What a pod runs for ever: checks, installs when it may, withdraws before it repairs, and takes its leave.
 */
export const RUN_SECTION = `
# ---- run: what a pod does for ever. Each file in $STATE has one writer: status and findings.json this script, turn,
# withdrawn and farewell the reporter.

# phase PHASE REASON MESSAGE: held is the set that this node is proven with at this moment.
held=
phase() {
  line=$(printf '%s' "$3" | tr '\\n\\t' '  ' | cut -c 1-900)
  post "$STATE/status" "phase=$1
assetSet=$held
reason=$2
message=$line
bootId=$boot_id" || return 1
  metrics "$1" 2>/dev/null || :
}

# For node-exporter's textfile collector.
metrics() {
  mkdir -p "$HOST_ROOT/metrics" || return 1
  warnings=$(printf '%s' "\${findings:-}" | grep -c "\${tab}warning$tab") || :
  fatals=$(printf '%s' "\${findings:-}" | grep -c "\${tab}fatal$tab") || :
  post "$HOST_ROOT/metrics/kvm-fabric.prom" "# HELP kvm_fabric_proven Whether the node is proven with an asset set.
# TYPE kvm_fabric_proven gauge
kvm_fabric_proven{asset_set=\\"$held\\"} $([ -z "$held" ] && echo 0 || echo 1)
# HELP kvm_fabric_phase The phase of the provisioner.
# TYPE kvm_fabric_phase gauge
kvm_fabric_phase{phase=\\"$1\\",wanted=\\"$set_id\\"} 1
# HELP kvm_fabric_findings What the doctor found on the host.
# TYPE kvm_fabric_findings gauge
kvm_fabric_findings{severity=\\"fatal\\"} \${fatals:-0}
kvm_fabric_findings{severity=\\"warning\\"} \${warnings:-0}
# HELP kvm_fabric_full_check_timestamp_seconds When all sums of the wanted set were last found right.
# TYPE kvm_fabric_full_check_timestamp_seconds gauge
kvm_fabric_full_check_timestamp_seconds $(read_record "$set_id" && echo "$known_at")"
}

# failed STATUS: says why, and answers with the status.
failed() {
  say "$problem"
  phase failed "$reason" "$problem" || :
  return "$1"
}

camel() { printf '%s\\n' "$1" | awk -F - '{ for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }'; }

# The old version goes on being used until its microVMs end, or for so long.
await_microvms() {
  old=$(current_id)
  [ -n "$old" ] && [ "$old" != "$set_id" ] || return 0
  deadline=$(($(date +%s) + MICROVM_DEADLINE_SECONDS))
  while in_use "$old" && [ "$(date +%s)" -lt "$deadline" ]; do
    phase waiting MicroVmsRunning "microVMs still run from $old; the flip to $set_id waits for them"
    sleep 1
  done
}

# One look at everything and whatever it takes. Ends with 0 where the node is proven, 2 where it waits for the
# reporter, 3 where the gate failed, 1 where something else did.
round() {
  running=yes
  load_tables || failed 1 || return
  take_lock || failed 1 || return
  examine quick
  post "$STATE/findings.json" "$(findings_json)" || return 1
  now=$(current_id)
  damaged=no
  if [ -n "$now" ] && ! check_version "$now" quick; then
    damaged=yes damage=$problem
  elif [ -n "$now" ] && [ -z "$unfit" ]; then
    # Another set than the wanted one passed its gate before it became current, where that was on this node.
    if [ "$now" != "$set_id" ]; then
      if owned || [ ! -f "$HOST_ROOT/.proven-on" ]; then held=$now; fi
    elif gated; then
      held=$now
    fi
  fi
  if [ -n "$unfit" ]; then
    # Proven anew once it is gone.
    rm -f "$HOST_ROOT/.checked-$set_id"
    refuse "$(camel "$unfit")" "$unfit_text" || failed 1 || return
  fi
  if [ "$damaged" = yes ]; then
    problem=$damage
    may_replace || failed 1 || return
  fi
  prove
}

# What "current" names is touched only once the label is off the node.
may_replace() {
  [ ! -f "$STATE/withdrawn" ] || return 0
  held=
  refuse AssetsDamaged "$problem; it is replaced once the label is off the node"
}

# prove: from whatever is installed to a proven node.
prove() {
  if ! check_version "$set_id" quick; then
    # It may have been damaged since this round looked. Said before the reporter's leave is looked for: see there.
    [ "$(current_id)" != "$set_id" ] || held=
    phase downloading Installing "asset set $set_id is being installed"
    [ "$(current_id)" != "$set_id" ] || may_replace || failed 1 || return
    install_version || failed 1 || return
  fi
  if [ "$(current_id)" != "$set_id" ] && [ "$(content "$STATE/turn")" != "$set_id" ]; then
    if [ "$(content "$STATE/.gate-failed" | head -n 1)" = "$set_id" ]; then
      refuse GateFailed "$(content "$STATE/.gate-failed" | sed 1d)" || failed 2 || return
    fi
    phase waiting WaitingForTurn "asset set $set_id is installed; other nodes go first"
    return 2
  fi
  if ! gated; then
    phase gating BootGate "a microVM boots with asset set $set_id"
    if ! gate_version; then
      post "$STATE/.gate-failed" "$set_id$newline$problem"
      failed 3 || return
    fi
    rm -f "$STATE/.gate-failed"
  fi
  await_microvms
  { flip "$set_id" && { own || refuse WriteFailed "cannot write in $HOST_ROOT"; }; } || failed 1 || return
  held=$set_id
  phase proven Proven "/dev/kvm, all files and a microVM of asset set $set_id are proven"
  collect || say "cannot remove old versions"
}

# rest SECONDS: ends early where the reporter has news.
news() { content "$STATE/turn"; content "$STATE/withdrawn"; [ ! -f "$STATE/withdrawn" ] || echo withdrawn; }
rest() {
  before=$(news)
  until_then=$(($(date +%s) + $1))
  while [ "$(date +%s)" -lt "$until_then" ] && [ "$(news)" = "$before" ]; do
    sleep 1 &
    wait "$!" || :
  done
}

# At the end of the pod whatever works is killed, which it is made for. Files go only where the provisioner goes.
leave() {
  trap '' TERM INT
  [ -z "$worker" ] || kill -9 "-$worker" 2>/dev/null || :
  stop_vm
  until_then=$(($(date +%s) + FAREWELL_SECONDS))
  while [ ! -s "$STATE/farewell" ] && [ "$(date +%s)" -lt "$until_then" ]; do sleep 0.5; done
  if [ "$(content "$STATE/farewell")" = goes ]; then
    { take_lock && uninstall; } || die "cannot remove what was installed: \${problem:-an error of the disk}"
    running=no held=''
    post "$STATE/status" "phase=removed
assetSet=
reason=Removed
message=everything that was installed is gone from this host
bootId=$boot_id"
    say "everything that was installed is gone from this host"
  fi
  exit 0
}

run() {
  mkdir -p "$STATE"
  worker=
  trap leave TERM INT
  rm -f "$STATE/farewell"
  post "$STATE/status" "phase=checking
assetSet=
reason=Checking
message=the host is looked at
bootId=$boot_id"
  pause=1
  while :; do
    setsid sh "$0" round &
    worker=$!
    ended=0
    wait "$worker" || ended=$?
    worker=
    case $ended in
      0 | 2) pause=1 ;;
      # Gives the reporter time to see it before a microVM boots once more.
      3) [ "$pause" -ge "$CHECK_SECONDS" ] || pause=$CHECK_SECONDS ;;
    esac
    case $ended in
      0 | 2) rest "$CHECK_SECONDS" ;;
      *)
        rest "$pause"
        pause=$((pause * 2))
        [ "$pause" -le "$BACKOFF_SECONDS" ] || pause=$BACKOFF_SECONDS
        ;;
    esac
  done
}
`;
