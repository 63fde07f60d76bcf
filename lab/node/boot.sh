#!/bin/sh
# Begins a machine in the namespaces in which it is started: mounts, processes, network, host name, inter-process
# communication. All that it mounts and starts is gone when its first process, which this becomes, is.
# Arguments: folder of the machine, root file system below it, host name, then pairs of a program, or a folder,
# and its place; programs cannot be written.
set -eu
folder=$1 tree=$2
hostname "$3" 2>/dev/null || printf %s "$3" >/proc/sys/kernel/hostname
shift 3
root=$folder/root
mkdir -p "$root" "$folder/upper" "$folder/work" "$folder/var/lib/lab" "$folder/var/log" "$folder/var/tmp"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$folder/upper,workdir=$folder/work" "$root"
for one in dev etc opt/cni/bin proc root run sys tmp usr/local/bin var; do mkdir -p "$root/$one"; done
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$folder/var" "$root/var"
(cd "$folder/settings" && find . -type f) | while read -r setting; do
  [ ! -e "$root/proc/sys/$setting" ] || mount --bind "$folder/settings/$setting" "$root/proc/sys/$setting"
done
while [ $# -gt 0 ]; do
  if [ -d "$1" ]; then
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
  else
    mkdir -p "$(dirname "$root$2")"
    : >"$root$2"
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
  fi
  shift 2
done
cd "$root"
pivot_root . .
umount -l .
cd /
mount --make-rshared /
/bin/busybox ln -sfn /proc/self/mounts etc/mtab
exec /bin/busybox sh -c ': >/run/booted; trap : TERM INT HUP; while :; do /bin/busybox sleep 3600 & wait; done'
