/**
 * What a token says about the node it was issued for. The API server writes it when a token is bound to
 * a pod (Kubernetes 1.32 and later), so a container cannot choose it.
 * Source: https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/4193-bound-service-account-token-improvements
 */
const NODE_CLAIM = "authentication.kubernetes.io/node-name";
const POD_CLAIM = "authentication.kubernetes.io/pod-name";

/** One rule of a policy: what must hold, and what the writer is told where it does not. */
export interface PolicyRule {
  expression: string;
  message: string;
}

/** The CEL condition that selects the requests of one service account. */
export function writerCondition(namespace: string, serviceAccount: string): string {
  return `request.userInfo.username == "system:serviceaccount:${namespace}:${serviceAccount}"`;
}

/** What a policy of the provisioner's writes is about, and what must hold. */
interface WritePolicy<Text> {
  /** Which requests are the provisioner's; generic so that a namespace not known yet can be rendered too. */
  condition: Text;
  /** API group and resources, all operations of all versions. */
  resources: { group: string; names: string[]; scope: string }[];
  variables: { name: string; expression: string }[];
  rules: PolicyRule[];
}

/** The spec of a ValidatingAdmissionPolicy that refuses what breaks a rule, and what it cannot judge. */
export function writePolicy<Text>({ condition, resources, variables, rules }: WritePolicy<Text>) {
  return {
    failurePolicy: "Fail",
    matchConstraints: {
      matchPolicy: "Equivalent",
      resourceRules: resources.map(({ group, names, scope }) => ({
        apiGroups: [group],
        apiVersions: ["*"],
        operations: ["*"],
        resources: names,
        scope,
      })),
    },
    matchConditions: [{ name: "written-by-the-provisioner", expression: condition }],
    variables,
    validations: rules.map((rule) => ({ ...rule, reason: "Forbidden" })),
  };
}

/** The spec of the binding: every match of the policy is refused. */
export function policyBinding(policyName: string) {
  return { policyName, validationActions: ["Deny"] };
}

const claim = (key: string): string => `request.userInfo.?extra[?"${key}"].orValue([])`;

/** CEL variables: the names of the node and of the pod that the writer's token is bound to, each in a list of one. */
export const TOKEN_VARIABLES = [
  { name: "tokenNode", expression: claim(NODE_CLAIM) },
  { name: "tokenPod", expression: claim(POD_CLAIM) },
];

/** CEL: two maps have the same keys with the same values, but for some keys. */
export function sameExcept(before: string, after: string, keys: readonly string[]): string {
  const free = `key in ${JSON.stringify(keys)}`;
  const covers = (one: string, other: string) =>
    `${one}.all(key, ${free} || (key in ${other} && ${other}[key] == ${one}[key]))`;
  return `${covers(before, after)} && ${covers(after, before)}`;
}
