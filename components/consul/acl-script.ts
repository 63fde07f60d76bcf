/**
 * The script of the ACL Job: brings Consul's policies and tokens to what its files say, and changes
 * nothing where they are so already. POSIX sh with curl, grep, sed and tr, all of them in Consul's image.
 *
 * - Policies are compared by their rules, tokens by secret and policy; a token whose secret differs is made
 *   anew, since Consul does not change the secret of one that exists.
 * - A token of ours that the plan no longer names is taken back.
 * - The anonymous token loses whatever it was given.
 * - Secrets go from file to file: never into an argument, where the node's process list would show them,
 *   and never into the log.
 *
 * A missing policy or token is answered with 404 or, by older versions, with 403 and a text that says so.
 * Sources: https://developer.hashicorp.com/consul/api-docs/acl/policies and .../acl/tokens
 */
export const ACL_SCRIPT = `set -eu
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
changes=0
anonymous=00000000-0000-0000-0000-000000000002

say() { echo "acl: $1"; }
fail() {
  echo "acl: $1" >&2
  exit 1
}
changed() {
  changes=$((changes + 1))
  say "$1"
}

call() {
  set -- "$1" "$2" "\${3:-/dev/null}"
  status=$(curl --silent --show-error --max-time 15 --cacert "$CONSUL_CACERT" \\
    --header @"$SECRETS/header" --request "$1" --data-binary @"$3" \\
    --output "$work/body" --write-out '%{http_code}' "$CONSUL_HTTP_ADDR/v1/$2") || status=000
}
demand() {
  call "$@"
  [ "$status" = 200 ] || fail "$1 $2 was answered with $status"
}
absent() {
  [ "$status" = 404 ] && return 0
  [ "$status" = 403 ] && grep -qiE 'not found|not exist' "$work/body"
}

wait_for_consul() {
  left="\${WAIT_SECONDS:-300}"
  while :; do
    call GET acl/token/self
    [ "$status" = 200 ] && return 0
    [ "$left" -gt 0 ] || fail "Consul does not take the management token, last answer $status"
    left=$((left - 2))
    sleep 2
  done
}

ensure_policy() {
  call GET "acl/policy/name/$2"
  if [ "$status" = 200 ]; then
    grep -qFf "$FILES/policy-$1.match" "$work/body" && return 0
    id=$(sed -n 's/.*"ID":"\\([0-9a-f-]*\\)".*/\\1/p' "$work/body")
    [ -n "$id" ] || fail "policy $2 has no id"
    demand PUT "acl/policy/$id" "$FILES/policy-$1.json"
    changed "policy $2 corrected"
  elif absent; then
    demand PUT acl/policy "$FILES/policy-$1.json"
    changed "policy $2 created"
  else
    fail "policy $2 cannot be read: $status"
  fi
}

ensure_token() {
  call GET "acl/token/$3"
  if [ "$status" = 200 ]; then
    if grep -qFf "$SECRETS/token-$1.match" "$work/body"; then
      grep -qE "\\"Policies\\":\\\\[\\\\{\\"ID\\":\\"[^\\"]*\\",\\"Name\\":\\"$2\\"\\\\}\\\\]" "$work/body" && return 0
      demand PUT "acl/token/$3" "$SECRETS/token-$1.json"
      changed "token of $2 corrected"
      return 0
    fi
    demand DELETE "acl/token/$3"
  elif ! absent; then
    fail "token of $2 cannot be read: $status"
  fi
  demand PUT acl/token "$SECRETS/token-$1.json"
  changed "token of $2 created"
}

take_back_others() {
  demand GET acl/tokens
  tr '{' '\\n' <"$work/body" |
    sed -n 's/.*"AccessorID":"\\([0-9a-f-]*\\)".*"Description":"kvm-fabric:.*/\\1/p' >"$work/ours"
  while read -r accessor; do
    if ! grep -qF " $accessor" "$FILES/plan"; then
      demand DELETE "acl/token/$accessor"
      changed "token $accessor taken back"
    fi
  done <"$work/ours"
}

silence_anonymous() {
  demand GET "acl/token/$anonymous"
  if grep -qE '"(Policies|Roles|ServiceIdentities|NodeIdentities|TemplatedPolicies)":\\[\\{' "$work/body"; then
    demand PUT "acl/token/$anonymous" "$FILES/anonymous.json"
    changed "anonymous token silenced"
  fi
}

wait_for_consul
while read -r key policy accessor; do
  ensure_policy "$key" "$policy"
  ensure_token "$key" "$policy" "$accessor"
done <"$FILES/plan"
take_back_others
silence_anonymous
say "done, $changes changes"
`;
