/**
 * The `install` container's program: proves /dev/kvm, puts the asset set on the host and leaves a proof
 * for the `report` container. It talks to no API server and holds no token.
 *
 * A file is never seen under its name before its sum was checked: a version is assembled beside the
 * others, verified as a whole, synced and renamed; `current` is a symbolic link that is renamed over.
 * A version is never changed in place. Killed at any moment, the next run takes up what was verified.
 *
 * Needs of its image: POSIX sh, awk, curl, flock, mv -T, sha256sum, sync, tar.
 */
export const INSTALL_SCRIPT = `#!/bin/sh
set -eu
umask 022

say() { echo "install: $1"; }
fail() {
  echo "install: $1" >&2
  exit 1
}

set_id=$KVM_FABRIC_ASSET_SET
versions=$HOST_ROOT/versions
target=$versions/$set_id
partial=$versions/.partial-$set_id
downloads=$versions/.download-$set_id

# A sync of one file where sync can do it, else of everything.
sync_path() { sync "$1" 2>/dev/null || sync; }

sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

find_table() {
  [ "$(cat "$FILES/asset-set")" = "$set_id" ] ||
    fail "the mounted scripts belong to another asset set than this pod; a newer pod will replace it"
  machine=$(uname -m)
  case $machine in
    x86_64) table=$FILES/amd64.assets ;;
    aarch64) table=$FILES/arm64.assets ;;
    *) fail "no asset set can be given for machines of type $machine" ;;
  esac
  [ -f "$table" ] || fail "asset set $set_id has no files for machines of type $machine"
}

prove_kvm() {
  [ -c "$KVM_DEVICE" ] || fail "$KVM_DEVICE is no character device: is virtualisation enabled?"
  (: <>"$KVM_DEVICE") 2>/dev/null || fail "$KVM_DEVICE cannot be opened for reading and writing"
}

# True where a folder holds every file of the table and each has the sum it must have.
is_whole() {
  [ -f "$1/manifest.json" ] && [ -f "$1/SHA256SUMS" ] || return 1
  (cd "$1" && sha256sum -c SHA256SUMS >/dev/null 2>&1) || return 1
  while read -r name mode sum url member; do
    recorded=$(awk -v name="$name" '$2 == name { print $1 }' "$1/SHA256SUMS")
    [ -n "$recorded" ] || return 1
    [ "$member" != - ] || [ "$recorded" = "$sum" ] || return 1
    [ "$mode" != 755 ] || [ -x "$1/$name" ] || return 1
  done <"$table"
}

download() {
  [ -f "$3" ] && [ "$(sum_of "$3")" = "$2" ] && return 0
  rm -f "$3"
  say "downloading $1"
  curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' --tlsv1.2 \\
    --connect-timeout 10 --speed-limit 1024 --speed-time 30 --retry 5 --retry-connrefused \\
    --output "$3" --url "$1" || fail "cannot download $1"
  got=$(sum_of "$3")
  [ "$got" = "$2" ] && return 0
  rm -f "$3"
  fail "$1 has SHA-256 $got, wanted $2"
}

assemble() {
  rm -rf "$partial"
  mkdir -p "$partial" "$downloads"
  while read -r name mode sum url member; do
    download "$url" "$sum" "$downloads/$sum"
    if [ "$member" = - ]; then
      ln "$downloads/$sum" "$partial/$name"
    else
      tar -xzOf "$downloads/$sum" "$member" >"$partial/$name" || fail "$url holds no $member"
      [ -s "$partial/$name" ] || fail "$member of $url is empty"
    fi
    chmod "$mode" "$partial/$name"
    sync_path "$partial/$name"
  done <"$table"
  while read -r name mode sum url member; do
    echo "$(sum_of "$partial/$name")  $name"
  done <"$table" >"$partial/SHA256SUMS"
  awk -v set_id="$set_id" -v machine="$machine" '
    BEGIN { printf "{\\n  \\"assetSet\\": \\"%s\\",\\n  \\"machine\\": \\"%s\\",\\n  \\"files\\": {", set_id, machine }
    { printf "%s\\n    \\"%s\\": \\"sha256:%s\\"", (NR > 1 ? "," : ""), $2, $1 }
    END { printf "\\n  }\\n}\\n" }
  ' "$partial/SHA256SUMS" >"$partial/manifest.json"
  sync_path "$partial/SHA256SUMS"
  sync_path "$partial/manifest.json"
  sync_path "$partial"
  is_whole "$partial" || fail "the assembled files differ from what was downloaded: is the disk healthy?"
}

install_version() {
  if is_whole "$target"; then
    say "asset set $set_id is installed and whole"
  else
    assemble
    if [ -e "$target" ]; then
      say "asset set $set_id is damaged on disk; replacing it"
      mv -T "$target" "$versions/.partial-damaged"
    fi
    mv -T "$partial" "$target"
    sync_path "$versions"
  fi
  rm -rf "$versions"/.partial-* "$versions"/.download-*
}

switch_current() {
  [ "$(readlink "$HOST_ROOT/current" || true)" = "versions/$set_id" ] && return 0
  rm -f "$HOST_ROOT/.current.new"
  ln -s "versions/$set_id" "$HOST_ROOT/.current.new"
  mv -T "$HOST_ROOT/.current.new" "$HOST_ROOT/current"
  sync_path "$HOST_ROOT"
}

# The proof lies in the pod, not on the host, and holds for this boot of the node only.
leave_proof() {
  cp "$target/SHA256SUMS" "$PROOF/sums"
  cp "$BOOT_ID" "$PROOF/boot-id"
  echo "$set_id" >"$PROOF/.asset-set"
  mv "$PROOF/.asset-set" "$PROOF/asset-set"
}

rm -f "$PROOF/asset-set"
find_table
prove_kvm
mkdir -p "$versions"
exec 9>"$HOST_ROOT/.lock"
flock -n 9 || fail "another installer works on this node; trying again later"
# What runs killed at another asset set left behind; what this set left is taken up.
for left in "$versions"/.partial-* "$versions"/.download-*; do
  [ "$left" = "$downloads" ] || rm -rf "$left"
done
install_version
switch_current
leave_proof
say "this node is proven with asset set $set_id"
`;
