/**
 * Renders the script of the init container `verify-host`: a worker starts only where the device opens for
 * reading and writing and every asset of the very set that it was made for lies there. Where a rollout has not
 * reached the node yet, it fails, and is tried again.
 *
 * It does not hash: the provisioner did before it flipped the version in, never changes a version in place
 * and labels a node last. Hashing a root file system again would cost seconds at every start.
 *
 * POSIX sh with `test` and `grep`. `KVM_DEVICE` stands for another device in tests.
 */
export function verifyHostScript(): string {
  return `set -eu
device="\${KVM_DEVICE:-/dev/kvm}"
fail() {
  echo "verify-host: $1; $2" >&2
  exit 1
}
[ -c "$device" ] || fail "no character device $device" "check the device plugin and the node's KVM modules"
(: <>"$device") 2>/dev/null || fail "$device does not open for reading and writing" "check its owner and mode on the node"
for file in manifest.json $ASSET_FILES; do
  [ -s "$KVM_FABRIC_ASSETS/$file" ] || fail "asset $file of set $KVM_FABRIC_ASSET_SET is missing or empty" "see the node provisioner's log on this node"
  [ -r "$KVM_FABRIC_ASSETS/$file" ] || fail "asset $file of set $KVM_FABRIC_ASSET_SET is not readable" "check its mode on the node"
done
grep -qF "\\"assetSet\\": \\"$KVM_FABRIC_ASSET_SET\\"" "$KVM_FABRIC_ASSETS/manifest.json" || fail "the current files of this node are not of asset set $KVM_FABRIC_ASSET_SET" "a rollout that has not reached it yet does; else see the node provisioner's log on this node"
echo "verify-host: $device opens, asset set $KVM_FABRIC_ASSET_SET is complete"
`;
}
