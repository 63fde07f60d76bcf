import type { input as k8s } from "@pulumi/kubernetes/types";

/** What is left of the grace period for the worker itself, to end after its guests. */
const OWN_END_SECONDS = 10;

/** How long the drain waits for guests: the grace period but for the worker's own end, at least half of it. */
export function drainSeconds(terminationGracePeriodSeconds: number): number {
  return Math.max(
    terminationGracePeriodSeconds - OWN_END_SECONDS,
    Math.ceil(terminationGracePeriodSeconds / 2),
  );
}

/**
 * Monitors are found by the names of the processes, which any user may read: of jailed ones nothing else can be without
 * SYS_PTRACE. A pipe that is opened for reading and writing never blocks, whoever is at its other end.
 */
const DRAIN = `proc="\${HOST_PROC:-/proc}"
log="\${DRAIN_LOG:-/proc/1/fd/1}"
say() {
  echo "drain: $1"
  { echo "drain: $1" >>"$log"; } 2>/dev/null || :
}
# A microVM's process that ended, and that nobody asked for its end yet, is none.
count() {
  running=0 qemu=no
  for process in "$proc"/[0-9]*; do
    { read -r line <"$process/stat"; } 2>/dev/null || continue
    name="\${line#*(}"
    state="\${line##*) }"
    case "$state" in [ZX]*) continue ;; esac
    case "\${name%)*}" in
      firecracker*) ;;
      qemu-*) qemu=yes ;;
      *) continue ;;
    esac
    running=$((running + 1))
  done
}
uptime() { read -r up _ </proc/uptime && echo "\${up%.*}"; }
power_down() {
  { [ "$qemu" = yes ] && [ -p "\${KVM_FABRIC_RUN}/monitor.in" ]; } || return 0
  echo system_powerdown 1<>"\${KVM_FABRIC_RUN}/monitor.in"
}
: >"$KVM_FABRIC_DRAINING"
count
say "$running microVMs run; waits up to $seconds s for them to end"
end=$(($(uptime) + seconds))
asked=0
while [ "$running" -gt 0 ] && [ "$(uptime)" -lt "$end" ]; do
  # A guest that is still booting misses the first.
  [ $((asked % 10)) -ne 0 ] || power_down
  asked=$((asked + 1))
  sleep 1
  count
done
if [ "$running" -eq 0 ]; then
  say "no microVM runs any more"
else
  say "$running microVMs still run after $seconds s; they end with the worker"
fi
`;

/**
 * Renders what is run in a worker before it is told to end: tells it to take no more guests, asks a QEMU to power its
 * guest down, and waits until no monitor runs in the container, at most `seconds`.
 *
 * POSIX sh; the environment's `HOST_PROC` and `DRAIN_LOG` stand for other places in tests.
 */
export function drainScript(seconds: number): string {
  return `set -u\nseconds=${String(seconds)}\n${DRAIN}`;
}

/**
 * A container that is restarted alone, without its pod, was drained as well before: what says so must not keep the new
 * one from taking guests.
 */
export const UNDRAIN = 'rm -f "$KVM_FABRIC_DRAINING"';

/** What the kubelet runs in the worker after it starts and before it ends. */
export function vmLifecycle(
  terminationGracePeriodSeconds: number,
  drainCommand?: string[],
): k8s.core.v1.Lifecycle {
  const script = drainScript(drainSeconds(terminationGracePeriodSeconds));
  return {
    postStart: { exec: { command: ["/bin/sh", "-c", UNDRAIN] } },
    preStop: { exec: { command: drainCommand ?? ["/bin/sh", "-c", script] } },
  };
}
