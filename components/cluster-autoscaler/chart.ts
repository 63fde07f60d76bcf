import type { Input } from "@pulumi/pulumi";
import type { AutoscalerPlan } from "./plan";

/** Name of the service account that Pod Identity looks for. */
export const AUTOSCALER_ACCOUNT = "cluster-autoscaler";

/** Where the configuration and the certificates of a machine service are mounted. */
const CONFIG_FOLDER = "/etc/cluster-autoscaler/config";
const TLS_FOLDER = "/etc/cluster-autoscaler/tls";

/** What both kinds of autoscaler are made of. */
function commonValues({ settings }: AutoscalerPlan) {
  return {
    replicaCount: settings.replicas,
    nodeSelector: { "kubernetes.io/os": "linux", ...settings.nodeSelector },
    tolerations: settings.tolerations.map((toleration) => ({ ...toleration })),
    podDisruptionBudget: { maxUnavailable: 1 },
    priorityClassName: "system-cluster-critical",
    rbac: { create: true, serviceAccount: { create: true, name: AUTOSCALER_ACCOUNT } },
    resources: {
      requests: { cpu: "100m", memory: "600Mi" },
      limits: { memory: "600Mi" },
    },
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

/**
 * How both kinds behave. Pods with local storage do not keep a node, for every worker has some; a node that still
 * carries the startup taint counts as on its way, and is no reason for another.
 * Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
 */
function commonArguments({ settings, startupTaint }: AutoscalerPlan) {
  return {
    "balance-similar-node-groups": true,
    expander: settings.expander,
    "max-node-provision-time": `${String(settings.maxNodeProvisionMinutes)}m`,
    "scale-down-unneeded-time": `${String(settings.scaleDownUnneededMinutes)}m`,
    "skip-nodes-with-local-storage": false,
    "skip-nodes-with-system-pods": true,
    "startup-taint": startupTaint,
  };
}

/** The chart's values for self-managed groups of EC2: found by their tags. */
export function awsValues(plan: AutoscalerPlan, clusterName: Input<string>, region: Input<string>) {
  return {
    ...commonValues(plan),
    cloudProvider: "aws",
    awsRegion: region,
    autoDiscovery: { clusterName },
    extraArgs: commonArguments(plan),
  };
}

/** The chart's values for machines that a service of one's own starts and ends, told over gRPC with TLS both ways. */
export function externalValues(
  plan: AutoscalerPlan,
  configMapName: Input<string>,
  tlsSecretName: Input<string>,
) {
  return {
    ...commonValues(plan),
    cloudProvider: "externalgrpc",
    // The chart makes no Deployment without a name here; this provider does not read it.
    autoDiscovery: { clusterName: "external" },
    extraArgs: { ...commonArguments(plan), "cloud-config": `${CONFIG_FOLDER}/cloud-config` },
    extraVolumes: [
      { name: "config", configMap: { name: configMapName } },
      { name: "tls", secret: { secretName: tlsSecretName, defaultMode: 0o440 } },
    ],
    extraVolumeMounts: [
      { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
      { name: "tls", mountPath: TLS_FOLDER, readOnly: true },
    ],
  };
}

/**
 * How the autoscaler reaches the machine service.
 * Source: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/externalgrpc
 */
export function cloudConfig(address: string): string {
  return JSON.stringify({
    address,
    cacert: `${TLS_FOLDER}/ca.crt`,
    cert: `${TLS_FOLDER}/tls.crt`,
    key: `${TLS_FOLDER}/tls.key`,
  });
}

/**
 * What the autoscaler may do on AWS: look at all groups, and change those alone that carry the cluster's tag.
 * Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
 */
export function awsStatements(clusterName: string): object[] {
  return [
    {
      Sid: "AllowReads",
      Effect: "Allow",
      Action: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
        "eks:DescribeNodegroup",
      ],
      Resource: "*",
    },
    {
      Sid: "AllowScaling",
      Effect: "Allow",
      Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
      Resource: "*",
      Condition: {
        StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${clusterName}`]: "owned" },
      },
    },
  ];
}
