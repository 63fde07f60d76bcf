import type { input as k8s } from "@pulumi/kubernetes/types";
import { containerSecurity } from "../shared/container-security";
import type { EnvironmentVariable } from "../shared/environment-variable";
import { toolCheck } from "./tools";
import type { VmPod } from "./vm-pod";

/** Where `hold` sees the provisioner's whole folder. */
const HOST_ASSETS = "/host-assets";
/** Where `hold` says that it holds. */
const HOLD_FOLDER = "/run/hold";

/**
 * The script of the sidecar `hold`. Whoever runs a microVM from a version holds a shared lock on its manifest:
 * the provisioner removes no version that is locked so. A version that has its lock while `current` names it cannot have
 * been collected before: what `current` names never is.
 *
 * Said to the probe under the start time of the process, since a file outlives the container that wrote it.
 *
 * POSIX sh; `HOST_ASSETS`, `HOLD_FOLDER`, `LOOK_SECONDS` and `STEP_SECONDS` stand for others in tests.
 */
export const HOLD_SCRIPT = `set -eu
root="\${HOST_ASSETS:-${HOST_ASSETS}}"
state="\${HOLD_FOLDER:-${HOLD_FOLDER}}"
wanted="versions/$KVM_FABRIC_ASSET_SET"
manifest="$root/$wanted/manifest.json"
profile="\${SECCOMP_PROFILE:-}"
source="\${SECCOMP_SOURCE:-}"
profiles="\${SECCOMP_FOLDER:-}"
look="\${LOOK_SECONDS:-5}"
step="\${STEP_SECONDS:-1}"
say() { echo "hold: $1"; }
${toolCheck("hold", ["cat", "cmp", "flock", "mv", "readlink", "rm", "sleep", "stat"])}
started() {
  read -r line </proc/self/stat
  # Behind the name, which may hold anything, it is the twentieth field.
  # shellcheck disable=SC2086 # fields
  set -- \${line##*) }
  shift 19
  mark="$state/held-$1"
}
sleeper=
pause() {
  sleep "$1" 9<&- &
  sleeper=$!
  wait "$sleeper" || :
  sleeper=
}
leave() {
  trap '' TERM INT
  [ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null || :
  rm -f "$state"/held-*
  [ -z "$profile" ] || rm -f "$profiles/$profile" "$profiles/.$profile.$POD_NAME"
  say "let go of asset set $KVM_FABRIC_ASSET_SET"
  exit 0
}

current() { readlink "$root/current" 2>/dev/null || echo nothing; }
file_of() { stat -L -c %d:%i "$1" 2>/dev/null; }
# A container of this pod that held before may have left a worker that runs: the version that this one takes up need not
# be current any more.
held_before=no
may_take() { [ "$held_before" = yes ] || [ "$(current)" = "$wanted" ]; }
is_same() { [ "$(file_of "$manifest")" = "$(file_of /proc/self/fd/9)" ]; }
# Where somebody looks at this very moment whether the version is in use, it is tried again.
take() {
  { may_take && [ -f "$manifest" ]; } || return 1
  command exec 9<"$manifest" || return 1
  # Collected, or replaced, between opening and locking: then this is not the file of that name any more.
  if flock -n -s 9 && may_take && is_same; then
    [ "$held_before" = yes ] || return 0
    # Somebody may have looked just before, and be about to remove what is not current.
    pause "$step"
    if is_same; then return 0; fi
  fi
  exec 9<&-
  return 1
}

# The worker's container is made only where the kubelet finds its profile; it is written by rename.
keep_profile() {
  { [ -z "$profile" ] || cmp -s "$source" "$profiles/$profile"; } && return 0
  { cat "$source" >"$profiles/.$profile.$POD_NAME" && mv -f "$profiles/.$profile.$POD_NAME" "$profiles/$profile"; } || return 1
  say "wrote the seccomp profile $profile"
}

started
for old in "$state"/held-*; do
  [ ! -e "$old" ] || held_before=yes
done
trap leave TERM INT
waited=0
until take; do
  if [ $((waited % 60)) -eq 0 ]; then
    say "waits until asset set $KVM_FABRIC_ASSET_SET is this node's current one; it is $(current)"
  fi
  waited=$((waited + 1))
  pause "$step"
done
say "holds asset set $KVM_FABRIC_ASSET_SET"
while ! keep_profile; do
  say "cannot write the seccomp profile $profile to $profiles; tries again"
  pause "$look"
done
rm -f "$state"/held-*
: >"$mark"
while :; do
  if [ -n "$profile" ]; then pause "$look"; else pause 3600; fi
  keep_profile || say "cannot write the seccomp profile $profile to $profiles; tries again"
done
`;

/** Asks whether this very process of the sidecar holds: the container's first one. */
export const HOLDS = `read -r line </proc/1/stat; set -- \${line##*) }; shift 19; test -e ${HOLD_FOLDER}/held-$1`;

/** Looks this often whether the asset set is held. */
const PERIOD_SECONDS = 2;
/** A rollout that has not reached the node for so long has its container started anew, and the wait with it. */
const LONGEST_WAIT_SECONDS = 3600;

/** A seccomp profile that `hold` keeps on the node beside. */
interface HeldProfile {
  env: EnvironmentVariable[];
  volumeMounts: k8s.core.v1.VolumeMount[];
}

/**
 * The sidecar that holds the asset set for as long as the pod lives: the kubelet starts it first, starts nothing else
 * until it holds, and ends it after the worker.
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export function holdContainer(pod: VmPod, profile?: HeldProfile): k8s.core.v1.Container {
  return {
    name: "hold",
    image: pod.image,
    command: ["/bin/sh", "-c", HOLD_SCRIPT],
    env: [
      { name: "KVM_FABRIC_ASSET_SET", value: pod.assetSet },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      ...(profile?.env ?? []),
    ],
    restartPolicy: "Always",
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
    securityContext: containerSecurity(),
    startupProbe: {
      exec: { command: ["/bin/sh", "-c", HOLDS] },
      periodSeconds: PERIOD_SECONDS,
      timeoutSeconds: 10,
      failureThreshold: LONGEST_WAIT_SECONDS / PERIOD_SECONDS,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "assets", mountPath: HOST_ASSETS, readOnly: true },
      { name: "hold", mountPath: HOLD_FOLDER },
      ...(profile?.volumeMounts ?? []),
    ],
  };
}
