import type { AwsAddOnVersions } from "./args";

/** An IAM role that an add-on's pods get through Pod Identity. */
export interface AddOnIdentity {
  /** Word of the role's logical name. */
  word: string;
  /** Service account in `kube-system`. */
  serviceAccount: string;
  /** AWS managed policy, as the part of its ARN behind `policy/`. */
  managedPolicy: string;
}

/** One add-on: what EKS calls it, and what it needs. */
export interface AddOn {
  /** Name of the add-on, and word of its logical name. */
  name: string;
  version: string;
  /** Settings in the add-on's own schema; undefined for none. */
  configuration: object | undefined;
  identity: AddOnIdentity | undefined;
}

/** The add-ons by when they are created. */
export interface AddOnPhases {
  /** Before any node: without them a node never gets ready. DaemonSets alone, which are active without nodes. */
  beforeCompute: AddOn[];
  /** After the system pool: without nodes they stay degraded until the creation gives up. */
  afterCompute: AddOn[];
}

/** What pods that the cluster cannot do without tolerate: the taint of the system pool. */
const SYSTEM_TOLERATIONS = [{ key: "CriticalAddonsOnly", operator: "Exists" }];

/**
 * The add-ons of every cluster.
 *
 * The CNI enforces NetworkPolicies, which EKS leaves off, and has a role of its own, so nodes need no right to change
 * network interfaces. Tolerations are stated though they are the add-ons' defaults: the system pool relies on them.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
 */
export function addOnPhases(versions: AwsAddOnVersions): AddOnPhases {
  return {
    beforeCompute: [
      addOn("eks-pod-identity-agent", versions.podIdentityAgent),
      addOn("kube-proxy", versions.kubeProxy),
      addOn("vpc-cni", versions.vpcCni, {
        configuration: { enableNetworkPolicy: "true" },
        identity: {
          word: "cni",
          serviceAccount: "aws-node",
          managedPolicy: "AmazonEKS_CNI_Policy",
        },
      }),
    ],
    afterCompute: [
      addOn("coredns", versions.coreDns, { configuration: { tolerations: SYSTEM_TOLERATIONS } }),
      addOn("aws-ebs-csi-driver", versions.ebsCsiDriver, {
        configuration: { controller: { tolerations: SYSTEM_TOLERATIONS } },
        identity: {
          word: "ebs-csi",
          serviceAccount: "ebs-csi-controller-sa",
          managedPolicy: "service-role/AmazonEBSCSIDriverPolicy",
        },
      }),
    ],
  };
}

function addOn(
  name: string,
  version: string,
  { configuration, identity }: { configuration?: object; identity?: AddOnIdentity } = {},
): AddOn {
  return { name, version, configuration, identity };
}
