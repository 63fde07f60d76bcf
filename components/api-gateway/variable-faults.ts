import type { Fault } from "../shared/faults";
import type { ApiGatewayArgs } from "./args";

/** Variables that the component sets, or would set with another argument of its own. */
const ALWAYS = /^(KVM_FABRIC_|CONSUL_)|^(NODE_NAME|POD_IP|POD_NAME|PORT|METRICS_PORT)$/;
const POSTGRES = /^(DATABASE_URL|DATABASE_CA_FILE|PGSSLROOTCERT)$/;
const REDIS = /^(REDIS_URL|REDIS_CA_FILE)$/;

/** Checks the variables of a gateway's environment: their names, and that each is set once. */
export function variableFaults(args: ApiGatewayArgs): Fault[] {
  const named = [
    ...Object.keys(args.environment ?? {}).map((name) => ({ path: `environment.${name}`, name })),
    ...(args.environmentSecrets ?? []).map(({ name }, index) => ({
      path: `environmentSecrets[${index}].name`,
      name,
    })),
  ];
  return named.flatMap(({ path, name: got }, index): Fault[] => {
    if (named.slice(0, index).some(({ name }) => name === got)) {
      return [{ path, problem: "set twice", got }];
    }
    if (isReserved(args, got)) {
      return [{ path, problem: "a variable that the component sets itself", got }];
    }
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(got)) return [];
    return [{ path, problem: "not the name of a variable", got, allowed: "letters, digits and _" }];
  });
}

/** A database of the gateway's own choice goes without the component's. */
function isReserved({ postgres, redis }: ApiGatewayArgs, name: string): boolean {
  return (
    ALWAYS.test(name) ||
    (postgres !== undefined && POSTGRES.test(name)) ||
    (redis !== undefined && REDIS.test(name))
  );
}
