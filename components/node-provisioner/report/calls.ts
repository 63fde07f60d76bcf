/**
 * How `report` speaks to the API server: one call at a time, each with a time limit and with the pod's own
 * token, which stays out of command lines and is read anew each time, since the kubelet renews it.
 *
 * Bodies are the templates of the mounted files: every `%NAME%` in them is the variable of that name.
 */
export const CALLS = `
say() { echo "report: $1"; }
# A trap is answered at once only while the shell itself waits.
rest() {
  sleep "$1" &
  wait "$!"
}

case $KUBERNETES_SERVICE_HOST in
  *:*) server="https://[$KUBERNETES_SERVICE_HOST]:$KUBERNETES_SERVICE_PORT" ;;
  *) server=https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT ;;
esac
node=$server/api/v1/nodes/$NODE_NAME
events=$server/api/v1/namespaces/default/events
daemon_set=$server/apis/apps/v1/namespaces/$NAMESPACE/daemonsets/$KVM_FABRIC_DAEMON_SET
lease=$server/apis/coordination.k8s.io/v1/namespaces/$NAMESPACE/leases/\${KVM_FABRIC_LEASE:-}
call_seconds=10

# Makes one call. Its status is in $status, the answer in $WORK/answer, as YAML: the image has no JSON parser.
call() {
  : >"$WORK/answer"
  printf 'Authorization: Bearer %s\\n' "$(cat "$TOKEN_DIR/token")" >"$WORK/authorization"
  status=$(curl --silent --show-error --max-time "$call_seconds" --proto '=https' \\
    --cacert "$TOKEN_DIR/ca.crt" --header "@$WORK/authorization" --header "Accept: application/yaml" \\
    --user-agent kvm-fabric-node-provisioner --output "$WORK/answer" --write-out '%{http_code}' \\
    "$@" || true)
}

# Prints a template with its variables as the insides of JSON texts.
render() {
  awk '
    function json(text, i, one, all) {
      for (i = 1; i <= length(text); i++) {
        one = substr(text, i, 1)
        if (one == "\\"" || one == "\\\\") one = "\\\\" one
        else if (one < " " || one > "~") one = " "
        all = all one
      }
      return all
    }
    {
      while (match($0, /%[A-Z_]+%/)) {
        printf "%s%s", substr($0, 1, RSTART - 1), json(ENVIRON[substr($0, RSTART + 1, RLENGTH - 2)])
        $0 = substr($0, RSTART + RLENGTH)
      }
      print
    }
  ' "$FILES/$1"
}

# write METHOD TEMPLATE URL WHAT: sends a rendered template, and says what came of it where it was refused.
write() {
  render "$2.json" >"$WORK/body"
  call --request "$1" --header "Content-Type: $(cat "$FILES/$2.type")" --data-binary "@$WORK/body" "$3"
  case $status in 200 | 201) return 0 ;; esac
  say "$4 was answered with status \${status:-none}: $(sed -n 's/^message: //p' "$WORK/answer")"
  return 1
}

# Gives the other container a text, whole or not at all.
leave_word() {
  printf '%s\\n' "$2" >"$STATE/.report-$1"
  mv "$STATE/.report-$1" "$STATE/$1"
}
`;
