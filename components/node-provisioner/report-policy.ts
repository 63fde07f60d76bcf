import type { NodeContract } from "../shared/node-contract";
import { EVENT_SOURCE } from "./node-reports";
import { type PolicyRule, sameExcept, TOKEN_VARIABLES, writePolicy } from "./policy-rules";

/**
 * The spec of the ValidatingAdmissionPolicy that confines what the provisioner writes besides nodes: events
 * about the node that its pod runs on, and the Lease of an asset set, which it may take for its own node
 * and whose verdict it may write while it holds it.
 *
 * Whoever takes a pod over may at worst hold a rollout up, or say that an asset set is proven that is not:
 * every node still boots a microVM of its own before it is labelled.
 */
export function reportPolicy<Text>(contract: NodeContract, condition: Text) {
  return writePolicy({
    condition,
    resources: [
      { group: "", names: ["events"], scope: "Namespaced" },
      { group: "coordination.k8s.io", names: ["leases"], scope: "Namespaced" },
    ],
    variables: variables(contract),
    rules: rules(contract),
  });
}

function variables({ domain }: NodeContract) {
  const verdict = (side: string) =>
    ["proven", "failed"]
      .map((key) => `variables.${side}Annotations[?"${domain}/${key}"].orValue("")`)
      .join(' + "\\n" + ');
  return [
    ...TOKEN_VARIABLES,
    {
      name: "node",
      expression:
        "size(variables.tokenPod) == 1 && size(variables.tokenNode) == 1" +
        ' ? variables.tokenNode[0] : ""',
    },
    { name: "isLease", expression: 'request.resource.resource == "leases"' },
    {
      name: "isUpdate",
      expression: 'variables.isLease && request.operation == "UPDATE"',
    },
    { name: "before", expression: "variables.isUpdate ? dyn(oldObject) : dyn({})" },
    { name: "after", expression: 'request.operation == "DELETE" ? dyn({}) : dyn(object)' },
    ...["before", "after"].flatMap((side) => [
      {
        name: `${side}Metadata`,
        expression: `dyn(variables.${side}).?metadata.orValue({})`,
      },
      { name: `${side}Spec`, expression: `dyn(variables.${side}).?spec.orValue({})` },
      {
        name: `${side}Annotations`,
        expression: `dyn(variables.${side}).?metadata.?annotations.orValue({})`,
      },
      {
        name: `${side}Holder`,
        expression: `dyn(variables.${side}).?spec.?holderIdentity.orValue("")`,
      },
    ]),
    { name: "beforeVerdict", expression: verdict("before") },
    { name: "afterVerdict", expression: verdict("after") },
  ];
}

function rules({ domain }: NodeContract): PolicyRule[] {
  const leaseOnly = (expression: string) => `!variables.isUpdate || (${expression})`;
  const about = (field: string) => `variables.after.?involvedObject.?${field}.orValue("")`;
  const metadata = ["annotations", "managedFields", "resourceVersion"];
  return [
    {
      expression: 'variables.node != ""',
      message: "the node provisioner may only speak for the node that its pod runs on",
    },
    {
      expression: 'variables.isLease ? variables.isUpdate : request.operation == "CREATE"',
      message: "the node provisioner may only create events and update Leases",
    },
    {
      expression:
        `variables.isLease || (${about("kind")} == "Node" && ${about("name")} == variables.node` +
        ` && variables.after.?source.?component.orValue("") == "${EVENT_SOURCE}")`,
      message: "the node provisioner may only tell events of the node that its pod runs on",
    },
    {
      expression: leaseOnly(
        "(variables.afterHolder == variables.beforeHolder || variables.afterHolder == variables.node) && " +
          sameExcept("variables.beforeSpec", "variables.afterSpec", [
            "holderIdentity",
            "renewTime",
          ]),
      ),
      message: "the node provisioner may only take a Lease for the node that its pod runs on",
    },
    {
      expression: leaseOnly(
        `${sameExcept("variables.beforeMetadata", "variables.afterMetadata", metadata)} && ` +
          sameExcept("variables.beforeAnnotations", "variables.afterAnnotations", [
            `${domain}/proven`,
            `${domain}/failed`,
          ]),
      ),
      message: "the node provisioner may not change a Lease's metadata besides its verdict",
    },
    {
      expression: leaseOnly(
        "variables.afterVerdict == variables.beforeVerdict || (variables.beforeHolder == variables.node" +
          " && variables.afterHolder == variables.node)",
      ),
      message: "the node provisioner may only write the verdict of a Lease that its node holds",
    },
  ];
}
