import type { Fault } from "../../shared/faults";
import { under } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import { type SupportQuestion, versionFaults } from "../versions";
import { accessFaults } from "./access-faults";
import { addOnFaults } from "./add-on-faults";
import { type AwsClusterArgs, AwsSupportType } from "./args";
import { privateCidrFaults, publicCidrFaults, serviceCidrFaults } from "./cidrs";
import { defaults } from "./defaults";
import { EKS_CALENDAR } from "./minors";
import { poolFaults } from "./pool-faults";

/** What CloudWatch lets a log group be kept for, in days. Source: the `retentionInDays` of `aws.cloudwatch.LogGroup` */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** Finds everything that is wrong with the arguments of an EKS cluster. */
export function awsClusterFaults(
  clusterName: string,
  args: AwsClusterArgs,
  serviceCidr: string,
  today: Date,
): Fault[] {
  const { kubernetesVersion } = args;
  return [
    ...clusterNameFaults(args.clusterName === undefined ? "name" : "clusterName", clusterName),
    ...minorFaults("kubernetesVersion", kubernetesVersion, args, today),
    ...accessFaults("accessEntries", args.accessEntries),
    ...under("addOns", addOnFaults(args.addOns, kubernetesVersion)),
    ...under("systemPool", poolFaults(args.systemPool, kubernetesVersion, defaults.systemPool)),
    ...servicesPoolFaults(args),
    ...endpointFaults(args),
    ...serviceCidrFaults("serviceCidr", serviceCidr, args.network.vpcCidr),
    ...arnFaults("encryptionKeyArn", args.encryptionKeyArn, "kms", "key/"),
    ...arnFaults("kubeconfigRoleArn", args.kubeconfigRoleArn, "iam", "role/"),
    ...retentionFaults(args.logRetentionDays),
    ...memberFaults("supportType", args.supportType, Object.values(AwsSupportType)),
    ...tagFaults(args.tags ?? {}),
  ];
}

function servicesPoolFaults({ kubernetesVersion, servicesPool }: AwsClusterArgs): Fault[] {
  if (servicesPool === undefined) return [];
  return under("servicesPool", poolFaults(servicesPool, kubernetesVersion, defaults.servicesPool));
}

/** What is to be known about a version of this cluster beside the version itself. */
export function supportOf({ supportType }: AwsClusterArgs, today: Date): SupportQuestion {
  return {
    extended: supportType === AwsSupportType.Extended,
    extendedFix: "supportType: AwsSupportType.Extended",
    today,
  };
}

/** Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
function clusterNameFaults(path: string, got: string): Fault[] {
  if (/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/.test(got)) return [];
  const allowed = "letters, digits, - and _, first a letter or digit, at most 100 characters";
  return [{ path, problem: "not the name of an EKS cluster", got, allowed }];
}

/** EKS picks the patch itself, and knows minor versions alone. */
function minorFaults(path: string, got: string, args: AwsClusterArgs, today: Date): Fault[] {
  if (!/^v?\d+\.\d+\D/.test(got)) {
    return versionFaults(path, got, EKS_CALENDAR, supportOf(args, today));
  }
  return [{ path, problem: "more than a minor version", got, allowed: "as in 1.36" }];
}

function endpointFaults(args: AwsClusterArgs): Fault[] {
  const { privateAccessCidrs, publicAccessCidrs, unsafePublicAccessFromAnywhere } = args;
  const both = unsafePublicAccessFromAnywhere === true && (publicAccessCidrs ?? []).length > 0;
  return [
    ...publicCidrFaults("publicAccessCidrs", publicAccessCidrs),
    ...privateCidrFaults("privateAccessCidrs", privateAccessCidrs),
    ...(both
      ? [
          {
            path: "unsafePublicAccessFromAnywhere",
            problem: "leaves no meaning to publicAccessCidrs",
            got: true,
            fix: "one of the two",
          },
        ]
      : []),
  ];
}

function arnFaults(path: string, got: unknown, service: string, kind: string): Fault[] {
  if (typeof got !== "string") return [];
  const [arn, , named, , account = "", resource = ""] = got.split(":");
  const right = arn === "arn" && named === service && /^\d{12}$/.test(account);
  if (right && resource.startsWith(kind)) return [];
  const allowed = `arn:aws:${service}:...:${kind}...`;
  return [{ path, problem: "not an ARN of the right kind", got, allowed }];
}

function retentionFaults(got: number | undefined): Fault[] {
  if (got === undefined || RETENTION_DAYS.includes(got)) return [];
  const allowed = RETENTION_DAYS.join(", ");
  return [{ path: "logRetentionDays", problem: "not a time CloudWatch knows", got, allowed }];
}

/** Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
function tagFaults(tags: Record<string, string>): Fault[] {
  return Object.entries(tags).flatMap(([key, value]) => {
    const path = `tags.${key}`;
    if (/^aws:/i.test(key))
      return [{ path, problem: "a prefix that AWS keeps for itself", got: key }];
    if (key.length >= 1 && key.length <= 128 && value.length <= 256) return [];
    const allowed = "keys of 1 to 128, values of at most 256 characters";
    return [{ path, problem: "not a tag", got: value, allowed }];
  });
}
