import type { AwsNetworkRef } from "../../network/network-ref";
import type { Fault } from "../../shared/faults";
import { patternFaults } from "../../shared/patterns";

/** What CloudWatch lets a log group be kept for, in days. Source: the `retentionInDays` of `aws.cloudwatch.LogGroup` */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** The arguments that every store on AWS has of its own. */
interface AwsStoreFields {
  allowedSecurityGroupIds?: unknown[];
  encryptionKey?: unknown;
  highAvailability?: boolean;
  logRetentionDays?: number;
  network: AwsNetworkRef;
  subnetIds?: unknown[];
  tags?: Record<string, string>;
}

/** Finds what is wrong with the arguments that every store on AWS has. */
export function awsStoreFaults(args: AwsStoreFields): Fault[] {
  return [
    ...(args.allowedSecurityGroupIds ?? []).flatMap((got, index) =>
      patternFaults(
        `allowedSecurityGroupIds[${String(index)}]`,
        got,
        /^sg-[0-9a-f]{8,17}$/,
        "not the id of a security group",
        "sg-...",
      ),
    ),
    ...patternFaults(
      "encryptionKey",
      args.encryptionKey,
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/.+$/,
      "not the ARN of a KMS key",
      "arn:aws:kms:REGION:ACCOUNT:key/...",
    ),
    ...retentionFaults(args.logRetentionDays),
    ...subnetFaults(args),
    ...tagFaults(args.tags ?? {}),
  ];
}

function retentionFaults(got: number | undefined): Fault[] {
  if (got === undefined || RETENTION_DAYS.includes(got)) return [];
  const allowed = RETENTION_DAYS.join(", ");
  return [{ path: "logRetentionDays", problem: "not a time CloudWatch knows", got, allowed }];
}

/** A subnet lies in one zone: a second copy needs a second subnet, whatever else is known of them. */
function subnetFaults({ highAvailability = true, network, subnetIds }: AwsStoreFields): Fault[] {
  const path = subnetIds === undefined ? "network.privateSubnetIds" : "subnetIds";
  const ids: unknown = subnetIds ?? network.privateSubnetIds;
  // What is only known later, as the network's ids often are, is not checked here.
  if (!Array.isArray(ids)) return [];
  const known = ids.filter((id) => typeof id === "string");
  const twice = known.filter((id, index) => known.indexOf(id) < index);
  const faults = twice.map((got) => ({ path, problem: "given twice", got }));
  if (faults.length > 0 || ids.length >= 2) return faults;
  const problem = highAvailability
    ? "one zone, and a second copy needs another"
    : "AWS takes subnets of at least two zones, also for one copy";
  const allowed = "at least two subnets, in different zones";
  return [{ path, problem, got: ids.length, allowed }];
}

function tagFaults(tags: Record<string, string>): Fault[] {
  return Object.entries(tags).flatMap(([key, value]) => {
    const path = `tags.${key}`;
    if (/^aws:/i.test(key)) {
      return [{ path, problem: "a prefix that AWS keeps for itself", got: key }];
    }
    if (key.length >= 1 && key.length <= 128 && value.length <= 256) return [];
    const allowed = "keys of 1 to 128, values of at most 256 characters";
    return [{ path, problem: "not a tag", got: value, allowed }];
  });
}

/**
 * Checks a size of AWS, `PREFIX.FAMILY.SIZE`, and refuses those with a gibibyte of memory or less: of that, the machine
 * takes half for itself.
 */
export function awsSizeFaults(prefix: "db" | "cache", got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const example = `${prefix}.m7g.large`;
  const shape = new RegExp(`^${prefix}\\.[a-z][a-z0-9]+(-[a-z]+)?\\.[a-z0-9]+$`);
  if (!shape.test(got)) {
    return [{ path: "size", problem: "not a size of AWS", got, allowed: `as in ${example}` }];
  }
  if (!/\.(nano|micro)$/.test(got)) return [];
  const problem = "too small: half of its memory is the machine's own";
  return [{ path: "size", problem, got, allowed: "small or larger", fix: `${prefix}.t4g.small` }];
}
