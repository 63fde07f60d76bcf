import { at, type Rule } from "../resource";

/**
 * EKS drops the launch template's nested virtualization in a managed node group, and says nothing.
 * Source: https://github.com/aws/containers-roadmap/issues/2784
 */
export const nestedVirtualization: Rule = {
  name: "no-nested-on-managed-groups",
  description:
    "a managed node group gets no /dev/kvm from a launch template: use AwsKvmNodePool's own group, Karpenter, or metal",
  check: ({ type, madeFrom }) => {
    if (type !== "aws:eks/nodeGroup:NodeGroup") return [];
    return Object.values(madeFrom)
      .flat()
      .filter(({ type }) => type === "aws:ec2/launchTemplate:LaunchTemplate")
      .filter(({ props }) => at(props, "cpuOptions", "nestedVirtualization") === "enabled")
      .map(({ name }) => `EKS drops the nested virtualization of launch template ${name}`);
  },
};
