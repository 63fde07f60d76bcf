/**
 * Removes old versions that nobody uses, or everything of ours and nothing of anybody else.
 */
export const REMOVE_SECTION = `
# ---- collect and uninstall: only what is ours by its name goes, and nothing that somebody uses.

# in_use ID: who runs a microVM from a version holds a shared lock on its manifest.
in_use() {
  [ -f "$versions/$1/manifest.json" ] || return 1
  ! flock -n -x "$versions/$1/manifest.json" true
}

# Needs the lock. Keeps the wanted and the current version, the one before, the newest ones and those in use.
collect() {
  keep=" $set_id $(current_id) $(previous_id) "
  ordered=$(cd "$versions" 2>/dev/null && stat -c '%Y %n' assets-* 2>/dev/null | sort -rn | cut -d ' ' -f 2) || :
  kept=0
  for id in $ordered; do
    kept=$((kept + 1))
    [ "$kept" -gt "$KEEP_VERSIONS" ] || continue
    case $keep in *" $id "*) continue ;; esac
    is_version "$id" || continue
    if in_use "$id"; then
      say "version $id is in use and stays"
      continue
    fi
    { mv -T "$versions/$id" "$versions/.removed-$id" && rm -f "$HOST_ROOT/.checked-$id"; } || return 1
    say "removed version $id"
  done
  remove_partials all || return 1
  [ -d "$objects" ] || return 0
  linked=$(cd "$objects" && stat -c '%h %n' ./* 2>/dev/null) || :
  while read -r links object; do
    if [ "$links" = 1 ] && is_sum "\${object#./}" 64; then rm -f "$objects/$object" || return 1; fi
  done <<END
$linked
END
}

is_sum() {
  case $1 in *[!0-9a-f]*) return 1 ;; esac
  [ "\${#1}" -eq "$2" ]
}
is_version() {
  case $1 in assets-*) is_sum "\${1#assets-}" 20 ;; *) return 1 ;; esac
}

# Needs the lock. The manifest goes first: what is left half removed is no version any more. A folder that holds
# somebody else's file stays, with that file.
uninstall() {
  for link in current .previous; do
    case $(readlink "$HOST_ROOT/$link" 2>/dev/null) in
      versions/assets-*) rm -f "$HOST_ROOT/$link" || return 1 ;;
    esac
  done
  rm -f "$HOST_ROOT/.link.new" "$HOST_ROOT/.proven-on" "$HOST_ROOT/.proven-on.new"
  sync "$HOST_ROOT" || return 1
  remove_partials all || return 1
  for folder in "$versions"/assets-*; do
    { [ -d "$folder" ] && is_version "\${folder##*/}"; } || continue
    names=$(content "$folder/SHA256SUMS" | sed -n 's/^[0-9a-f]*  \\([A-Za-z0-9][A-Za-z0-9_.+-]*\\)$/\\1/p')
    { rm -f "$folder/manifest.json" "$folder/manifest.json.new" && sync "$folder"; } || return 1
    for name in $names SHA256SUMS.new SHA256SUMS; do rm -f "$folder/$name" || return 1; done
    rmdir "$folder" 2>/dev/null || say "$folder stays: it holds what is not ours"
    rm -f "$HOST_ROOT/.checked-\${folder##*/}"
  done
  for object in "$objects"/*; do
    if is_sum "\${object##*/}" 64; then rm -f "$object" || return 1; fi
  done
  for left in "$HOST_ROOT"/.checked-assets-*; do rm -f "$left"; done
  rm -f "$HOST_ROOT/metrics/kvm-fabric.prom" "$HOST_ROOT/metrics/kvm-fabric.prom.new"
  for folder in versions objects metrics; do
    [ ! -d "$HOST_ROOT/$folder" ] || rmdir "$HOST_ROOT/$folder" 2>/dev/null || say "$HOST_ROOT/$folder stays: it holds what is not ours"
  done
  sync "$HOST_ROOT" || return 1
  rm -f "$HOST_ROOT/.lock"
  # As a mount of a pod it is never removed, and is empty.
  rmdir "$HOST_ROOT" 2>/dev/null || :
}
`;
