import type { Input } from "@pulumi/pulumi";
import type { AwsNetworkRef } from "../../network/network-ref";
import { type Planned, planned } from "../../shared/faults";
import { objectName } from "../../shared/names";
import { versionWarnings } from "../versions";
import { type AddOnPhases, addOnPhases } from "./add-on-table";
import {
  type AwsAccessEntry,
  type AwsClusterArgs,
  type AwsClusterPool,
  AwsNodeImage,
  AwsSupportType,
} from "./args";
import { defaults } from "./defaults";
import { awsClusterFaults, supportOf } from "./faults";
import { EKS_CALENDAR } from "./minors";
import { isArmImage, releaseMinor } from "./pool-faults";

/** Names in AWS, none longer than AWS takes. */
export interface AwsClusterNames {
  cluster: string;
  /** Where EKS writes the control plane's logs, whatever we would like. */
  logGroup: string;
  keyAlias: string;
  /** Name of a pool's launch template. */
  launchTemplate: (pool: string) => string;
  /** Name of the IAM role for a purpose. */
  role: (purpose: string) => string;
}

/** A pool of the cluster, with every default filled in. */
export interface ClusterPoolPlan {
  /** What it is for: its logical name ends in this, and its name in AWS begins with the cluster's and this. */
  word: "system" | "services";
  /** Whether only what tolerates `CriticalAddonsOnly` runs there. */
  dedicated: boolean;
  diskGib: number;
  image: AwsNodeImage;
  instanceTypes: string[];
  kubernetesVersion: string;
  maxNodes: number;
  minNodes: number;
  releaseVersion: string;
  sessionManager: boolean;
}

/** An EKS cluster, with every default filled in. */
export interface AwsClusterPlan {
  /** The component's logical name. */
  name: string;
  names: AwsClusterNames;
  accessEntries: AwsAccessEntry[];
  addOns: AddOnPhases;
  deletionProtection: boolean;
  encryptionKeyArn: Input<string> | undefined;
  irsa: boolean;
  kubeconfigRoleArn: Input<string> | undefined;
  kubernetesVersion: string;
  logRetentionDays: number;
  network: AwsNetworkRef;
  privateAccessCidrs: string[];
  /** Empty where there is no public endpoint. */
  publicAccessCidrs: string[];
  serviceCidr: string;
  servicesPool: ClusterPoolPlan | undefined;
  supportType: AwsSupportType;
  systemPool: ClusterPoolPlan;
  tags: Record<string, string>;
  /** What the user should know, though nothing is wrong. */
  warnings: string[];
  zonalShift: boolean;
}

/** Plans an EKS cluster as of a day, or names everything that is wrong with its arguments. */
export function planAwsCluster(
  name: string,
  args: AwsClusterArgs,
  today: Date,
): Planned<AwsClusterPlan> {
  const cluster = args.clusterName ?? name;
  const serviceCidr = args.serviceCidr ?? defaults.serviceCidr;
  return planned(awsClusterFaults(cluster, args, serviceCidr, today), () => ({
    name,
    names: clusterNames(cluster),
    accessEntries: args.accessEntries,
    addOns: addOnPhases(args.addOns),
    deletionProtection: args.deletionProtection ?? true,
    encryptionKeyArn: args.encryptionKeyArn,
    irsa: args.irsa ?? false,
    kubeconfigRoleArn: args.kubeconfigRoleArn,
    kubernetesVersion: args.kubernetesVersion,
    logRetentionDays: args.logRetentionDays ?? defaults.logRetentionDays,
    network: args.network,
    privateAccessCidrs: args.privateAccessCidrs ?? [],
    publicAccessCidrs: publicCidrs(args),
    serviceCidr,
    servicesPool:
      args.servicesPool && clusterPool("services", args.servicesPool, args.kubernetesVersion),
    supportType: args.supportType ?? AwsSupportType.Standard,
    systemPool: clusterPool("system", args.systemPool, args.kubernetesVersion),
    tags: args.tags ?? {},
    warnings: warnings(args, today),
    zonalShift: args.zonalShift ?? true,
  }));
}

function clusterNames(cluster: string): AwsClusterNames {
  return {
    cluster,
    logGroup: `/aws/eks/${cluster}/cluster`,
    keyAlias: `alias/eks/${cluster}`,
    launchTemplate: (pool) => objectName([cluster, pool], 128),
    role: (purpose) => objectName([cluster, purpose], 64),
  };
}

function publicCidrs(args: AwsClusterArgs): string[] {
  if (args.unsafePublicAccessFromAnywhere === true) return ["0.0.0.0/0"];
  return args.publicAccessCidrs ?? [];
}

function clusterPool(
  word: ClusterPoolPlan["word"],
  pool: AwsClusterPool,
  kubernetesVersion: string,
): ClusterPoolPlan {
  const counts = defaults[`${word}Pool`];
  return {
    word,
    dedicated: word === "system",
    diskGib: pool.diskGib ?? defaults.diskGib,
    image: pool.image ?? AwsNodeImage.Al2023,
    instanceTypes: pool.instanceTypes ?? [
      defaults.instanceTypes[isArmImage(pool.image) ? "arm64" : "amd64"],
    ],
    kubernetesVersion: pool.kubernetesVersion ?? releaseMinor(pool) ?? kubernetesVersion,
    maxNodes: pool.maxNodes ?? counts.maxNodes,
    minNodes: pool.minNodes ?? counts.minNodes,
    releaseVersion: pool.releaseVersion,
    sessionManager: pool.sessionManager ?? false,
  };
}

function warnings(args: AwsClusterArgs, today: Date): string[] {
  const open = args.unsafePublicAccessFromAnywhere === true;
  return [
    ...versionWarnings(args.kubernetesVersion, EKS_CALENDAR, supportOf(args, today)),
    ...(open ? ["unsafePublicAccessFromAnywhere: the whole internet reaches the API server"] : []),
  ];
}
