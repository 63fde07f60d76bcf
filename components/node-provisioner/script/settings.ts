/**
 * Settings and their defaults, the tables, durable writes and the lock: what every other section stands on.
 */
export const SETTINGS_SECTION = `#!/bin/sh
# Proves a host and installs the files that microVMs need: doctor, install, gate, verify, collect, flip, rollback,
# uninstall, run. Settings are environment variables; all of them, with their defaults, come first.
set -eu
umask 022
# A host and a container on it say the same of the same file.
export LC_ALL=C TZ=UTC0

# Where things are. FILES holds the tables, HOST_ROOT receives the files, STATE is shared with the reporter.
: "\${FILES:=/etc/kvm-fabric}" "\${HOST_ROOT:=/var/lib/kvm-fabric}" "\${STATE:=/run/kvm-fabric}"
: "\${HOST_SYS:=/sys}" "\${HOST_PROC:=/proc}" "\${KVM_DEVICE:=/dev/kvm}" "\${MACHINE_ID_FILE:=/etc/machine-id}"
# The machine that is meant; nothing is done on another. Empty: any.
: "\${EXPECTED_MACHINE_ID:=}"
# The node's name, where this is a pod: it does not see the machine's id.
: "\${NODE_NAME:=}"
: "\${MACHINE:=$(uname -m)}"
# no: "install" flips "current" without doctor and gate, for a host that is proven in another way.
: "\${PROVE:=yes}"
# Bounds of one try of one download, in seconds, and bytes a second that are no stall; tries in a row that each got
# further; the largest file, in MiB.
: "\${CONNECT_SECONDS:=10}" "\${STALL_SECONDS:=30}" "\${SLOWEST_BYTES:=1024}" "\${TOTAL_SECONDS:=3600}"
: "\${TRIES:=5}" "\${LARGEST_MIB:=16384}"
# yes: files may come from their own URL without TLS. Mirrors may always: the sum decides.
: "\${ALLOW_HTTP:=no}"
# How long another installer is waited for, and what a file counts whose size nobody tells.
: "\${LOCK_SECONDS:=3600}" "\${ASSUMED_MIB:=64}"
# Versions that are kept beside the current one and those in use.
: "\${KEEP_VERSIONS:=2}"
# What the doctor wants of the host.
: "\${KERNEL_MINIMUM:=5.10}" "\${FIRECRACKER_MINIMUM:=1.13.2}" "\${HUGEPAGES:=0}" "\${HUGEPAGE_KIB:=2048}" "\${NESTED:=any}"
# The rhythm of "run", in seconds: quick check, check of all sums, longest pause after a failure, wait for running
# microVMs before a flip, wait for the reporter at the end.
: "\${CHECK_SECONDS:=30}" "\${FULL_CHECK_SECONDS:=21600}" "\${BACKOFF_SECONDS:=300}" "\${MICROVM_DEADLINE_SECONDS:=0}"
: "\${FAREWELL_SECONDS:=25}"

objects=$HOST_ROOT/objects
versions=$HOST_ROOT/versions
running=no
reason='' problem='' dead=''
newline='
'

say() { printf 'provision: %s\\n' "$1" >&2; }
# Ends nothing by itself: every step answers for the one before it.
refuse() {
  reason=$1 problem=$2
  return 1
}
die() {
  say "$1"
  exit 1
}

# post PATH TEXT: what others read while it is written; need not survive a power cut.
post() {
  printf '%s\\n' "$2" >"$1.new" && mv -T "$1.new" "$1"
}
# put PATH TEXT: what must survive one.
put() {
  printf '%s\\n' "$2" | tee "$1.new" >/dev/null && sync "$1.new" && mv -T "$1.new" "$1" && sync "\${1%/*}"
}
# Answers with nothing where there is no such file.
content() {
  [ ! -f "$1" ] || cat "$1"
}
sum_of() {
  line=$(sha256sum <"$1") || return 1
  printf '%s\\n' "\${line%% *}"
}

boot_id=$(content "$HOST_PROC/sys/kernel/random/boot_id")
machine_id=$(content "$MACHINE_ID_FILE")
# What people are told it is.
case $machine_id in
  '') where=\${NODE_NAME:+node $NODE_NAME} ;;
  *) where="machine $machine_id" ;;
esac

load_tables() {
  set_id=$(content "$FILES/asset-set")
  case $MACHINE in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) architecture=none ;;
  esac
  table=$FILES/$architecture.table
  gate_table=$FILES/$architecture.gate
  target=$versions/$set_id
  assembled=$versions/.partial-$set_id
  [ -n "$set_id" ] || refuse NoAssetSet "$FILES/asset-set names no asset set" || return 1
  [ -f "$table" ] || refuse WrongArchitecture "asset set $set_id has no files for machines of type $MACHINE"
}

# The version that "current" names, where it names one.
current_id() {
  link=$(readlink "$HOST_ROOT/current" 2>/dev/null) || return 0
  printf '%s\\n' "\${link#versions/}"
}
previous_id() {
  link=$(readlink "$HOST_ROOT/.previous" 2>/dev/null) || return 0
  printf '%s\\n' "\${link#versions/}"
}

# One installer at a time on a host. Descriptor 9 holds the lock, and passes it on to whatever still writes should
# this shell be killed. The file may go while it is waited for, with "uninstall".
take_lock() {
  if [ -n "$EXPECTED_MACHINE_ID" ] && [ "$EXPECTED_MACHINE_ID" != "$machine_id" ]; then
    refuse WrongMachine "this is \${where:-a machine without an id}, and $EXPECTED_MACHINE_ID was meant" || return 1
  fi
  while :; do
    mkdir -p "$HOST_ROOT" && { : >>"$HOST_ROOT/.lock"; } 2>/dev/null ||
      refuse WriteFailed "cannot write in $HOST_ROOT" || return 1
    exec 9>>"$HOST_ROOT/.lock"
    if ! flock -n -x 9; then
      say "waiting for another installer: $(content "$HOST_ROOT/.lock")"
      timeout "$LOCK_SECONDS" flock -x 9 ||
        refuse Locked "another installer works on this host: $(content "$HOST_ROOT/.lock")" || return 1
    fi
    [ "$(stat -L -c %i /dev/fd/9)" != "$(stat -c %i "$HOST_ROOT/.lock" 2>/dev/null)" ] || break
    exec 9>&-
  done
  { printf 'pid %s, %s\\n' "$$" "\${where:-machine unknown}" >"$HOST_ROOT/.lock"; } 2>/dev/null || :
}
`;
