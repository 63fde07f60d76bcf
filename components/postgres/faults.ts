import { dataStoreConsumerFaults, podLabelFaults } from "../data-store/consumers";
import { externalFaults, ownOnlyFaults, renamedFaults } from "../data-store/external";
import { issuerFaults } from "../data-store/issuer";
import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { instanceNameFaults } from "../shared/names";
import { wholeNumberFaults } from "../shared/numbers";
import { cpuFaults, memoryFaults } from "../shared/quantities";
import type { PostgresArgs } from "./args";
import { backupFaults } from "./backup-faults";

/** Arguments that shape instances. */
const OWN_ONLY = [
  "apiServer",
  "backups",
  "database",
  "image",
  "instances",
  "issuer",
  "monitoring",
  "operator",
  "parameters",
  "priorityClassName",
  "recovery",
  "resources",
  "storageClass",
  "storageGib",
  "username",
  "walStorageGib",
] as const;

/** Ends of the names of Secrets that the operator or the store itself writes: a consumer of that name would write it too. */
export const TAKEN = [
  "app",
  "ca",
  "owner",
  "replication",
  "server",
  "server-ca",
  "server-tls",
  "superuser",
] as const;

/** Finds everything that is wrong with the arguments of a Postgres. */
export function postgresFaults(name: string, args: PostgresArgs): Fault[] {
  const { external } = args;
  return [
    ...instanceNameFaults(name),
    ...(external === undefined
      ? instanceFaults(name, args)
      : [
          ...ownOnlyFaults(args, OWN_ONLY),
          ...externalFaults("external", external),
          ...renamedFaults(external, args.consumers),
          ...identifierFaults("external.database", external.database, []),
        ]),
    ...dataStoreConsumerFaults(name, args.consumers, external === undefined ? TAKEN : []),
  ];
}

function instanceFaults(name: string, args: PostgresArgs): Fault[] {
  const { resources } = args;
  return [
    ...imageFaults("image", args.image),
    ...tagFaults("image", args.image),
    ...wholeNumberFaults("instances", args.instances, 1, 9),
    ...identifierFaults("database", args.database, ["postgres", "template0", "template1"]),
    ...identifierFaults("username", args.username, ["postgres", "streaming_replica"]),
    ...parameterFaults(args.parameters),
    ...wholeNumberFaults("storageGib", args.storageGib, 1, 65_536),
    ...wholeNumberFaults("walStorageGib", args.walStorageGib, 1, 65_536),
    ...cpuFaults("resources.cpu", resources?.cpu),
    ...memoryFaults("resources.memory", resources?.memory),
    ...issuerFaults("issuer", args.issuer),
    ...podLabelFaults("monitoring.podLabels", args.monitoring?.podLabels),
    ...podLabelFaults("operator.podLabels", args.operator?.podLabels),
    ...backupFaults(name, args),
  ];
}

/** The operator takes the major version from the tag. Source: https://cloudnative-pg.io/docs/ (spec.imageName) */
function tagFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || !got.includes("@") || /:[1-9]\d(\.\d+)?(-[\w.-]+)?@/.test(got))
    return [];
  const problem = "has no tag that begins with the version of Postgres";
  return [{ path, problem, got, allowed: "as in registry/postgresql:17.6@sha256:..." }];
}

function identifierFaults(
  path: string,
  got: string | undefined,
  reserved: readonly string[],
): Fault[] {
  if (got === undefined) return [];
  if (reserved.includes(got)) return [{ path, problem: "belongs to Postgres itself", got }];
  // A database of somebody else's may have any name that needs no quotes in a URI.
  const own = reserved.length > 0;
  const fits = own ? /^[a-z_][a-z0-9_]{0,62}$/ : /^[\w$.-]{1,63}$/;
  if (fits.test(got)) return [];
  const allowed = own
    ? "a-z, 0-9 and _, first no digit, at most 63 characters"
    : "letters, digits and _$.-, at most 63 characters";
  return [{ path, problem: "not a name that needs no quotes", got, allowed }];
}

/** What the store says itself: TLS, and how passwords are kept. */
const FIXED_PARAMETER = /^(ssl($|_)|password_encryption$|listen_addresses$|port$|archive_)/;

function parameterFaults(parameters: Record<string, string> = {}): Fault[] {
  return Object.keys(parameters).flatMap((key) => {
    const path = `parameters["${key}"]`;
    if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(key)) {
      return [{ path, problem: "not the name of a setting of Postgres" }];
    }
    return FIXED_PARAMETER.test(key) ? [{ path, problem: "fixed: the store sets it itself" }] : [];
  });
}
