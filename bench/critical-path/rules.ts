import { awsType } from "../../lab/engine/simulated-cloud/clouds/aws/references";
import { isDefinitions } from "./durations";
import type { StateResource } from "./state";

type Test = (resource: StateResource) => boolean;

/** That every resource of one sort works, or goes, only with those of another sort there. */
export interface Rule {
  needs: Test;
  isNeeded: Test;
  /** Which of the other sort. Defaults to all of them. */
  of?: (from: StateResource, to: StateResource) => boolean;
  /** Whether only taking down asks for it: the order is the same both ways. Defaults to false. */
  isForDestroy?: boolean;
  /** The reason, and its source. */
  why: string;
}

const is =
  (...types: string[]): Test =>
  ({ type }) =>
    types.includes(type);
const aws = (...kinds: string[]): Test => is(...kinds.map(awsType));
const addOn = (...names: string[]): Test => {
  const isAddOn = aws("eks/addon");
  return (resource) => isAddOn(resource) && names.includes(resource.inputs.addonName);
};
const isInCluster: Test = ({ type }) => type.startsWith("kubernetes:");
const isKarpenters: Test = ({ type }) => /^kubernetes:karpenter\.[\w.]+\//.test(type);
const isRelease = is("kubernetes:helm.sh/v3:Release");
const isController: Test = (resource) => isRelease(resource) && !isDefinitions(resource);
// Of the fabric's pods those of DaemonSets run on KVM machines, all others on nodes for ordinary pods.
const isNodeAgent = is("kubernetes:apps/v1:DaemonSet");
const isOrdinary = is(
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:batch/v1:Job",
);

const roleOf = ({ inputs }: StateResource): string =>
  String(inputs.nodeRoleArn ?? inputs.roleArn ?? inputs.iamRoleArn ?? "")
    .split("/")
    .at(-1) ?? "";

/** What works only after something else, beside what the cloud's table of references says. One cluster a stack. */
export const RULES: readonly Rule[] = [
  {
    needs: aws("eks/cluster", "eks/nodeGroup", "eks/podIdentityAssociation"),
    isNeeded: aws("iam/rolePolicyAttachment", "iam/rolePolicy"),
    of: (from, to) => to.inputs.role === roleOf(from),
    why: "acts with its role's policies (EKS user guide, cluster and node IAM roles)",
  },
  {
    needs: aws("eks/nodeGroup"),
    isNeeded: addOn("vpc-cni", "kube-proxy", "eks-pod-identity-agent"),
    why: "nodes become ready with a network plugin alone, else NodeCreationFailure (EKS user guide, troubleshooting)",
  },
  {
    needs: addOn("vpc-cni", "aws-ebs-csi-driver"),
    isNeeded: aws("eks/podIdentityAssociation"),
    of: ({ inputs }, to) =>
      to.inputs.serviceAccount ===
      (inputs.addonName === "vpc-cni" ? "aws-node" : "ebs-csi-controller-sa"),
    why: "a pod that starts before its association has no credentials (aws/containers-roadmap#2507)",
  },
  {
    needs: aws("eks/nodeGroup", "autoscaling/group"),
    isNeeded: aws("ec2/route"),
    why: "machines fetch images and join by way of a route out (EKS user guide, private subnets)",
  },
  {
    needs: aws("ec2/natGateway"),
    isNeeded: aws("ec2/internetGateway"),
    why: "a NAT gateway needs the VPC's internet gateway (EC2 API, CreateNatGateway: Gateway.NotAttached)",
  },
  {
    needs: aws("autoscaling/group"),
    isNeeded: aws("eks/cluster"),
    why: "the machines' boot data name the API server (nodeadm, NodeConfig)",
  },
  {
    needs: addOn("coredns", "aws-ebs-csi-driver"),
    isNeeded: aws("eks/nodeGroup"),
    of: (_, { inputs }) => String(inputs.nodeGroupName).includes("system"),
    why: "an add-on with pods is active once they run, on nodes (EKS user guide, add-on status)",
  },
  {
    needs: isInCluster,
    isNeeded: aws("eks/cluster", "eks/accessPolicyAssociation"),
    why: "the API server lets nobody in without an access entry (EKS user guide, access entries)",
  },
  {
    needs: isController,
    isNeeded: (resource) => addOn("coredns")(resource) || isRelease(resource),
    of: (from, to) => from.urn !== to.urn,
    why: "its pods need nodes, names and definitions (Karpenter, getting started)",
  },
  {
    needs: isController,
    isNeeded: aws("eks/podIdentityAssociation"),
    of: (_, { inputs }) => inputs.serviceAccount === "karpenter",
    why: "a pod that starts before its association has no credentials (aws/containers-roadmap#2507)",
  },
  {
    needs: isKarpenters,
    isNeeded: isController,
    why: "the controller must outlive what it has finalizers on (Karpenter, termination)",
  },
  {
    needs: is("kubernetes:karpenter.sh/v1:NodePool"),
    isNeeded: is("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"),
    why: "refers to its class (Karpenter, NodePools)",
  },
  {
    needs: isNodeAgent,
    isNeeded: is("kubernetes:karpenter.sh/v1:NodePool", awsType("autoscaling/group")),
    why: "pods run on machines, and go before them: a drain that waits for them holds the pool",
  },
  {
    needs: isOrdinary,
    isNeeded: (resource) => aws("eks/nodeGroup")(resource) || addOn("coredns")(resource),
    why: "pods run on nodes, and find each other by name",
  },
  {
    needs: isOrdinary,
    isNeeded: is("kubernetes:karpenter.sh/v1:NodePool", awsType("autoscaling/group")),
    isForDestroy: true,
    why: "workloads and volumes go before pools of machines (the order of destroy that was asked for)",
  },
  {
    needs: is("kubernetes:batch/v1:Job"),
    isNeeded: is("kubernetes:apps/v1:StatefulSet"),
    of: (from, to) => from.inputs.metadata?.namespace === to.inputs.metadata?.namespace,
    why: "sets up the servers, which must answer (Consul, ACL bootstrap)",
  },
  {
    needs: isNodeAgent,
    isNeeded: is("kubernetes:batch/v1:Job"),
    of: ({ name }) => name.includes("worker"),
    why: "a worker is ready once Consul knows its token",
  },
  {
    needs: is("kubernetes:core/v1:PersistentVolumeClaim", "kubernetes:apps/v1:StatefulSet"),
    isNeeded: addOn("aws-ebs-csi-driver"),
    why: "volumes are made, and removed, by the driver",
  },
  {
    needs: isInCluster,
    isNeeded: is("kubernetes:core/v1:Namespace"),
    of: ({ inputs }, to) => inputs.metadata?.namespace === to.inputs.metadata?.name,
    why: "lies in the namespace",
  },
];
