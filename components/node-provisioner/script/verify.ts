/**
 * Says whether a version is whole: in full by every sum, or quickly by what changed since the last full check of this boot.
 */
export const VERIFY_SECTION = `
# ---- verify: what a version is, and whether it still is that.

# stamp_of ID: changes with whatever changes in a version, but for what a disk does behind the kernel's back.
stamp_of() {
  (cd "$versions/$1" && stat -c '%n %F %s %y %i %a' ./*) 2>/dev/null
}

# read_record ID: sets known_gate, known_at and known_stamp, of this boot of the host, or to nothing.
read_record() {
  known_boot='' known_at=0 known_gate='' known_stamp=''
  [ -f "$HOST_ROOT/.checked-$1" ] || return 0
  {
    read -r known_boot && read -r known_at && read -r known_gate && known_stamp=$(cat)
  } <"$HOST_ROOT/.checked-$1" || :
  [ "$known_boot" != "bootId=$boot_id" ] || {
    known_at=\${known_at#fullAt=} known_gate=\${known_gate#gate=}
    return 0
  }
  known_at=0 known_gate='' known_stamp=''
}

# write_record ID FULL_AT GATE STAMP: what holds for this boot of the host. Lost, it is made anew. The stamp is of before
# the check: whatever changes while that goes on must not count as checked.
write_record() {
  post "$HOST_ROOT/.checked-$1" "bootId=$boot_id
fullAt=$2
gate=$3
$4"
}

# whole ID: every file, its sum and its rights; for the wanted set also against the table.
whole() {
  folder=$versions/$1
  for file in "$folder/manifest.json" "$folder/SHA256SUMS"; do
    { [ -f "$file" ] && [ ! -L "$file" ]; } ||
      refuse AssetsDamaged "version $1 has no \${file##*/}: it is not verified" || return 1
  done
  listed=$(cat "$folder/SHA256SUMS") || refuse AssetsDamaged "version $1 cannot be read" || return 1
  { [ -n "$listed" ] && [ "$(manifest "$1" "$listed")" = "$(cat "$folder/manifest.json")" ]; } ||
    refuse AssetsDamaged "version $1 has a manifest that does not fit its sums" || return 1
  while read -r sum name; do
    case $name in */* | '') refuse AssetsDamaged "version $1 lists a file outside of it" || return 1 ;; esac
    { [ -f "$folder/$name" ] && [ ! -L "$folder/$name" ]; } ||
      refuse AssetsDamaged "version $1 has no file $name" || return 1
    [ "$2" = fresh ] || [ "$(sum_of "$folder/$name")" = "$sum" ] ||
      refuse AssetsDamaged "file $name of version $1 has another SHA-256 than its manifest says" || return 1
  done <<END
$listed
END
  [ "$1" != "$set_id" ] || fits_table "$folder" "$listed"
}

fits_table() {
  wanted=0
  modes=$(cd "$1" && stat -c '%n %a' ./*) || refuse AssetsDamaged "version $set_id cannot be read" || return 1
  while read -r name mode sum size member member_sum url; do
    wanted=$((wanted + 1))
    if [ "$member" != - ]; then sum=$member_sum; fi
    # Of a member without a sum only the name is known: it is the one that was unpacked.
    if [ "$sum" = - ]; then line="  $name"; else line="$newline$sum  $name"; fi
    case $newline$2$newline in
      *"$line$newline"*) ;;
      *) refuse AssetsDamaged "version $set_id has another $name than its table" || return 1 ;;
    esac
    case $newline$modes$newline in
      *"$newline./$name $mode$newline"*) ;;
      *) refuse AssetsDamaged "file $name of version $set_id has other rights than $mode" || return 1 ;;
    esac
  done <"$table"
  [ "$(printf '%s\\n' "$2" | grep -c .)" -eq "$wanted" ] ||
    refuse AssetsDamaged "version $set_id has other files than its table"
}

# check_version ID quick|full|fresh. Quick looks whether anything changed since the last full check of this boot, and
# checks in full where something did. Fresh is for what was hashed a moment ago.
check_version() {
  [ -d "$versions/$1" ] || refuse NotInstalled "version $1 is not installed" || return 1
  read_record "$1"
  stamp=$(stamp_of "$1") || :
  if [ "$2" = quick ] && [ $(($(date +%s) - known_at)) -lt "$FULL_CHECK_SECONDS" ]; then
    [ "$known_stamp" != "$stamp" ] || return 0
  fi
  if ! whole "$1" "$2"; then
    rm -f "$HOST_ROOT/.checked-$1"
    return 1
  fi
  # A disk that is full, or a folder that is read-only to this user, makes the next check a full one too.
  write_record "$1" "$(date +%s)" "$known_gate" "$stamp" 2>/dev/null || :
}
`;
