/**
 * Boots a throwaway microVM with exactly what was installed, and leaves nothing of it.
 */
export const GATE_SECTION = `
# ---- gate: a throwaway microVM must come to a known string within a bound, with exactly the installed files.

gate_field() { content "$gate_table" | sed -n "s/^$1 //p"; }

# gate_key: of the wanted set in this boot; another gate is another proof.
gate_key() {
  if [ -f "$gate_table" ]; then sum_of "$gate_table"; else echo none; fi
}

gated() {
  read_record "$set_id"
  [ "$known_gate" = "$(gate_key)" ]
}

# Without network, with a root file system that it cannot change: the file is every version's.
firecracker_config() {
  cat <<END
{
  "boot-source": { "kernel_image_path": "$target/$(gate_field kernel)", "boot_args": "$(gate_field arguments)" },
  "drives": [
    { "drive_id": "root", "path_on_host": "$target/$(gate_field rootfs)", "is_root_device": true, "is_read_only": true }
  ],
  "machine-config": { "vcpu_count": 1, "mem_size_mib": $(gate_field memory) }
}
END
}

# Writes the command of the VM, one word a line.
gate_command() {
  if [ -n "$(gate_field vmm)" ]; then
    firecracker_config >"$gate_folder/config.json" || return 1
    printf '%s\\n' "$target/$(gate_field vmm)" --no-api --config-file "$gate_folder/config.json"
  else
    gate_field word | sed "s|@versionFolder@|$target|g; s|@kernel@|$target/$(gate_field kernel)|g
      s|@rootfs@|$target/$(gate_field rootfs)|g; s|@gateFolder@|$gate_folder|g"
  fi
}

# The VM leads a group of its own. It dies with it at the bound, even should this shell be killed.
start_vm() {
  seconds=$1
  set --
  while IFS= read -r word; do set -- "$@" "$word"; done <"$gate_folder/command"
  {
    ulimit -f 20480
    cd "$gate_folder"
    exec setsid timeout -s KILL $((seconds + 5)) "$@"
  } >"$gate_folder/console" 2>&1 </dev/null 9>&- &
  vm=$!
  printf '%s\\n' "$vm" >"$gate_folder/pid"
}

# stop_vm: whatever lives of it.
stop_vm() {
  gate_folder=$STATE/gate
  [ -s "$gate_folder/pid" ] || return 0
  read -r vm <"$gate_folder/pid"
  kill -9 "-$vm" 2>/dev/null || kill -9 "$vm" 2>/dev/null || :
  wait "$vm" 2>/dev/null || :
  rm -f "$gate_folder/pid"
}

console_tail() {
  tail -c 600 "$gate_folder/console" | tr '\\r\\n\\t' '   ' | tr -cd ' -~' | tail -c 300
}

# Needs the lock, or nobody else on the host. Sets gate_seconds.
gate() {
  [ -f "$gate_table" ] || return 0
  stop_vm
  gate_folder=$STATE/gate
  expect=$(gate_field expect) seconds=$(gate_field seconds) mode=$(gate_field mode)
  { rm -rf "$gate_folder" && mkdir -p "$gate_folder" && chmod 700 "$gate_folder"; } ||
    refuse GateFailed "cannot make $gate_folder" || return 1
  gate_command >"$gate_folder/command" || refuse GateFailed "cannot write $gate_folder" || return 1
  begun=$(date +%s)
  start_vm "$seconds"
  outcome=late
  while [ $(($(date +%s) - begun)) -le "$seconds" ]; do
    if grep -qF -e "$expect" "$gate_folder/console"; then
      outcome=up
      break
    fi
    if ! kill -0 "$vm" 2>/dev/null; then
      # It may have said it and ended between the two looks.
      if grep -qF -e "$expect" "$gate_folder/console"; then outcome=up; else outcome=dead; fi
      break
    fi
    sleep 0.2
  done
  stop_vm
  gate_seconds=$(($(date +%s) - begun))
  said=$(console_tail)
  rm -rf "$gate_folder"
  case $outcome in
    late) refuse GateFailed "the microVM did not say \\"$expect\\" within $seconds s; it said: \${said:-nothing}" || return 1 ;;
    dead) refuse GateFailed "the microVM ended without saying \\"$expect\\"; it said: \${said:-nothing}" || return 1 ;;
  esac
  say "a microVM booted to \\"$expect\\" in $gate_seconds s ($mode)"
}

# gate_version: once for a set in a boot of the host.
gate_version() {
  gated && return 0
  gate || return 1
  write_record "$set_id" "$known_at" "$(gate_key)" "$known_stamp" || refuse WriteFailed "cannot write in $HOST_ROOT"
}
`;
