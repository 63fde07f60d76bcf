/**
 * Stands for QEMU, for the tests of what minds it: a program whose guest says on the serial line that it is alive while there
 * is a file `beats` beside it, and ends when it reads `system_powerdown` from its monitor's pipe. With a file `deaf` it does
 * not, with `stubborn` it outlives TERM too; with `flood` its guest says a lot, with `halves` a line in two parts, after which
 * the file goes; with `end` it ends with the number there.
 * The file `said` gets each line of its monitor.
 */
export const PLAYED_QEMU = `#!/bin/sh
folder=\${0%/*}
for word in "$@"; do
  case $word in pipe,*path=*) pipe=\${word##*path=} ;; esac
done
trap '[ -e "$folder/stubborn" ] || { kill $reader; exit 0; }' TERM
# As QEMU does: for both, so that nobody waits for the other.
exec 3<>"$pipe.in"
(
  while read -r line <&3; do
    echo "$line" >>"$folder/said"
    [ "$line" != system_powerdown ] || [ -e "$folder/deaf" ] || {
      # Whole at once: the loop below may look while it is written.
      echo 0 >"$folder/end.partial"
      mv "$folder/end.partial" "$folder/end"
    }
  done
) &
reader=$!
while :; do
  [ ! -e "$folder/flood" ] || { head -c 200000 /dev/zero | tr '\\0' x; printf '\\033[2J\\n'; }
  [ ! -e "$folder/halves" ] || { printf 'one '; sleep 1.5; echo line; rm "$folder/halves"; }
  [ ! -e "$folder/beats" ] || echo "kvm-fabric heartbeat 1 role=DroneWorker"
  [ ! -e "$folder/end" ] || { kill $reader; exit "$(cat "$folder/end")"; }
  sleep 0.3
done
`;
