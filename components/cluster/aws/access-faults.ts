import type { Fault } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { type AwsAccessEntry, AwsAccessPolicy } from "./args";

/** Finds everything that is wrong with the access entries of a cluster. */
export function accessFaults(path: string, entries: readonly AwsAccessEntry[]): Fault[] {
  return [
    ...adminFaults(path, entries),
    ...entries.flatMap((entry, index) => entryFaults(`${path}[${String(index)}]`, entry)),
    ...repeatedFaults(path, entries),
  ];
}

/** Nobody is an administrator by having made the cluster, so the entries have to name one. */
function adminFaults(path: string, entries: readonly AwsAccessEntry[]): Fault[] {
  const admin = entries.some(
    ({ namespaces, policy }) => policy === AwsAccessPolicy.ClusterAdmin && namespaces === undefined,
  );
  if (admin) return [];
  return [
    {
      path,
      problem: "names no administrator of the whole cluster, so nobody could deploy to it",
      allowed: "at least one entry with AwsAccessPolicy.ClusterAdmin and no namespaces",
      fix: "an entry for the role that runs this program",
    },
  ];
}

function entryFaults(path: string, entry: AwsAccessEntry): Fault[] {
  const { groups = [], name, namespaces, policy, principalArn } = entry;
  return [
    ...wordFaults(`${path}.name`, name, 40),
    ...(typeof principalArn === "string"
      ? principalFaults(`${path}.principalArn`, principalArn)
      : []),
    ...policyFaults(path, entry),
    ...groups.flatMap((got, index) => groupFaults(`${path}.groups[${String(index)}]`, got)),
    ...(namespaces ?? []).flatMap((got, index) =>
      wordFaults(`${path}.namespaces[${String(index)}]`, got, 63, true),
    ),
    ...(namespaces?.length === 0
      ? [{ path: `${path}.namespaces`, problem: "empty", fix: "to leave it out for all" }]
      : []),
    ...(namespaces !== undefined && policy === undefined
      ? [{ path: `${path}.namespaces`, problem: "only a policy has namespaces", fix: "a policy" }]
      : []),
  ];
}

function policyFaults(path: string, { groups = [], policy }: AwsAccessEntry): Fault[] {
  if (policy === undefined) {
    if (groups.length > 0) return [];
    return [
      { path, problem: "allows nothing", fix: "a policy, or groups that roles are bound to" },
    ];
  }
  return memberFaults(`${path}.policy`, policy, Object.values(AwsAccessPolicy));
}

function principalFaults(path: string, got: string): Fault[] {
  if (/^arn:aws[a-z-]*:sts::/.test(got)) {
    const problem = "a session, which EKS never matches";
    return [{ path, problem, got, fix: "the ARN of the role: arn:aws:iam::ACCOUNT:role/NAME" }];
  }
  if (/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(got)) return [];
  const allowed = "arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME";
  return [{ path, problem: "not the ARN of an IAM role or user", got, allowed }];
}

/** Source: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html */
function groupFaults(path: string, got: string): Fault[] {
  const kept = /^(system:|eks:|aws:|amazon:|iam:)/.exec(got);
  if (kept !== null) {
    const problem = "a group that EKS keeps for itself";
    return [{ path, problem, got, fix: "a policy, or a group of your own with a role binding" }];
  }
  if (/^[A-Za-z0-9]([\w.@:-]*[A-Za-z0-9])?$/.test(got)) return [];
  return [{ path, problem: "not the name of a group", got, allowed: "letters, digits and ._@:-" }];
}

function wordFaults(path: string, got: string, longest: number, stars = false): Fault[] {
  const words = stars ? /^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/ : /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
  if (words.test(got) && got.length <= longest) return [];
  const allowed = `a-z, 0-9 and -, at most ${String(longest)} characters`;
  return [{ path, problem: stars ? "not the name of a namespace" : "not a name", got, allowed }];
}

function repeatedFaults(path: string, entries: readonly AwsAccessEntry[]): Fault[] {
  const names = entries.map(({ name }) => name);
  const principals = entries.map(({ principalArn }) => principalArn);
  return entries.flatMap(({ name, principalArn }, index) => {
    const at = `${path}[${String(index)}]`;
    return [
      ...(names.indexOf(name) < index
        ? [{ path: `${at}.name`, problem: "named twice", got: name }]
        : []),
      ...(typeof principalArn === "string" && principals.indexOf(principalArn) < index
        ? [{ path: `${at}.principalArn`, problem: "has an entry already", got: principalArn }]
        : []),
    ];
  });
}
