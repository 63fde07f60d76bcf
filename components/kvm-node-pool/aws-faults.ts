import type { Fault } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { wholeNumberFaults } from "../shared/numbers";
import { AwsImageFamily, type AwsKvmNodePoolArgs, AwsNodeGroup } from "./aws-args";
import { AUTOSCALER_LABEL } from "./aws-tags";
import { KvmAccess, type Machine } from "./catalogue/machine";
import { emptyFaults, MOST_NODES, poolFaults } from "./plan";

/** Finds everything that is wrong with the arguments of a pool on EKS but each machine by itself. */
export function awsFaults(name: string, args: AwsKvmNodePoolArgs, machines: Machine[]): Fault[] {
  return [
    ...poolFaults(name, args),
    ...machineFaults(args, machines),
    ...groupFaults(args, machines),
    ...imageFamilyFaults(args),
    ...imageIdFaults(args.imageId),
    ...emptyFaults("subnetIds", args.subnetIds, "a private subnet of each zone"),
    ...capacityFaults(args),
    ...warmPoolFaults(args),
    ...numberFaults(args),
    ...tagFaults(args),
  ];
}

function machineFaults(
  { instanceTypes = [], machines: own = [] }: AwsKvmNodePoolArgs,
  machines: Machine[],
) {
  const types = [...instanceTypes, ...own.map(({ type }) => type)];
  if (types.length === 0) {
    const fix = "m8i.2xlarge, or another machine of the catalogue";
    return [{ path: "instanceTypes", problem: "empty", fix }];
  }
  const mixed = (key: "architecture" | "kvm", said: string) =>
    new Set(machines.map((machine) => machine[key])).size < 2
      ? []
      : [
          {
            path: "instanceTypes",
            problem: `machines of ${said} in one pool`,
            got: types,
            fix: "a pool for each",
          },
        ];
  return [
    ...emptyFaults("instanceTypes", types, "").filter(({ problem }) => problem === "given twice"),
    ...mixed("kvm", "both kinds, metal and nested,"),
    ...mixed("architecture", "two architectures"),
  ];
}

function groupFaults({ nodeGroup }: AwsKvmNodePoolArgs, machines: Machine[]): Fault[] {
  const path = "nodeGroup";
  const fix = `"${AwsNodeGroup.SelfManaged}", or Karpenter from 1.13`;
  if (nodeGroup === AwsNodeGroup.AutoMode) {
    const problem =
      "EKS Auto Mode's nodes have no nested virtualisation, and it takes no metal pool";
    return [{ path, problem, got: nodeGroup, fix }];
  }
  const nested = machines.some(({ kvm }) => kvm === KvmAccess.Nested);
  if (nodeGroup !== AwsNodeGroup.Managed || !nested) {
    return memberFaults(path, nodeGroup, [AwsNodeGroup.SelfManaged, AwsNodeGroup.Managed]);
  }
  const problem =
    "EKS drops nested virtualisation from a managed group's launch template without an error " +
    "(aws/containers-roadmap#2784): its nodes would have no /dev/kvm";
  return [{ path, problem, got: nodeGroup, fix: `${fix}, or metal machines` }];
}

function imageFamilyFaults({ imageFamily }: AwsKvmNodePoolArgs): Fault[] {
  const { AmazonLinux2, AmazonLinux2023, Bottlerocket } = AwsImageFamily;
  if (imageFamily !== AmazonLinux2) {
    return memberFaults("imageFamily", imageFamily, [AmazonLinux2023, Bottlerocket]);
  }
  const problem =
    "Amazon Linux 2 has kernel 5.10; Firecracker needs 6.1, and EKS builds no more of it";
  const fix = `"${AmazonLinux2023}"`;
  return [{ path: "imageFamily", problem, got: imageFamily, fix }];
}

/** An image that is only known later cannot be checked here. */
function imageIdFaults(got: unknown): Fault[] {
  const path = "imageId";
  if (got === undefined) return [{ path, problem: "missing", fix: "the id of an EKS image" }];
  if (typeof got !== "string" || /^ami-[0-9a-f]{8}([0-9a-f]{9})?$/.test(got)) return [];
  const alias = /ssm|^\/aws\/|@|latest/.test(got);
  const problem = alias
    ? "an alias, which would replace nodes whenever AWS publishes an image"
    : "not the id of an image";
  return [
    { path, problem, got, fix: "the id that it stands for today, as in ami-0123456789abcdef0" },
  ];
}

function capacityFaults(args: AwsKvmNodePoolArgs): Fault[] {
  if (args.spot !== true || args.capacityReservationId === undefined) return [];
  const problem = "spot machines use no capacity reservation";
  return [{ path: "spot", problem, got: true, fix: "one of spot and capacityReservationId" }];
}

/** Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html */
function warmPoolFaults(args: AwsKvmNodePoolArgs): Fault[] {
  const { instanceTypes = [], machines = [], nodeGroup, spot, warmPool } = args;
  if (warmPool === undefined) return [];
  const not = (when: boolean, problem: string) => (when ? [{ path: "warmPool", problem }] : []);
  return [
    ...not(spot === true, "not with spot machines"),
    ...not(instanceTypes.length + machines.length > 1, "not with several types of machines"),
    ...not(nodeGroup === AwsNodeGroup.Managed, "not with a managed group"),
    ...wholeNumberFaults("warmPool.minNodes", warmPool.minNodes, 0, MOST_NODES),
    ...wholeNumberFaults("warmPool.maxPreparedNodes", warmPool.maxPreparedNodes, 1, MOST_NODES),
  ];
}

function numberFaults(args: AwsKvmNodePoolArgs): Fault[] {
  const { instanceRefresh: refresh, nodeGroup } = args;
  const selfManagedOnly = (
    ["healthCheckGraceSeconds", "instanceRefresh", "maxInstanceLifetimeDays"] as const
  )
    .filter((path) => nodeGroup === AwsNodeGroup.Managed && args[path] !== undefined)
    .map((path) => ({ path, problem: "has no meaning with a managed group" }));
  return [
    ...wholeNumberFaults("diskGib", args.diskGib, 20, 65_536),
    ...wholeNumberFaults("healthCheckGraceSeconds", args.healthCheckGraceSeconds, 0, 7200),
    ...wholeNumberFaults("kvmUnits", args.kvmUnits, 1, 10_000),
    ...wholeNumberFaults("maxInstanceLifetimeDays", args.maxInstanceLifetimeDays, 1, 365),
    ...wholeNumberFaults(
      "instanceRefresh.minHealthyPercentage",
      refresh?.minHealthyPercentage,
      0,
      100,
    ),
    ...wholeNumberFaults("instanceRefresh.warmupSeconds", refresh?.warmupSeconds, 0, 7200),
    ...selfManagedOnly,
  ];
}

/** The longest key of a tag. Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html */
const LONGEST_TAG = 128;

function tagFaults({ labels = {}, tags = {} }: AwsKvmNodePoolArgs): Fault[] {
  const long = Object.keys(labels)
    .filter((key) => AUTOSCALER_LABEL.length + key.length > LONGEST_TAG)
    .map((key) => ({
      path: `labels["${key}"]`,
      problem: "too long for the tag that tells the autoscaler of it",
      allowed: `at most ${String(LONGEST_TAG - AUTOSCALER_LABEL.length)} characters`,
    }));
  const own = Object.keys(tags)
    .filter((key) =>
      /^(aws:|kubernetes\.io\/cluster\/|k8s\.io\/cluster-autoscaler\/|Name$)/.test(key),
    )
    .map((key) => ({ path: `tags["${key}"]`, problem: "a tag that the pool or AWS sets itself" }));
  return [...long, ...own];
}
