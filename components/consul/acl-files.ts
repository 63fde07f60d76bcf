import type { AclEntry } from "./acl";
import { ACL_SCRIPT } from "./acl-script";

/** Name and content. */
type File = [string, string];

/** The files of the ACL Job that hold no secret: script, plan and policies. */
export function aclFiles(entries: AclEntry[]): Record<string, string> {
  const policies = entries.flatMap(({ key, policyName, description, rules }): File[] => [
    [
      `policy-${key}.json`,
      JSON.stringify({ Name: policyName, Description: description, Rules: rules }),
    ],
    // What Consul's answer must contain where the policy is right already.
    [`policy-${key}.match`, `"Rules":${JSON.stringify(rules)}\n`],
  ]);
  return {
    "apply.sh": ACL_SCRIPT,
    "anonymous.json": JSON.stringify({
      AccessorID: ANONYMOUS_ACCESSOR,
      Description: "Anonymous Token",
      Policies: [],
    }),
    plan: entries
      .map(({ key, policyName, accessorId }) => `${key} ${policyName} ${accessorId}\n`)
      .join(""),
    ...Object.fromEntries(policies),
  };
}

/** The id of the token that Consul uses for callers without one. */
const ANONYMOUS_ACCESSOR = "00000000-0000-0000-0000-000000000002";

/** The files of the ACL Job that are secret: the management token as a header, and the tokens' bodies. */
export function aclSecretFiles(
  entries: AclEntry[],
  managementToken: string,
  token: (purpose: string) => string,
): Record<string, string> {
  const tokens = entries.flatMap((entry): File[] => {
    const { key, accessorId, description, policyName, purpose } = entry;
    const secretId = token(purpose);
    const body = {
      AccessorID: accessorId,
      SecretID: secretId,
      Description: description,
      Policies: [{ Name: policyName }],
    };
    return [
      [`token-${key}.json`, JSON.stringify(body)],
      [`token-${key}.match`, `"SecretID":${JSON.stringify(secretId)}\n`],
    ];
  });
  return {
    header: `X-Consul-Token: ${managementToken}\n`,
    ...Object.fromEntries(tokens),
  };
}
