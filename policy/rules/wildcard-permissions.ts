import { at, items, type Rule, statementsOf, textAt } from "../resource";

/** Nobody in production may do everything, or one thing to everything. */
export const wildcardPermissions: Rule = {
  name: "no-wildcard-permissions",
  description: "in production a permission names its actions, and its resources or a condition",
  productionOnly: true,
  check: ({ type, props }) => checks[type]?.(props) ?? [],
};

type Check = (props: unknown) => string[];

const document: Check = (props) => statementsOf(at(props, "policy")).flatMap(statementProblems);

const checks: Readonly<Partial<Record<string, Check>>> = {
  "aws:iam/policy:Policy": document,
  "aws:iam/rolePolicy:RolePolicy": document,
  "aws:iam/role:Role": (props) =>
    items(at(props, "inlinePolicies"))
      .flatMap((inline) => statementsOf(at(inline, "policy")))
      .flatMap(statementProblems)
      .concat(statementsOf(at(props, "assumeRolePolicy")).flatMap(trustProblems)),
  "gcp:projects/iAMMember:IAMMember": gcpBinding,
  "gcp:projects/iAMBinding:IAMBinding": gcpBinding,
  "azure-native:authorization:RoleAssignment": (props) => {
    const role = textAt(props, "roleDefinitionId");
    const wide = Object.entries(wideAzureRoles).find(([id]) => role.endsWith(id));
    const scope = textAt(props, "scope");
    if (wide === undefined || /\/resourceGroups\//i.test(scope)) return [];
    return [`role ${wide[1]} over ${scope}`];
  },
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": roleRules,
  "kubernetes:rbac.authorization.k8s.io/v1:Role": roleRules,
};

// Well-known ids of Azure's built-in roles.
const wideAzureRoles = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
};

function gcpBinding(props: unknown): string[] {
  const role = textAt(props, "role");
  const members = [...items(at(props, "members")), ...items(at(props, "member"))].map(String);
  const anybody = members.filter((member) => /^all(Authenticated)?Users$/.test(member));
  return [
    ...(/^roles\/(owner|editor)$/.test(role) ? [`role ${role} of the whole project`] : []),
    ...anybody.map((member) => `member ${member}`),
  ];
}

function roleRules(props: unknown): string[] {
  return items(at(props, "rules")).flatMap((rule) => {
    const wide = ["apiGroups", "resources", "verbs"].filter((list) =>
      items(at(rule, list)).includes("*"),
    );
    // `*` of one group's resources, or of one resource's verbs, is often meant; everything of everything is not.
    return wide.includes("verbs") && wide.includes("resources")
      ? ["every verb on every resource"]
      : [];
  });
}

// Reading lists and descriptions, for which AWS mostly knows no narrower resource.
const READING = /^[a-z0-9-]+:(Describe|Get|List)[A-Za-z]*$/;

function statementProblems(statement: unknown): string[] {
  if (at(statement, "Effect") !== "Allow") return [];
  const actions = items(at(statement, "Action")).map(String);
  const sid = textAt(statement, "Sid") || "a statement";
  const wide = actions.filter((action) => action === "*" || action.endsWith(":*"));
  const everywhere = items(at(statement, "Resource")).includes("*");
  const unbound = at(statement, "Condition") === undefined;
  const writing = actions.filter((action) => !READING.test(action));
  return [
    ...wide.map((action) => `${sid} allows ${action}`),
    ...(at(statement, "NotAction") !== undefined ? [`${sid} allows all but some actions`] : []),
    ...(everywhere && unbound && writing.length > 0
      ? [`${sid} allows ${writing.join(", ")} on every resource`]
      : []),
  ];
}

function trustProblems(statement: unknown): string[] {
  const principal = at(statement, "Principal");
  const anybody = principal === "*" || items(at(principal, "AWS")).includes("*");
  const unbound = at(statement, "Condition") === undefined;
  return at(statement, "Effect") === "Allow" && anybody && unbound
    ? ["anybody may take this role"]
    : [];
}
