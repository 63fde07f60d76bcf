/**
 * The script of the snapshot CronJob: saves to a temporary name, has Consul check what was saved, renames,
 * and only then deletes the oldest ones. POSIX sh with Consul's own command, which finds address,
 * certificate and token through its environment.
 * Source: https://developer.hashicorp.com/consul/commands/snapshot/save
 */
export const SNAPSHOT_SCRIPT = `set -eu
umask 077
rm -f "$FOLDER"/.partial-*
name="consul-$(date -u +%Y%m%dT%H%M%SZ).snap"
consul snapshot save "$FOLDER/.partial-$name" >/dev/null
consul snapshot inspect "$FOLDER/.partial-$name" >/dev/null
sync
mv "$FOLDER/.partial-$name" "$FOLDER/$name"
echo "snapshot: saved $name"
set -- "$FOLDER"/consul-*.snap
while [ "$#" -gt "$RETAINED" ]; do
  rm -f "$1"
  echo "snapshot: deleted \${1##*/}"
  shift
done
`;
