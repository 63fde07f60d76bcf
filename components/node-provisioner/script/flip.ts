/**
 * Says which version counts: the last step of an installation, and the only one that others see.
 */
export const FLIP_SECTION = `
# ---- flip: "current" names the version that counts, and always one that is whole.

# flip ID: "current" names it from one moment to the next, and ".previous" what it named before.
flip() {
  from=$(current_id)
  [ "$from" != "$1" ] || return 0
  if [ -e "$HOST_ROOT/current" ] && [ ! -L "$HOST_ROOT/current" ]; then
    refuse ForeignFile "$HOST_ROOT/current is not ours: it is no symbolic link" || return 1
  fi
  if [ -n "$from" ]; then point .previous "$from" || return 1; fi
  point current "$1"
}
point() {
  {
    rm -f "$HOST_ROOT/.link.new" && ln -s "versions/$2" "$HOST_ROOT/.link.new" &&
      mv -T "$HOST_ROOT/.link.new" "$HOST_ROOT/$1" && sync "$HOST_ROOT"
  } || refuse WriteFailed "cannot flip $HOST_ROOT/$1"
}

# own: on this node what "current" names was proven. A disk that was copied brings a name that is another node's.
own() { owned || post "$HOST_ROOT/.proven-on" "node=\${NODE_NAME:-}"; }
owned() { [ "$(content "$HOST_ROOT/.proven-on")" = "node=\${NODE_NAME:-}" ]; }

# Back to what "current" named before, where that is whole.
rollback() {
  back=$(previous_id)
  [ -n "$back" ] || refuse NoPrevious "there is no version to go back to" || return 1
  check_version "$back" full || return 1
  flip "$back"
}
`;
