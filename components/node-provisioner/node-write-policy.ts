import type { NodeContract } from "../shared/node-contract";

/**
 * What a token says about the node it was issued for. The API server writes it when a token is bound to
 * a pod (Kubernetes 1.32 and later), so a container cannot choose it.
 * Source: https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/4193-bound-service-account-token-improvements
 */
const NODE_CLAIM = "authentication.kubernetes.io/node-name";
const POD_CLAIM = "authentication.kubernetes.io/pod-name";

/** One rule of the policy: what must hold, and what the writer is told where it does not. */
export interface PolicyRule {
  expression: string;
  message: string;
}

/** The CEL condition that selects the requests of one service account. */
export function writerCondition(namespace: string, serviceAccount: string): string {
  return `request.userInfo.username == "system:serviceaccount:${namespace}:${serviceAccount}"`;
}

/**
 * The spec of the ValidatingAdmissionPolicy that confines the provisioner's node writes to the three it
 * makes: `<domain>/assets` set to this asset set's id on its own node, the startup taint taken off a node
 * that carries that label, and, when the provisioner goes, the label taken off again. RBAC cannot say
 * this: it grants a verb on all nodes and all their fields.
 *
 * The label may be removed whatever its value: during a rollout the nodes still name the set before.
 * Without it a node gets no workers, so to remove it is no more than to have the node left alone.
 *
 * The label rule is narrower than the label domain on purpose. `<domain>/kvm-enabled` and
 * `<domain>/pool` are the pool's promises, which a taken-over agent must not forge, and no other label
 * is written today. Keys are compared whole, so no look-alike domain can pass.
 *
 * It covers all operations on nodes and all their subresources, although RBAC grants two verbs only: a
 * wider role that somebody adds later must not open what is closed here. Reads pass no admission.
 *
 * `condition` is generic so that a namespace not known yet can be rendered too.
 */
export function nodeWritePolicy<Text>(contract: NodeContract, assetSet: string, condition: Text) {
  return {
    failurePolicy: "Fail",
    matchConstraints: {
      matchPolicy: "Equivalent",
      resourceRules: [
        {
          apiGroups: [""],
          apiVersions: ["*"],
          operations: ["*"],
          resources: ["nodes", "nodes/*"],
          scope: "Cluster",
        },
      ],
    },
    matchConditions: [{ name: "written-by-the-provisioner", expression: condition }],
    variables: policyVariables(contract),
    validations: policyRules(contract, assetSet).map((rule) => ({ ...rule, reason: "Forbidden" })),
  };
}

/** The spec of the binding: every match of the policy is refused. */
export function nodeWritePolicyBinding(policyName: string) {
  return { policyName, validationActions: ["Deny"] };
}

/**
 * Names used by the rules. Objects are compared as `dyn`: a field that a later Kubernetes adds is then
 * compared like all others, where a list of known fields would let it through.
 */
function policyVariables(contract: NodeContract) {
  const claim = (key: string) => `request.userInfo.?extra[?"${key}"].orValue([])`;
  const map = (object: string, path: string) => `dyn(${object}).${path}.orValue({})`;
  return [
    {
      name: "update",
      expression: 'request.operation == "UPDATE" && request.?subResource.orValue("") == ""',
    },
    { name: "tokenNode", expression: claim(NODE_CLAIM) },
    { name: "tokenPod", expression: claim(POD_CLAIM) },
    { name: "before", expression: "variables.update ? dyn(oldObject) : dyn({})" },
    { name: "after", expression: "variables.update ? dyn(object) : dyn({})" },
    ...["before", "after"].flatMap((side) => [
      { name: `${side}Metadata`, expression: map(`variables.${side}`, "?metadata") },
      { name: `${side}Spec`, expression: map(`variables.${side}`, "?spec") },
      { name: `${side}Labels`, expression: map(`variables.${side}`, "?metadata.?labels") },
      {
        name: `${side}Taints`,
        expression: `dyn(variables.${side}).?spec.?taints.orValue([])`,
      },
    ]),
    {
      name: "otherTaints",
      expression:
        `variables.beforeTaints.filter(taint, !(taint.key == "${contract.startupTaint}"` +
        ' && taint.effect == "NoSchedule"))',
    },
  ];
}

function policyRules(contract: NodeContract, assetSet: string): PolicyRule[] {
  const { assetsLabel, capabilityLabel, startupTaint } = contract;
  return [
    {
      expression: "variables.update",
      message: "the node provisioner may only update nodes: no other operation, no subresource",
    },
    {
      expression: "size(variables.tokenPod) == 1 && variables.tokenNode == [request.name]",
      message: "the node provisioner may only write the node that its pod runs on",
    },
    {
      expression: `variables.beforeLabels[?"${capabilityLabel}"].orValue("") == "true"`,
      message: `the node provisioner may only write nodes that their pool labels ${capabilityLabel}=true`,
    },
    {
      expression: sameExcept("variables.before", "variables.after", ["metadata", "spec"]),
      message: "the node provisioner may not change a node outside its metadata and spec",
    },
    {
      expression: sameExcept("variables.beforeMetadata", "variables.afterMetadata", [
        "labels",
        "managedFields",
        "resourceVersion",
      ]),
      message: "the node provisioner may not change a node's metadata besides labels",
    },
    {
      expression: sameExcept("variables.beforeSpec", "variables.afterSpec", ["taints"]),
      message: "the node provisioner may not change a node's spec besides taints",
    },
    {
      expression: sameExcept("variables.beforeLabels", "variables.afterLabels", [assetsLabel]),
      message: `the node provisioner may not change a label other than ${assetsLabel}`,
    },
    {
      expression:
        `variables.afterLabels[?"${assetsLabel}"] == variables.beforeLabels[?"${assetsLabel}"]` +
        ` || variables.afterLabels[?"${assetsLabel}"].orValue("${assetSet}") == "${assetSet}"`,
      message: `the node provisioner may only set ${assetsLabel} to ${assetSet} or remove it`,
    },
    {
      expression:
        "variables.afterTaints == variables.beforeTaints" +
        " || variables.afterTaints == variables.otherTaints",
      message: `the node provisioner may not change taints besides removing ${startupTaint}:NoSchedule`,
    },
    {
      expression:
        "variables.afterTaints == variables.beforeTaints" +
        ` || variables.afterLabels[?"${assetsLabel}"].orValue("") == "${assetSet}"`,
      message: `the node provisioner may only open a node that is labelled ${assetsLabel}=${assetSet}`,
    },
  ];
}

/** CEL: two maps have the same keys with the same values, but for some keys. */
function sameExcept(before: string, after: string, keys: readonly string[]): string {
  const free = `key in ${JSON.stringify(keys)}`;
  const covers = (one: string, other: string) =>
    `${one}.all(key, ${free} || (key in ${other} && ${other}[key] == ${one}[key]))`;
  return `${covers(before, after)} && ${covers(after, before)}`;
}
