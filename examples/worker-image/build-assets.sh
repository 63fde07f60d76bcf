#!/bin/sh
# Builds what the guest boots from: build-assets.sh FOLDER [TREE]
#
# FOLDER gets `vmlinuz`, Debian's kernel for virtual machines, and `initramfs`: busybox, guest/init and the kernel's modules
# that it loads. Both are the same, byte by byte, for the same packages. Their SHA-256 sums are printed as a NodeProvisioner
# takes them, and each file is laid down under its sum as well, as a mirror serves it.
#
# The packages come from the machine's own package sources, which must be Debian's; the Dockerfile runs this in a Debian of
# a fixed day instead. TREE: a folder with the packages' files, where they are unpacked already. Needs neither root nor
# more than what every Debian has: POSIX sh, apt-get, apt-cache, dpkg-deb, awk, coreutils.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

main() {
  [ $# -ge 1 ] || {
    echo "usage: build-assets.sh FOLDER [TREE]" >&2
    exit 64
  }
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  tree=${2:-$work/tree}
  [ $# -ge 2 ] || fetch "$tree"
  copy_kernel
  build_initramfs
  print_asset kernel vmlinuz
  print_asset rootfs initramfs
}

fetch() {
  architecture=$(dpkg --print-architecture)
  mkdir -p "$work/packages" "$1"
  # The package without a version is empty: it names the one with the kernel.
  kernel=$(apt-cache depends --important "linux-image-cloud-$architecture" | awk '/Depends: linux-image-/ { print $2; exit }')
  [ -n "$kernel" ] || {
    echo "build-assets.sh: no package linux-image-cloud-$architecture; run apt-get update, or use the Dockerfile (see README.md)" >&2
    exit 69
  }
  # As root apt would hand the download to a user of its own, which may not write here.
  (cd "$work/packages" && apt-get -qq -o APT::Sandbox::User= download "$kernel" busybox-static)
  for package in "$work"/packages/*.deb; do dpkg-deb --extract "$package" "$1"; done
}

copy_kernel() {
  set -- "$tree"/boot/vmlinuz-*
  if [ $# -ne 1 ] || [ ! -f "$1" ]; then
    echo "build-assets.sh: not one kernel in $tree/boot" >&2
    exit 65
  fi
  install -m 644 "$1" "$folder/vmlinuz"
  version=${1##*/vmlinuz-}
}

build_initramfs() {
  root=$work/root
  mkdir -p "$root/bin" "$root/lib/modules"
  install -m 755 "$tree/bin/busybox" "$root/bin/busybox"
  install -m 755 "$here/guest/init" "$root/init"
  install -m 755 "$here/guest/lease" "$root/lease"
  install -m 644 "$here/guest/modules" "$root/lib/modules/order"
  while read -r module; do
    file=$(find "$tree/lib/modules/$version" "$tree/usr/lib/modules/$version" -name "$module.ko" 2>/dev/null | head -n 1)
    # A kernel may have it built in.
    [ -z "$file" ] || install -m 644 "$file" "$root/lib/modules/$module.ko"
  done <"$here/guest/modules"
  # Nothing of the machine that builds it: one time, one owner, one order, numbers from one.
  find "$root" -exec touch -h -d @0 {} +
  (cd "$root" && find . -mindepth 1 | LC_ALL=C sort |
    "$tree/bin/busybox" cpio -o -H newc -R 0:0 --renumber-inodes --ignore-devno 2>/dev/null) >"$folder/initramfs"
}

print_asset() {
  sum=$(sha256sum "$folder/$2")
  sum=${sum%% *}
  cp "$folder/$2" "$folder/$sum"
  echo "$1: { url: \"https://MIRROR/$sum\", sha256: \"$sum\", fileName: \"$2\" },"
}

main "$@"
