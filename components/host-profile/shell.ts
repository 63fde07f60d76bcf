import type { HostFile } from "./files";

/**
 * Writes files whole or not at all, and only where their content differs. `KVM_FABRIC_ROOT` puts another folder in
 * the place of `/`, for an image that is mounted or a test.
 */
export const WRITE_FUNCTIONS = `#!/bin/sh
# Host profile of kvm-fabric. Can be run again at any time: what is right already is left alone.
set -eu
umask 022
ROOT=\${KVM_FABRIC_ROOT:-}

say() {
  printf 'kvm-fabric host profile: %s\\n' "$1" >&2
}

fail() {
  say "error: $1"
  exit 1
}

# write_file PATH: the content is on standard input.
write_file() {
  content=$(cat)
  if [ -f "$ROOT$1" ] && [ "$(cat "$ROOT$1")" = "$content" ]; then
    return 0
  fi
  mkdir -p "$ROOT$(dirname "$1")"
  fresh=$(mktemp "$ROOT$1.XXXXXX")
  trap 'rm -f "$fresh"' EXIT
  printf '%s\\n' "$content" >"$fresh"
  chmod 0644 "$fresh"
  mv -f "$fresh" "$ROOT$1"
  trap - EXIT
  say "wrote $1"
}

# mask_swap yes|no: with yes, systemd activates no swap at boot.
mask_swap() {
  unit=$ROOT/etc/systemd/system/swap.target
  [ "$1" = yes ] || return 0
  [ "$(readlink "$unit" || true)" != /dev/null ] || return 0
  mkdir -p "$(dirname "$unit")"
  ln -sf /dev/null "$unit"
  say 'masked swap.target'
}
`;

/** Calls that write files; no line of a content that passed its planner can end the document early. */
export function writeFiles(files: readonly HostFile[]): string {
  return files
    .map(({ path, content }) => `write_file ${path} <<'KVM_FABRIC_END'\n${content}KVM_FABRIC_END\n`)
    .join("\n");
}
