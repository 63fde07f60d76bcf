import * as admissionv1 from "@pulumi/kubernetes/admissionregistration/v1";
import type { input as k8s } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "./manifests";
import { nodeWritePolicy } from "./node-write-policy";
import type { ProvisionerPlan } from "./plan";
import { policyBinding, writerCondition } from "./policy-rules";
import { reportPolicy } from "./report-policy";

/** The policies of what the account may write, each with its binding. */
export function confinements(
  parent: pulumi.ComponentResource,
  name: string,
  plan: ProvisionerPlan,
  namespace: pulumi.Input<string>,
): pulumi.Resource[] {
  const condition = pulumi
    .output(namespace)
    .apply((given) => writerCondition(given, plan.objectName));
  const nodes = nodeWritePolicy(plan.contract, plan.allowedSets, condition);
  const reports = reportPolicy(plan.contract, condition);
  return [
    confine(parent, `${name}-node-writes`, plan, plan.policyName, nodes),
    confine(parent, `${name}-reports`, plan, plan.reportPolicyName, reports),
  ];
}

function confine(
  parent: pulumi.ComponentResource,
  logicalName: string,
  plan: ProvisionerPlan,
  policyName: string,
  spec: k8s.admissionregistration.v1.ValidatingAdmissionPolicySpec,
): pulumi.Resource {
  const metadata = { name: policyName, labels: labels(plan) };
  const policy = new admissionv1.ValidatingAdmissionPolicy(
    logicalName,
    { metadata, spec },
    { parent },
  );
  return new admissionv1.ValidatingAdmissionPolicyBinding(
    `${logicalName}-binding`,
    { metadata, spec: policyBinding(policyName) },
    { parent, dependsOn: policy },
  );
}
