import { assetArchitectureFaults } from "../host-profile/assets";
import { bottlerocketFaults } from "../host-profile/bottlerocket";
import { type HostProfilePlan, planHostProfile } from "../host-profile/plan";
import { type Planned, planned } from "../shared/faults";
import { AwsImageFamily, type AwsKvmNodePoolArgs, AwsNodeGroup } from "./aws-args";
import { awsFaults } from "./aws-faults";
import { nodeUserDataFaults } from "./aws-user-data";
import { findAwsMachine } from "./catalogue";
import { type DeclaredMachine, KvmAccess, type Machine } from "./catalogue/machine";
import { machineOf, planPool, type PoolPlan } from "./plan";

/** A pool on EKS, with every default filled in. */
export interface AwsPoolPlan extends PoolPlan {
  detailedMonitoring: boolean;
  diskGib: number;
  healthCheckGraceSeconds: number;
  hostProfile: HostProfilePlan;
  imageFamily: AwsImageFamily;
  instanceTypes: string[];
  /** Undefined where running nodes stay as they are. */
  instanceRefresh: { minHealthyPercentage: number; warmupSeconds: number } | undefined;
  kvmUnits: number;
  managed: boolean;
  maxInstanceLifetimeSeconds: number | undefined;
  /** True for virtual machines that run virtual machines; false for metal. */
  nested: boolean;
  /** AWS' own policies that the nodes' role gets, by name. */
  policies: string[];
  spot: boolean;
  tags: Record<string, string>;
  warmPool: { maxPreparedNodes: number; minNodes: number } | undefined;
}

/** What holds where an argument is left out. */
export const awsDefaults = Object.freeze({
  diskGib: 100,
  healthCheckGraceSeconds: Object.freeze({ nested: 300, metal: 1800 }),
  kvmUnits: 100,
  minHealthyPercentage: 90,
});

/** Plans a pool on EKS, or names everything that is wrong with its arguments. */
export function planAwsPool(name: string, args: AwsKvmNodePoolArgs): Planned<AwsPoolPlan> {
  const listed = (args.instanceTypes ?? []).map((type, index) => askFor(type, undefined, index));
  const declared = (args.machines ?? []).map((machine, index) => askFor(undefined, machine, index));
  const host = planHostProfile("hostProfile", args.hostProfile);
  const all = [...listed, ...declared];
  const machines = all.flatMap(({ machine }) => (machine === undefined ? [] : [machine]));
  const faults = [...all.flatMap((one) => one.faults), ...awsFaults(name, args, machines)];
  if (!host.ok) return { ok: false, faults: [...faults, ...host.faults] };
  const bottlerocket = args.imageFamily === AwsImageFamily.Bottlerocket;
  const system = bottlerocket
    ? bottlerocketFaults("hostProfile", host.plan)
    : assetArchitectureFaults("hostProfile", args.hostProfile, architecturesOf(machines));
  const result = planned([...faults, ...system], () => filledIn(name, args, machines, host.plan));
  if (!result.ok) return result;
  return planned(nodeUserDataFaults(result.plan), () => result.plan);
}

function architecturesOf(machines: readonly Machine[]) {
  return machines.map(({ architecture }) => architecture);
}

function askFor(type: string | undefined, declared: DeclaredMachine | undefined, index: number) {
  return machineOf({
    path: `instanceTypes[${String(index)}]`,
    type,
    declared,
    declaredPath: `machines[${String(index)}]`,
    find: findAwsMachine,
  });
}

function filledIn(
  name: string,
  args: AwsKvmNodePoolArgs,
  machines: Machine[],
  hostProfile: HostProfilePlan,
): AwsPoolPlan {
  const pool = planPool(name, args);
  const nested = machines[0]?.kvm === KvmAccess.Nested;
  const grace =
    args.healthCheckGraceSeconds ??
    awsDefaults.healthCheckGraceSeconds[nested ? "nested" : "metal"];
  return {
    ...pool,
    ...planGroup(args, pool.maxNodes, grace),
    detailedMonitoring: args.detailedMonitoring ?? false,
    diskGib: args.diskGib ?? awsDefaults.diskGib,
    healthCheckGraceSeconds: grace,
    hostProfile,
    imageFamily: args.imageFamily ?? AwsImageFamily.AmazonLinux2023,
    instanceTypes: machines.map(({ type }) => type),
    kvmUnits: args.kvmUnits ?? awsDefaults.kvmUnits,
    nested,
    policies: policiesOf(args),
    spot: args.spot ?? false,
    tags: args.tags ?? {},
  };
}

function planGroup(args: AwsKvmNodePoolArgs, maxNodes: number, grace: number) {
  const { instanceRefresh, maxInstanceLifetimeDays: days, warmPool } = args;
  return {
    instanceRefresh: instanceRefresh && {
      minHealthyPercentage:
        instanceRefresh.minHealthyPercentage ?? awsDefaults.minHealthyPercentage,
      warmupSeconds: instanceRefresh.warmupSeconds ?? grace,
    },
    managed: args.nodeGroup === AwsNodeGroup.Managed,
    maxInstanceLifetimeSeconds: days === undefined ? undefined : days * 86_400,
    warmPool: warmPool && {
      maxPreparedNodes: warmPool.maxPreparedNodes ?? maxNodes,
      minNodes: warmPool.minNodes ?? 1,
    },
  };
}

/**
 * The least that a node needs. Images are pulled, never pushed: `PullOnly` instead of the older `ReadOnly`.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
 */
function policiesOf({ ssm, vpcCniPolicy }: AwsKvmNodePoolArgs): string[] {
  return [
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    ...(vpcCniPolicy === true ? ["AmazonEKS_CNI_Policy"] : []),
    ...(ssm === true ? ["AmazonSSMManagedInstanceCore"] : []),
  ];
}
