/**
 * Brings the files and proves nothing: what a first boot and the machine that bakes an image can do ahead.
 */
export const PREPARE_SECTION = `
# ---- prepare: the files, checked, under their own name. "current" is flipped by who proves the host.

prepare() {
  install_version || return 1
  say "asset set $set_id is in $target, to be proven"
}

# under_lock COMMAND...: with the tables read.
under_lock() {
  { load_tables && take_lock && "$@"; } || die "\${problem:-an error of the disk}"
}

# Without one of these, what fails first would name another cause.
need_tools() {
  lacking=
  for tool in awk curl flock sed setsid sha256sum stat sync tar tee timeout; do
    command -v "$tool" >/dev/null 2>&1 || lacking="$lacking $tool"
  done
  [ -z "$lacking" ] || refuse ToolsMissing "there is no$lacking: the image or host has to have them" || die "$problem"
}
`;

/** What a script is that does nothing else. */
export const PREPARE_COMMAND = `
need_tools
if ! load_tables; then
  say "$problem"
  exit 78
fi
under_lock prepare
`;
