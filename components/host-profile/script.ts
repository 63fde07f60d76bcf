import { startAssets } from "./assets";
import { hostFiles, hugepagesPath } from "./files";
import type { HostProfilePlan } from "./plan";
import { WRITE_FUNCTIONS, writeFiles } from "./shell";

/**
 * Renders the POSIX shell script that gives a running host its profile, as root: files that hold over a reboot, then the
 * same settings at once, then the proof that there is a `/dev/kvm`, then a service that brings the assets, which is not
 * waited for. Run again, it changes nothing that is right already.
 *
 * Ends with 1 and one clear line on standard error where the host cannot be what it should: no KVM, a module or a
 * setting that its kernel does not have, too little memory in one piece for the huge pages.
 */
export function hostProfileScript(plan: HostProfilePlan): string {
  return [
    WRITE_FUNCTIONS,
    APPLY_FUNCTIONS,
    writeFiles(hostFiles(plan)),
    ...calls(plan),
    // Last: a host without KVM needs no files.
    ...(plan.assets === undefined ? [] : [startAssets(plan.assets)]),
    "",
  ].join("\n");
}

/** Huge pages come first: later, memory is in smaller pieces. */
function calls(plan: HostProfilePlan): string[] {
  const { hugepages, kernelModules, sysctls } = plan;
  return [
    `mask_swap ${plan.swap ? "no" : "yes"}`,
    `stop_swap ${plan.swap ? "no" : "yes"}`,
    hugepages === undefined
      ? "set_hugepages /none 0"
      : `set_hugepages ${hugepagesPath(hugepages.sizeKib)} ${String(hugepages.count)}`,
    ...kernelModules.map((module) => `load_module ${module}`),
    "load_processor_module",
    `set_nested ${plan.nestedVirtualization ? "Y" : "N"}`,
    `set_nx_huge_pages ${plan.nxHugePages ?? "unchanged"}`,
    ...Object.entries(sysctls).map(
      ([name, value]) => `set_value /proc/sys/${name.replaceAll(".", "/")} '${value}'`,
    ),
    `set_ksm ${plan.ksm ? "unchanged" : "off"}`,
    `set_smt ${plan.smt}`,
    "verify_kvm",
  ];
}

const APPLY_FUNCTIONS = `# set_value PATH VALUE: a setting of the kernel, below /proc or /sys.
set_value() {
  [ -e "$ROOT$1" ] || fail "this kernel has no $1: name the module that brings it in kernelModules, or leave it out"
  [ "$(tr -s '\\t ' ' ' <"$ROOT$1")" != "$2" ] || return 0
  printf '%s\\n' "$2" 2>/dev/null >"$ROOT$1" || fail "the kernel refuses $2 for $1"
  say "set $1 to $2"
}

load_module() {
  [ ! -d "$ROOT/sys/module/$1" ] || return 0
  modprobe "$1" 2>/dev/null ||
    fail "cannot load the kernel module $1: install the extra modules of kernel $(uname -r), or leave it out of kernelModules"
  say "loaded $1"
}

# On Arm there is neither: KVM is part of the kernel.
load_processor_module() {
  [ ! -d "$ROOT/sys/module/kvm_intel" ] || return 0
  [ ! -d "$ROOT/sys/module/kvm_amd" ] || return 0
  if modprobe kvm_intel 2>/dev/null || modprobe kvm_amd 2>/dev/null; then
    say 'loaded the module of the processor'
  fi
}

# set_nested Y|N: a loaded module reads its options again only when it is loaded again.
set_nested() {
  for module in kvm_intel kvm_amd; do
    parameter=$ROOT/sys/module/$module/parameters/nested
    [ -r "$parameter" ] || continue
    [ "$(nested_now "$parameter")" != "$1" ] || continue
    if modprobe -r "$module" 2>/dev/null; then
      modprobe "$module" || fail "cannot load $module again"
      say "loaded $module again"
    fi
    [ -r "$parameter" ] && [ "$(nested_now "$parameter")" = "$1" ] && continue
    [ "$1" = N ] || fail "guests cannot run KVM: $module is in use without it; reboot this host"
    say "warning: guests can run KVM until this host reboots: $module is in use"
  done
}

nested_now() {
  case $(cat "$1") in
    1 | Y) echo Y ;;
    *) echo N ;;
  esac
}

# The kernel tells the state (Y or N), not the word that was set: this is written each time, to the same effect.
set_nx_huge_pages() {
  [ "$1" != unchanged ] || return 0
  parameter=$ROOT/sys/module/kvm/parameters/nx_huge_pages
  [ -e "$parameter" ] || fail 'this kernel has no kvm.nx_huge_pages: leave nxHugePages out'
  printf '%s\\n' "$1" 2>/dev/null >"$parameter" || fail "the kernel refuses $1 for kvm.nx_huge_pages"
}

# set_hugepages PATH COUNT: 0 leaves the host as it is.
set_hugepages() {
  [ "$2" -gt 0 ] || return 0
  [ -e "$ROOT$1" ] || fail "this processor has no huge pages of that size: there is no $1"
  set_value "$1" "$2"
  [ "$(cat "$ROOT$1")" -ge "$2" ] ||
    fail "only $(cat "$ROOT$1") of $2 huge pages could be had: reboot this host, or ask for fewer"
}

stop_swap() {
  [ "$1" = yes ] || return 0
  [ -r "$ROOT/proc/swaps" ] || return 0
  [ "$(wc -l <"$ROOT/proc/swaps")" -gt 1 ] || return 0
  swapoff -a || fail 'cannot stop swapping: there is too little memory'
  say 'stopped swapping'
}

# 2 takes merged pages apart as well; 0 and 2 are both off.
set_ksm() {
  [ "$1" = off ] || return 0
  [ -e "$ROOT/sys/kernel/mm/ksm/run" ] || return 0
  [ "$(cat "$ROOT/sys/kernel/mm/ksm/run")" = 1 ] || return 0
  set_value /sys/kernel/mm/ksm/run 2
}

set_smt() {
  [ "$1" = off ] || return 0
  control=/sys/devices/system/cpu/smt/control
  [ -e "$ROOT$control" ] || return 0
  [ "$(cat "$ROOT$control")" = on ] || return 0
  set_value "$control" off
}

verify_kvm() {
  [ ! -c "$ROOT/dev/kvm" ] || return 0
  if grep -Eqw 'vmx|svm' "$ROOT/proc/cpuinfo"; then
    fail 'there is no /dev/kvm though the processor can: see dmesg for what KVM says'
  fi
  fail 'there is no /dev/kvm: the processor shows no virtualisation; take a metal machine, or one with nested virtualisation switched on'
}
`;
