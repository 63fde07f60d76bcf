import { REDIS_PORT } from "./ports";
import type { RedisServerPlan } from "./plan";

/** Where the server's container finds its files. */
export const REDIS_FOLDERS = Object.freeze({
  config: "/etc/valkey",
  data: "/data",
  tls: "/etc/valkey-tls",
  users: "/etc/valkey-users",
});

const { data, tls, users } = REDIS_FOLDERS;
const CERTIFICATE = `${tls}/tls.crt`;
const KEY = `${tls}/tls.key`;

/**
 * Renders the server's configuration. Each write is in the append-only file within a second, and a snapshot beside it makes
 * the next start fast. Valkey and the Redis that it came from read it alike.
 * Source: https://valkey.io/topics/persistence/ and https://valkey.io/topics/encryption/
 */
export function serverConfig({ evictionPolicy, memoryMib }: RedisServerPlan): string {
  return [
    "bind * -::*",
    "port 0",
    `tls-port ${REDIS_PORT}`,
    `tls-cert-file ${CERTIFICATE}`,
    `tls-key-file ${KEY}`,
    "tls-auth-clients no",
    'tls-protocols "TLSv1.2 TLSv1.3"',
    `aclfile ${users}/users.acl`,
    `dir ${data}`,
    "appendonly yes",
    "appendfsync everysec",
    "save 3600 1 300 100 60 10000",
    `maxmemory ${memoryMib}mb`,
    `maxmemory-policy ${evictionPolicy}`,
    "",
  ].join("\n");
}

// The server is this very pod's: its name and authority say nothing, and while a certificate is exchanged they may be old.
const CLIENT = `valkey-cli --tls --insecure -h 127.0.0.1 -p ${REDIS_PORT}`;

/** Asks the server for a sign of life, over TLS and logged in. The password is on no command line. */
function ping(answers: string): string {
  const ask = `printf 'AUTH probe %s\\nPING\\n' "$(cat ${users}/probe)"`;
  return `${ask} | ${CLIENT} | grep -q -E '${answers}'`;
}

/** Ready: answers, and has read its data. */
export const READY = ping("^PONG");

/** Alive: answers at all, also while it reads its data or runs a long script. */
export const ALIVE = ping("^PONG|LOADING|BUSY");

/** How often the reloader looks, in seconds. */
const RELOAD_SECONDS = 15;

/**
 * Has the server take up certificate and users again when the kubelet has brought other ones: so neither a renewed
 * certificate nor a new consumer restarts it or ends a connection. The first round is for what changed while the pod started.
 *
 * Users are set one by one, and those that are in the file no more are deleted, which ends their connections. `ACL LOAD`
 * would do both at once, and end everybody's connection before Valkey 8.
 * Source: https://github.com/redis/redis/pull/12171
 */
export const RELOADER = [
  "trap 'exit 0' TERM INT",
  "ask() {",
  `  { printf 'AUTH operator %s\\n' "$(cat ${users}/operator)"; cat; } | ${CLIENT} 2>&1`,
  "}",
  "commands() {",
  `  echo 'CONFIG SET tls-cert-file ${CERTIFICATE} tls-key-file ${KEY}'`,
  `  sed -n 's/^user \\([^ ]*\\) /ACL SETUSER \\1 reset /p' ${users}/users.acl`,
  "  for user in $(echo 'ACL USERS' | ask | grep -v '^OK$'); do",
  `    grep -q "^user $user " ${users}/users.acl || echo "ACL DELUSER $user"`,
  "  done",
  "}",
  "seen=",
  "while :; do",
  `  now="$(cat ${CERTIFICATE} ${KEY} ${users}/users.acl)"`,
  '  if [ "$now" != "$seen" ]; then',
  '    answer="$(commands | ask)"',
  "    if printf '%s\\n' \"$answer\" | grep -q -v -E '^(OK|[0-9]*)$'; then",
  '      echo "not taken up yet: $answer"',
  "    else",
  '      seen="$now"',
  '      echo "certificate and users are taken up"',
  "    fi",
  "  fi",
  `  sleep ${RELOAD_SECONDS} &`,
  "  wait $!",
  "done",
  "",
].join("\n");
