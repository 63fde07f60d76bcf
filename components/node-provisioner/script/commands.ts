/**
 * The commands that a person, an image build or a pod gives.
 */
export const COMMANDS_SECTION = `
# ---- by hand

usage() {
  cat >&2 <<'END'
usage: provision.sh COMMAND
  doctor     what is wrong with this host, as JSON on standard output; 1 where anything of it is fatal
  install    doctor, download, check, gate, and "current" names the new version
  prepare    download and check; host, gate and "current" are left to the provisioner
  gate       boots a throwaway microVM with the installed files
  verify     checks every sum of the wanted and the current version; "verify quick" what changed since
  collect    removes old versions that nobody uses
  flip       "current" names the wanted version; rollback: what it named before
  uninstall  removes all that was installed, and nothing else
  run        does all of it for ever, for a pod
END
}

command_install() {
  if [ "$PROVE" = yes ]; then
    examine quick
    printf '%s' "$findings" | while IFS="$tab" read -r name severity found wanted fix; do
      say "$severity: $name: got $found, wanted $wanted; $fix"
    done
    [ -z "$unfit" ] || refuse Unfit "this host is not fit: $unfit_text" || return 1
  fi
  install_version || return 1
  if [ "$PROVE" = yes ]; then gate_version || return 1; fi
  flip "$set_id" || return 1
  own || refuse WriteFailed "cannot write in $HOST_ROOT" || return 1
  collect || refuse WriteFailed "cannot remove old versions" || return 1
  say "asset set $set_id is installed in $target"
}

command_verify() {
  check_version "$set_id" "\${1:-full}" || return 1
  id=$(current_id)
  [ -z "$id" ] || [ "$id" = "$set_id" ] || check_version "$id" "\${1:-full}" || return 1
  say "asset set $set_id is whole"
}

main() {
  need_tools
  case \${1:-} in
    doctor)
      load_tables || [ "$reason" = WrongArchitecture ] || die "$problem"
      examine full
      findings_json
      [ -z "$fatal" ]
      ;;
    install) under_lock command_install ;;
    prepare) under_lock prepare ;;
    gate) under_lock gate ;;
    verify) under_lock command_verify "\${2:-full}" ;;
    collect) under_lock collect ;;
    flip)
      under_lock check_version "$(content "$FILES/asset-set")" quick
      flip "$set_id" || die "$problem"
      ;;
    rollback) under_lock rollback ;;
    uninstall) { take_lock && uninstall; } || die "\${problem:-cannot remove what was installed}" ;;
    round) round ;;
    run) run ;;
    *)
      usage
      exit 64
      ;;
  esac
}

main "$@"
`;
