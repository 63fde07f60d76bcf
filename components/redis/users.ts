import { createHash } from "node:crypto";

/** Users that no consumer may be called like: Valkey's own first one, and those of probes and of the reloader. */
export const SERVICE_USERS = ["default", "operator", "probe"] as const;

/** A user with its password. */
export interface RedisUser {
  name: string;
  password: string;
}

/** The passwords of a server's users. */
export interface RedisPasswords {
  consumers: RedisUser[];
  operator: string;
  probe: string;
}

/**
 * What a consumer may do: everything with keys, channels and scripts, and what client libraries ask when they connect. Not
 * administer the server, and not throw all data away.
 */
const CONSUMER_COMMANDS = "+@all -@admin -@dangerous +info +keys +sort";

/** What the container beside the server needs to have it take up certificate and users; no key, no channel. */
const OPERATOR_COMMANDS = "+config|set +acl|users +acl|setuser +acl|deluser";

/**
 * Renders the file of users. It holds hashes: who reads it cannot log in. `default`, as whom everybody would be known
 * without a name, is off.
 * Source: https://valkey.io/topics/acl/
 */
export function usersFile({ consumers, operator, probe }: RedisPasswords): string {
  return [
    "user default off resetpass resetkeys resetchannels -@all",
    userLine("operator", operator, `resetkeys resetchannels -@all ${OPERATOR_COMMANDS}`),
    userLine("probe", probe, "resetkeys resetchannels -@all +ping"),
    ...consumers.map(({ name, password }) =>
      userLine(name, password, `~* &* ${CONSUMER_COMMANDS}`),
    ),
    "",
  ].join("\n");
}

function userLine(name: string, password: string, rules: string): string {
  const hash = createHash("sha256").update(password).digest("hex");
  return `user ${name} on #${hash} ${rules}`;
}
