/**
 * Names what is wrong with a host, and how bad that is by the policy's table.
 *
 * Source of most findings: https://github.com/firecracker-microvm/firecracker/blob/main/docs/prod-host-setup.md
 */
export const DOCTOR_SECTION = `
# ---- doctor: what is wrong with this host. Reads $HOST_SYS and $HOST_PROC, so a container sees its host.

severity_of() {
  if [ -f "$FILES/doctor.policy" ]; then
    while read -r name severity; do
      if [ "$name" = "$1" ]; then
        printf '%s\\n' "$severity"
        return 0
      fi
    done <"$FILES/doctor.policy"
  fi
  case $1 in
    no-kvm | kvm-not-openable | wrong-architecture | kernel-too-old | disk-full | inodes-full | artefact-damaged)
      echo fatal
      ;;
    vhost-vsock-missing) echo off ;;
    *) echo warning ;;
  esac
}

# finding NAME GOT WANTED FIX
tab=$(printf '\\t')
finding() {
  severity=$(severity_of "$1")
  [ "$severity" != off ] || return 0
  findings=$findings$1$tab$severity$tab$2$tab$3$tab$4$newline
  [ "$severity" = fatal ] || return 0
  fatal=yes
  # Damaged files are what an installation is for; everything else it cannot mend.
  if [ -z "$unfit" ] && [ "$1" != artefact-damaged ]; then unfit=$1 unfit_text="$1: got $2, wanted $3; $4"; fi
}

# older VERSION MINIMUM: by numbers, part by part.
older() {
  printf '%s\\n%s\\n' "$1" "$2" | awk -F '[^0-9]+' '
    NR == 1 { for (i = 1; i <= 3; i++) got[i] = $i + 0 }
    NR == 2 {
      for (i = 1; i <= 3; i++) {
        if (got[i] < $i + 0) exit 0
        if (got[i] > $i + 0) exit 1
      }
      exit 1
    }'
}

find_kvm() {
  if [ ! -c "$KVM_DEVICE" ]; then
    finding no-kvm "no character device $KVM_DEVICE" "$KVM_DEVICE" \\
      "switch virtualisation on in the firmware or for the cloud instance, load kvm_intel or kvm_amd"
  elif ! (: <>"$KVM_DEVICE") 2>/dev/null; then
    finding kvm-not-openable "$KVM_DEVICE does not open" "open for reading and writing" \\
      "hand it over with the device plugin, or run as a user of its group"
  fi
  case $MACHINE in
    x86_64) set -- kvm_intel kvm_amd kvm_pvm ;;
    *) set -- kvm ;;
  esac
  wanted=$*
  for module; do
    [ ! -d "$HOST_SYS/module/$module" ] || return 0
  done
  finding kvm-module-missing none "one of: $wanted" "modprobe the one for the processor, and at every boot"
}

find_machine() {
  [ -f "$table" ] ||
    finding wrong-architecture "$MACHINE" "a machine that asset set $set_id has files for" \\
      "give the set files for this architecture, or take the node out of the pool"
  kernel=$(content "$HOST_PROC/sys/kernel/osrelease")
  if [ -n "$kernel" ] && older "$kernel" "$KERNEL_MINIMUM"; then
    finding kernel-too-old "$kernel" "$KERNEL_MINIMUM or newer" "boot a kernel that Firecracker is tested with"
  fi
  [ "$(content "$HOST_SYS/devices/system/cpu/smt/active")" != 1 ] ||
    finding smt on off "nosmt on the kernel's command line: guests on one core can read each other's data"
  [ "$(content "$HOST_SYS/kernel/mm/ksm/run")" != 1 ] ||
    finding ksm on off "echo 0 to /sys/kernel/mm/ksm/run: shared pages tell one guest of another's memory"
  swaps=$(content "$HOST_PROC/swaps" | awk 'NR > 1 { printf "%s%s", (NR > 2 ? " " : ""), $1 }')
  [ -z "$swaps" ] || finding swap "$swaps" none "swapoff, and mask the units: guests' memory must not reach a disk"
  weak=$(cd "$HOST_SYS/devices/system/cpu/vulnerabilities" 2>/dev/null && grep -l '^Vulnerable' ./* | tr -d './' | tr '\\n' ' ') || :
  [ -z "$weak" ] || finding cpu-vulnerable "\${weak% }" "a mitigation for each" "newer microcode and kernel"
}

find_kernel_settings() {
  pages=$(content "$HOST_SYS/kernel/mm/hugepages/hugepages-\${HUGEPAGE_KIB}kB/nr_hugepages")
  [ "\${pages:-0}" -ge "$HUGEPAGES" ] ||
    finding hugepages "\${pages:-0} of $HUGEPAGE_KIB KiB" "$HUGEPAGES" "reserve them at boot"
  [ -f "$HOST_SYS/fs/cgroup/cgroup.controllers" ] ||
    finding cgroup-v1 "no cgroup.controllers" "cgroup version 2" "systemd.unified_cgroup_hierarchy=1, or a newer system"
  grep -q ' tun$' "$HOST_PROC/misc" 2>/dev/null || [ -d "$HOST_SYS/class/misc/tun" ] ||
    finding tun-missing "no tun device" "/dev/net/tun" "modprobe tun, and at every boot: guests have no network without it"
  [ -d "$HOST_SYS/module/vhost_vsock" ] ||
    finding vhost-vsock-missing "no module vhost_vsock" "/dev/vhost-vsock" "modprobe vhost_vsock; Firecracker does without"
  nested=
  for module in kvm_intel kvm_amd; do
    nested=$nested$(content "$HOST_SYS/module/$module/parameters/nested")
  done
  case $nested in 1) nested=Y ;; 0) nested=N ;; esac
  [ "$NESTED" = any ] || [ -z "$nested" ] || [ "$nested" = "$NESTED" ] ||
    finding nested-virtualisation "$nested" "$NESTED" "set the parameter nested of the processor's kvm module"
}

find_room() {
  { [ -f "$table" ] && room; } || return 0
  missing
  [ "$free_kib" -ge $((2 * missing_kib)) ] ||
    finding disk-full "$free_kib KiB free in $HOST_ROOT" "$((2 * missing_kib)) KiB" "free space, or give the node a larger disk"
  [ "$free_inodes" -ge $((2 * missing_files)) ] ||
    finding inodes-full "$free_inodes inodes free in $HOST_ROOT" "$((2 * missing_files))" "remove small files, or make the file system anew"
}

# find_artefacts quick|full: what lies on the disk under the name of a whole version, and is none.
find_artefacts() {
  for id in "$set_id" "$(current_id)"; do
    { [ -n "$id" ] && [ -e "$versions/$id" ]; } || continue
    check_version "$id" "$1" && continue
    finding artefact-damaged "$problem" "every file with the sum of its manifest" \\
      "the provisioner replaces it; if it comes again, replace the disk"
    break
  done
  vmm=$HOST_ROOT/current/firecracker
  [ -x "$vmm" ] || return 0
  release=$("$vmm" --version 2>/dev/null </dev/null 9>&- | sed -n 's/^Firecracker v//p')
  if [ -n "$release" ] && older "$release" "$FIRECRACKER_MINIMUM"; then
    finding firecracker-too-old "$release" "$FIRECRACKER_MINIMUM or newer" "take the assets of a supported release"
  fi
}

# examine quick|full: sets findings (one a line), fatal where there is such a one, and unfit to the name of the first
# that no installation mends.
examine() {
  findings='' fatal='' unfit='' unfit_text=''
  find_kvm
  find_machine
  find_kernel_settings
  find_room
  find_artefacts "$1"
}

findings_json() {
  printf '%s' "$findings" | awk -F '\\t' -v machine="$machine_id" -v node="$NODE_NAME" -v boot="$boot_id" -v now="$(date +%s)" '
    function text(value) {
      gsub(/[\\\\"]/, "\\\\\\\\&", value)
      gsub(/[^ -~]/, "?", value)
      return "\\"" value "\\""
    }
    BEGIN {
      printf "{\\"machineId\\":%s,\\"node\\":%s,\\"bootId\\":%s,", text(machine), text(node), text(boot)
      printf "\\"checkedAt\\":%d,\\"findings\\":[", now
    }
    {
      printf "%s{\\"name\\":%s,\\"severity\\":%s,\\"got\\":%s,", (NR > 1 ? "," : ""), text($1), text($2), text($3)
      printf "\\"wanted\\":%s,\\"fix\\":%s}", text($4), text($5)
    }
    END { print "]}" }'
}
`;
