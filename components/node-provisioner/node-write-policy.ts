import type { NodeContract } from "../shared/node-contract";
import { CONDITION_TYPE } from "./node-reports";
import { type PolicyRule, sameExcept, TOKEN_VARIABLES, writePolicy } from "./policy-rules";

/**
 * The spec of the ValidatingAdmissionPolicy that confines the provisioner's node writes to those it makes:
 * `<domain>/assets` set to one of its asset sets' ids on its own node, the startup taint taken off a node
 * that carries that label, the label taken off again, and one condition of the node's status. RBAC cannot
 * say this: it grants a verb on all nodes and all their fields.
 *
 * The label may be removed whatever its value: during a rollout the nodes still name the set before.
 * Without it a node gets no workers, so to remove it is no more than to have the node left alone.
 *
 * The label rule is narrower than the label domain on purpose. `<domain>/kvm-enabled` and
 * `<domain>/pool` are the pool's promises, which a taken-over agent must not forge, and no other label
 * is written today. Keys are compared whole, so no look-alike domain can pass.
 *
 * It covers all operations on nodes and all their subresources, although RBAC grants few verbs only: a
 * wider role that somebody adds later must not open what is closed here. Reads pass no admission.
 */
export function nodeWritePolicy<Text>(
  contract: NodeContract,
  assetSets: readonly string[],
  condition: Text,
) {
  return writePolicy({
    condition,
    resources: [{ group: "", names: ["nodes", "nodes/*"], scope: "Cluster" }],
    variables: policyVariables(contract, assetSets),
    rules: policyRules(contract),
  });
}

/**
 * Names used by the rules. Objects are compared as `dyn`: a field that a later Kubernetes adds is then
 * compared like all others, where a list of known fields would let it through.
 */
function policyVariables(contract: NodeContract, assetSets: readonly string[]) {
  const map = (object: string, path: string) => `dyn(${object}).${path}.orValue({})`;
  const list = (object: string, path: string) => `dyn(${object}).${path}.orValue([])`;
  return [
    { name: "part", expression: 'request.?subResource.orValue("")' },
    {
      name: "update",
      expression: 'request.operation == "UPDATE" && variables.part in ["", "status"]',
    },
    ...TOKEN_VARIABLES,
    { name: "assetSets", expression: JSON.stringify(assetSets) },
    { name: "before", expression: "variables.update ? dyn(oldObject) : dyn({})" },
    { name: "after", expression: "variables.update ? dyn(object) : dyn({})" },
    ...["before", "after"].flatMap((side) => [
      { name: `${side}Metadata`, expression: map(`variables.${side}`, "?metadata") },
      { name: `${side}Spec`, expression: map(`variables.${side}`, "?spec") },
      { name: `${side}Status`, expression: map(`variables.${side}`, "?status") },
      { name: `${side}Labels`, expression: map(`variables.${side}`, "?metadata.?labels") },
      { name: `${side}Taints`, expression: list(`variables.${side}`, "?spec.?taints") },
      {
        name: `${side}Conditions`,
        expression:
          list(`variables.${side}`, "?status.?conditions") +
          `.filter(condition, condition.type != "${CONDITION_TYPE}")`,
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

function policyRules(contract: NodeContract): PolicyRule[] {
  return [
    ...writerRules(contract),
    ...foreignFieldRules(),
    ...statusRules(),
    ...ownFieldRules(contract),
  ];
}

function writerRules({ capabilityLabel }: NodeContract): PolicyRule[] {
  return [
    {
      expression: "variables.update",
      message:
        "the node provisioner may only update nodes and their status: no other operation, no other subresource",
    },
    {
      expression: "size(variables.tokenPod) == 1 && variables.tokenNode == [request.name]",
      message: "the node provisioner may only write the node that its pod runs on",
    },
    {
      expression: `variables.beforeLabels[?"${capabilityLabel}"].orValue("") == "true"`,
      message: `the node provisioner may only write nodes that their pool labels ${capabilityLabel}=true`,
    },
  ];
}

function foreignFieldRules(): PolicyRule[] {
  const same = (part: string, keys: string[]) =>
    sameExcept(`variables.before${part}`, `variables.after${part}`, keys);
  return [
    {
      expression: same("", ["metadata", "spec", "status"]),
      message: "the node provisioner may not change a node outside its metadata, spec and status",
    },
    {
      expression: same("Metadata", ["labels", "managedFields", "resourceVersion"]),
      message: "the node provisioner may not change a node's metadata besides labels",
    },
    {
      expression: same("Spec", ["taints"]),
      message: "the node provisioner may not change a node's spec besides taints",
    },
    {
      expression: same("Status", ["conditions"]),
      message: "the node provisioner may not change a node's status besides conditions",
    },
  ];
}

/** The API server takes labels by way of the status as well. */
function statusRules(): PolicyRule[] {
  return [
    {
      expression: "variables.afterConditions == variables.beforeConditions",
      message: `the node provisioner may not change a condition other than ${CONDITION_TYPE}`,
    },
    {
      expression:
        'variables.part == "" || (variables.afterLabels == variables.beforeLabels' +
        " && variables.afterTaints == variables.beforeTaints)",
      message: "the node provisioner may not change labels and taints by way of the status",
    },
  ];
}

function ownFieldRules({ assetsLabel, startupTaint }: NodeContract): PolicyRule[] {
  const label = (side: string) => `variables.${side}Labels[?"${assetsLabel}"]`;
  const sameTaints = "variables.afterTaints == variables.beforeTaints";
  return [
    {
      expression: sameExcept("variables.beforeLabels", "variables.afterLabels", [assetsLabel]),
      message: `the node provisioner may not change a label other than ${assetsLabel}`,
    },
    {
      expression:
        `${label("after")} == ${label("before")} || !${label("after")}.hasValue()` +
        ` || ${label("after")}.value() in variables.assetSets`,
      message: `the node provisioner may only set ${assetsLabel} to one of its asset sets or remove it`,
    },
    {
      expression: `${sameTaints} || variables.afterTaints == variables.otherTaints`,
      message: `the node provisioner may not change taints besides removing ${startupTaint}:NoSchedule`,
    },
    {
      expression: `${sameTaints} || ${label("after")}.orValue("") in variables.assetSets`,
      message: `the node provisioner may only open a node whose ${assetsLabel} names one of its asset sets`,
    },
  ];
}
