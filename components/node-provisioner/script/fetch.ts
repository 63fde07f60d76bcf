/**
 * Brings a file of a known sum from whichever source has it, within bounds, and takes up what an earlier try brought.
 *
 * A resumed download needs no If-Range: all of it is hashed again, and a wrong sum begins anew.
 */
export const FETCH_SECTION = `
# ---- downloads. The sum decides what a file is, so it may come from anywhere, a part from here and a part from there.

# sources SUM URL: in the order in which they are tried.
sources() {
  if [ -f "$FILES/mirrors" ]; then
    while read -r mirror; do
      [ -z "$mirror" ] || printf '%s\\n' "\${mirror%/}/$1"
    done <"$FILES/mirrors"
  fi
  printf '%s\\n' "$2"
}

# web SOURCE ARGUMENTS...: a file's own URL needs TLS, and no redirect leads to less.
web() {
  schemes='=http,https'
  if [ "$1" = "$own_url" ] && [ "$ALLOW_HTTP" != yes ]; then schemes='=https'; fi
  web_source=$1
  shift
  curl -q --fail --silent --show-error --location --max-redirs 5 --proto "$schemes" --proto-redir '=https' \\
    --tlsv1.2 --connect-timeout "$CONNECT_SECONDS" "$@" --url "$web_source"
}

# pull SOURCE OFFSET: the rest of a file on standard output.
pull() {
  case $1 in
    /*) timeout -s KILL "$TOTAL_SECONDS" tail -c "+$(($2 + 1))" "$1" ;;
    *)
      set -- "$1" "$2" --speed-limit "$SLOWEST_BYTES" --speed-time "$STALL_SECONDS" --max-time "$TOTAL_SECONDS"
      if [ "$2" -gt 0 ]; then set -- "$@" --continue-at "$2"; fi
      from=$1
      shift 2
      web "$from" "$@"
      ;;
  esac
}

# size_of SUM SIZE URL: in bytes, of the table or as a source tells it; nothing where none does.
size_of() {
  if [ "$2" != - ]; then
    printf '%s\\n' "$2"
    return 0
  fi
  own_url=$3
  while read -r source <&4; do
    case $source in
      /*) told=$(stat -L -c %s "$source" 2>/dev/null) || told= ;;
      *)
        told=$(web "$source" --head --max-time "$CONNECT_SECONDS" 2>/dev/null 4<&- |
          awk 'tolower($1) == "content-length:" { size = $2 + 0 } END { if (size > 0) printf "%d\\n", size }')
        ;;
    esac
    [ -z "$told" ] || break
  done 4<<END
$(sources "$1" "$3")
END
  printf '%s\\n' "$told"
}

# limited COMMAND...: no file that it writes grows over the largest that is allowed.
limited() {
  ulimit -f $((LARGEST_MIB * 2048))
  "$@"
}

# read_ends TEXT: how each part of a pipe ended, in the order in which they did; and the last words of any.
read_ends() {
  got='' pulled='' wrote='' words=''
  while read -r first second others; do
    case $first-$second in
      pull-*) pulled=$second ;;
      tee-[0-9]*) wrote=$second ;;
      *--) got=$first ;;
      -) ;;
      *) words="$first $second $others" ;;
    esac
  done <<END
$1
END
}

# attempt SUM SOURCE: takes up what is there, hashes all of it as it goes. Sets outcome and, in words, problem.
attempt() {
  partial=$objects/.partial-$1
  have=0
  [ ! -f "$partial" ] || have=$(stat -c %s "$partial") || have=0
  ended=$(
    {
      {
        if [ "$have" -gt 0 ]; then cat "$partial" || :; fi
        { pull "$2" "$have" 2>&3 && echo 'pull 0' >&3 || echo "pull $?" >&3; } |
          { limited tee -a "$partial" 2>&3 && echo 'tee 0' >&3 || echo "tee $?" >&3; }
      } | sha256sum >&3
    } 3>&1
  ) || :
  read_ends "$ended"
  case $wrote-$words in
    0-*) ;;
    153-* | *'File too large'*)
      outcome=endless problem="it is larger than $LARGEST_MIB MiB"
      return 0
      ;;
    *)
      outcome=unwritten problem="cannot write $partial: \${words:-no reason given}"
      return 0
      ;;
  esac
  case $pulled in
    0) outcome=other problem="it has SHA-256 $got, wanted $1" ;;
    33) outcome=unresumed problem="it does not resume" ;;
    137) outcome=cut problem="it took longer than $TOTAL_SECONDS s" ;;
    *) outcome=cut problem=\${words:-"it ended without a reason"} ;;
  esac
  [ "$got" != "$1" ] || outcome=right
}

# fetch_from NAME SUM SOURCE: as often as each try gets further than the one before.
fetch_from() {
  tried=0
  while [ "$tried" -lt "$TRIES" ]; do
    tried=$((tried + 1))
    [ "$running" = no ] || phase downloading Downloading "$1 from $3"
    attempt "$2" "$3"
    now=0
    [ ! -f "$partial" ] || now=$(stat -c %s "$partial") || now=0
    case $outcome in
      right) return 0 ;;
      unwritten) return 1 ;;
      cut)
        # What was dropped on the way is no news; what never came is.
        if [ "$now" -le "$have" ]; then
          [ "$now" -gt 0 ] || rm -f "$partial"
          # It answers, but has no such file.
          case $problem in 'curl: (22)'*) ;; *) dead="$dead $3" ;; esac
          break
        fi
        ;;
      other | endless | unresumed)
        rm -f "$partial"
        [ "$have" -gt 0 ] || break
        ;;
    esac
  done
  say "cannot get $1 from $3: $problem"
  return 1
}

# fetch NAME SUM URL: tries each source once, those that were dead for another file after the others.
fetch() {
  own_url=$3
  known=$dead
  outcome=none
  for pass in live dead; do
    while read -r source <&4; do
      state=live
      for gone in $known; do
        if [ "\${gone%/*}" = "\${source%/*}" ]; then state=dead; fi
      done
      [ "$state" = "$pass" ] || continue
      fetch_from "$1" "$2" "$source" 4<&- && return 0
      [ "$outcome" != unwritten ] || break
    done 4<<END
$(sources "$2" "$3")
END
    [ "$outcome" != unwritten ] || break
  done
  if [ "$outcome" = unwritten ]; then
    refuse WriteFailed "$problem"
  else
    refuse DownloadFailed "no source has $1 with SHA-256 $2; the last one: $problem"
  fi
}
`;
