/**
 * Makes a version out of verified objects, and gives it its name at once.
 *
 * The order of syncs and renames is what makes it survive a kill or a power cut at any point: a file is synced before it gets
 * its name, a folder after one in it changed, the manifest comes last, and the version's own name after everything in it.
 */
export const INSTALL_SECTION = `
# ---- install: objects by their sum, versions of links to them. Nothing is changed in place.

# keep PARTIAL SUM MODE: a verified file gets its name.
keep() {
  { chmod "$3" "$1" && sync "$1" && mv -T "$1" "$objects/$2" && sync "$objects"; } ||
    refuse WriteFailed "cannot keep $objects/$2"
}

# have SUM: an object is believed after its sum was taken once more; this run's own ones are known.
have() {
  case " $proven_objects " in *" $1 "*) return 0 ;; esac
  { [ -f "$objects/$1" ] && [ ! -L "$objects/$1" ]; } || return 1
  if [ "$(sum_of "$objects/$1")" != "$1" ]; then
    say "object $1 is damaged on disk; fetching it anew"
    rm -f "$objects/$1"
    return 1
  fi
  proven_objects="$proven_objects $1"
}

# obtain NAME SUM MODE URL: an object, fetched where there is none.
obtain() {
  have "$2" && return 0
  fetch "$1" "$2" "$4" || return 1
  keep "$objects/.partial-$2" "$2" "$3" || return 1
  proven_objects="$proven_objects $2"
}

# Reads a listing of an archive; says what is wrong with the wanted member, or nothing.
# shellcheck disable=SC2016 # awk's own
MEMBER_FAULT='
  /^tar: .*leading/ { fault = "leads out of its folder" }
  /^tar: failed/ { fault = "cannot be read" }
  /^tar: / { next }
  $6 ~ /^\\// || $6 ~ /(^|\\/)\\.\\.(\\/|$)/ { fault = "leads out of its folder" }
  $6 == want {
    count++
    if (substr($0, 1, 1) != "-" || NF != 6) fault = "holds " want " as something else than a regular file"
  }
  END {
    if (fault == "" && count != 1) fault = "holds " (count ? count : "no") " " want
    if (fault != "") print fault
  }'

# unpack NAME SUM MEMBER MEMBER_SUM MODE: one regular file out of an archive, by our own name. Sets got.
unpack() {
  archive=$objects/$2
  fault=$({ tar -tvzf "$archive" 2>&1 || echo 'tar: failed'; } | awk -v want="$3" "$MEMBER_FAULT")
  [ -z "$fault" ] || refuse WrongArchive "the archive of $1 $fault" || return 1
  partial=$objects/.partial-member-$2
  rm -f "$partial"
  ended=$(
    {
      { tar -xzOf "$archive" "$3" 2>&3 && echo 'pull 0' >&3; } |
        { limited tee "$partial" 2>&3 && echo 'tee 0' >&3; } | sha256sum >&3
    } 3>&1
  ) || :
  read_ends "$ended"
  [ "$wrote" = 0 ] || refuse WriteFailed "cannot write $partial: \${words:-no reason given}" || return 1
  [ "$pulled" = 0 ] || refuse WrongArchive "cannot unpack $3 for $1: \${words:-no reason given}" || return 1
  [ -s "$partial" ] || refuse WrongArchive "$3 for $1 is empty" || return 1
  [ "$4" = - ] || [ "$4" = "$got" ] || refuse WrongArchive "$3 for $1 has SHA-256 $got, wanted $4" || return 1
  keep "$partial" "$got" "$5" || return 1
  proven_objects="$proven_objects $got"
}

# place SUM MODE NAME: links are never changed, so a file that two sets want with other rights is copied.
place() {
  if [ "$(stat -c %a "$objects/$1")" = "$2" ]; then
    ln "$objects/$1" "$assembled/$3" && return 0
  else
    cp "$objects/$1" "$assembled/$3" && chmod "$2" "$assembled/$3" && sync "$assembled/$3" && return 0
  fi
  refuse WriteFailed "cannot write $assembled/$3"
}

# manifest ID SUMS: as its readers know it.
manifest() {
  printf '{\\n  "assetSet": "%s",\\n  "machine": "%s",\\n  "files": {' "$1" "$MACHINE"
  comma=
  while read -r sum name; do
    printf '%s\\n    "%s": "sha256:%s"' "$comma" "$name" "$sum"
    comma=,
  done <<END
$2
END
  printf '\\n  }\\n}\\n'
}

assemble() {
  proven_objects=
  { rm -rf "$assembled" && mkdir -p "$assembled" "$objects" && sync "$HOST_ROOT"; } ||
    refuse WriteFailed "cannot make folders in $HOST_ROOT" || return 1
  sums=
  while read -r name mode sum size member member_sum url <&5; do
    if [ "$member" = - ]; then
      obtain "$name" "$sum" "$mode" "$url" 5<&- || return 1
      got=$sum
    elif [ "$member_sum" != - ] && have "$member_sum"; then
      got=$member_sum
    else
      obtain "$name" "$sum" 644 "$url" 5<&- || return 1
      unpack "$name" "$sum" "$member" "$member_sum" "$mode" || return 1
    fi
    place "$got" "$mode" "$name" || return 1
    sums="$sums\${sums:+$newline}$got  $name"
  done 5<"$table"
  { put "$assembled/SHA256SUMS" "$sums" && put "$assembled/manifest.json" "$(manifest "$set_id" "$sums")"; } ||
    refuse WriteFailed "cannot write the manifest of $set_id"
}

# missing: sets missing_kib and missing_files, what has yet to come.
missing() {
  missing_kib=0 missing_files=8
  [ ! -f "$target/manifest.json" ] || return 0
  counted=
  while read -r name mode sum size member member_sum url <&5; do
    missing_files=$((missing_files + 2))
    case " $counted " in *" $sum "*) continue ;; esac
    counted="$counted $sum"
    [ ! -f "$objects/$sum" ] || continue
    # What is half there is counted whole: sums of partial files are not known yet.
    if [ "$asking" = yes ]; then bytes=$(size_of "$sum" "$size" "$url" 5<&-); else bytes=\${size#-}; fi
    missing_kib=$((missing_kib + (\${bytes:-$((ASSUMED_MIB * 1048576))} + 1023) / 1024))
  done 5<"$table"
}
asking=no

# What killed runs left behind and this set does not take up.
remove_partials() {
  for left in "$versions"/.partial-* "$versions"/.removed-* "$objects"/.partial-*; do
    [ -e "$left" ] || continue
    # The name's end is a sum of the table: its download goes on.
    if [ "$1" = others ] && grep -qF " \${left##*.partial-} " "$table"; then continue; fi
    rm -rf "$left" || return 1
  done
}

# The nearest folder that exists: before the first run there is no root.
existing() {
  folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  printf '%s\\n' "$folder"
}

# room: sets free_kib and free_inodes; inodes are none of a file system that makes them as it goes.
room() {
  measured=$(stat -f -c '%a %S %d %c' "$(existing "$HOST_ROOT")") || return 1
  read -r blocks size free_inodes all_inodes <<END
$measured
END
  free_kib=$((blocks * (size / 512) / 2))
  [ "$all_inodes" -gt 0 ] || free_inodes=1000000
}

# Twice what is missing must fit; where it does not, what is ours and unfinished goes first.
make_room() {
  asking=yes
  missing
  asking=no
  room || refuse WriteFailed "cannot read how full $HOST_ROOT is" || return 1
  short() { [ "$free_kib" -lt $((2 * missing_kib)) ] || [ "$free_inodes" -lt $((2 * missing_files)) ]; }
  short || return 0
  { remove_partials all && room; } || refuse WriteFailed "cannot remove what was left behind in $HOST_ROOT" || return 1
  ! short || refuse DiskFull "$HOST_ROOT has $free_kib KiB and $free_inodes inodes free, wanted $((2 * missing_kib)) KiB and $((2 * missing_files)) inodes"
}

# The assembled version takes its name. A damaged one goes first, and "current" before it where it names that.
publish() {
  if [ -e "$target" ] || [ -L "$target" ]; then
    say "asset set $set_id is damaged on disk; replacing it"
    if [ "$(current_id)" = "$set_id" ]; then rm -f "$HOST_ROOT/current" && sync "$HOST_ROOT" || return 1; fi
    rm -rf "$versions/.removed-$set_id" && mv -T "$target" "$versions/.removed-$set_id" || return 1
  fi
  mv -T "$assembled" "$target" && sync "$versions"
}

# Needs the lock.
install_version() {
  check_version "$set_id" quick && return 0
  remove_partials others || refuse WriteFailed "cannot remove what was left behind in $HOST_ROOT" || return 1
  rm -f "$HOST_ROOT/.checked-$set_id"
  make_room || return 1
  if ! assemble; then
    [ "$reason" = WriteFailed ] || return 1
    say "$problem; trying once more without what is unfinished"
    remove_partials all || return 1
    assemble || return 1
  fi
  publish || refuse WriteFailed "cannot rename $assembled to $target" || return 1
  remove_partials all || :
  check_version "$set_id" fresh
}
`;
