import { ConsulRole } from "./args";
import { accessorFor } from "./tokens";

/** A token of Consul and the one policy that it has. */
export interface AclEntry {
  /** Name of the entry's files, once an instance. */
  key: string;
  /** Public id of the token. */
  accessorId: string;
  description: string;
  policyName: string;
  /** What the token is derived for: see `tokenFor`. */
  purpose: string;
  /** The policy's rules, in HCL. */
  rules: string;
}

/** Services that a rule is about: the one of a name, or all whose names begin with it. */
export interface ServiceScope {
  match: "service" | "service_prefix";
  name: string;
}

/** A consumer, planned. */
export interface ConsumerAccess {
  name: string;
  role: ConsulRole;
  scopes: ServiceScope[];
}

/** Begins the description of every token that the Job made, so that it finds those to take back. */
const DESCRIPTION_PREFIX = "kvm-fabric:";

/**
 * The policies and tokens of an instance: one for the servers themselves, one for snapshots, one for each
 * consumer. Each token has one policy and each policy one token.
 */
export function aclEntries(instance: string, consumers: ConsumerAccess[]): AclEntry[] {
  const entry = (key: string, purpose: string, rules: string): AclEntry => ({
    key,
    accessorId: accessorFor(instance, purpose),
    description: `${DESCRIPTION_PREFIX}${purpose}`,
    policyName: `${instance}-${key}`,
    purpose,
    rules,
  });
  return [
    entry("servers", "servers", serverRules(instance)),
    entry("snapshots", "snapshots", SNAPSHOT_RULES),
    ...consumers.map((consumer) =>
      entry(`for-${consumer.name}`, consumerPurpose(consumer.name), consumerRules(consumer)),
    ),
  ];
}

/** What a consumer's token is derived for. */
export function consumerPurpose(name: string): string {
  return `consumer/${name}`;
}

/**
 * Servers write their own nodes' entries, and read services to keep the catalogue in step.
 * Source: https://developer.hashicorp.com/consul/docs/secure/acl/token/agent
 */
function serverRules(instance: string): string {
  return [rule("node_prefix", `${instance}-`, "write"), rule("service_prefix", "", "read")].join(
    "",
  );
}

/**
 * A snapshot holds every token, and Consul has no narrower right to one than to write ACLs: whoever has
 * this token can do everything. It lies in one Secret that only the CronJob mounts.
 * Source: https://developer.hashicorp.com/consul/commands/snapshot/save
 */
const SNAPSHOT_RULES = 'acl = "write"\n';

function consumerRules({ role, scopes }: ConsumerAccess): string {
  switch (role) {
    case ConsulRole.Worker:
      return access(scopes, "write");
    case ConsulRole.Gateway:
      return access(scopes, "read");
    default:
      return role satisfies never;
  }
}

function access(scopes: ServiceScope[], policy: "read" | "write"): string {
  const services = scopes.map(({ match, name }) => rule(match, name, policy));
  return [...services, rule("node_prefix", "", "read")].join("");
}

function rule(resource: string, segment: string, policy: "read" | "write"): string {
  return `${resource} "${segment}" {\n  policy = "${policy}"\n}\n`;
}
