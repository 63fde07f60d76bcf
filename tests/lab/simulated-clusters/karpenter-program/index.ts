import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";

const kubeconfig = new pulumi.Config().require("kubeconfig");
const provider = new Provider("cluster", { kubeconfig });
const chart = (name: string, dependsOn: pulumi.Resource[]) =>
  new Release(
    name,
    {
      chart: `oci://public.ecr.aws/karpenter/${name}`,
      name,
      namespace: "kube-system",
      version: "1.14.1",
    },
    { provider, dependsOn },
  );

const definitions = chart("karpenter-crd", []);
const controller = chart("karpenter", [definitions]);

const nodeClass = new CustomResource(
  "class",
  {
    apiVersion: "karpenter.k8s.aws/v1",
    kind: "EC2NodeClass",
    metadata: { name: "kvm" },
    spec: {
      amiFamily: "AL2023",
      amiSelectorTerms: [{ alias: "al2023@v20260101" }],
      role: "nodes",
      subnetSelectorTerms: [{ id: "subnet-0123456789abcdef0" }],
      securityGroupSelectorTerms: [{ id: "sg-0123456789abcdef0" }],
    },
  },
  { provider, dependsOn: controller },
);

new CustomResource(
  "pool",
  {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: {
      name: "kvm",
      annotations: { "pulumi.com/deletionPropagationPolicy": "foreground" },
    },
    spec: {
      template: {
        metadata: {
          labels: { "kvm-fabric.dev/kvm-enabled": "true", "kvm-fabric.dev/pool": "kvm" },
        },
        spec: {
          nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "kvm" },
          requirements: [
            { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
            { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
            { key: "karpenter.k8s.aws/instance-family", operator: "In", values: ["m8i"] },
            { key: "karpenter.k8s.aws/instance-cpu", operator: "Gt", values: ["15"] },
          ],
          taints: [{ key: "kvm-fabric.dev/worker", value: "true", effect: "NoSchedule" }],
          startupTaints: [{ key: "kvm-fabric.dev/not-ready", value: "true", effect: "NoSchedule" }],
        },
      },
      limits: { cpu: "64" },
    },
  },
  { provider, dependsOn: nodeClass },
);
