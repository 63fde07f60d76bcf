import type { Input } from "@pulumi/pulumi";
import type { Fault } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { patternFaults } from "../../shared/patterns";
import { type AksAccess, AksPrincipalType, AksRole } from "./args";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Checks the groups that administer a cluster: without one, nobody could. */
export function adminFaults(path: string, ids: readonly Input<string>[]): Fault[] {
  if (ids.length === 0) {
    const fix = "the object id of an Entra group that you are in";
    return [{ path, problem: "empty: nobody could administer the cluster", fix }];
  }
  return ids.flatMap((got, index) => {
    const at = `${path}[${String(index)}]`;
    if (typeof got === "string" && ids.indexOf(got) < index) {
      return [{ path: at, problem: "given twice", got }];
    }
    return objectIdFaults(at, got);
  });
}

/** Checks the further principals that may use a cluster. */
export function accessFaults(path: string, entries: readonly AksAccess[]): Fault[] {
  return entries.flatMap((entry, index) => {
    const at = `${path}[${String(index)}]`;
    const first = entries.findIndex(({ name }) => name === entry.name);
    return [
      ...patternFaults(
        `${at}.name`,
        entry.name,
        /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/,
        "cannot be part of a logical name",
        "a-z, 0-9 and -, at most 40 characters",
      ),
      ...(first < index ? [{ path: `${at}.name`, problem: "given twice", got: entry.name }] : []),
      ...objectIdFaults(`${at}.principalId`, entry.principalId),
      ...memberFaults(`${at}.principalType`, entry.principalType, Object.values(AksPrincipalType)),
      ...memberFaults(`${at}.role`, entry.role, Object.values(AksRole)),
    ];
  });
}

function objectIdFaults(path: string, got: Input<string>): Fault[] {
  const problem = "not the object id of an Entra principal";
  return patternFaults(path, got, GUID, problem, "a GUID, as `az ad group show` prints it as id");
}
