import type { Input } from "@pulumi/pulumi";
import { type Fault, type Planned, planned } from "../../shared/faults";
import { nameFaults, objectName } from "../../shared/names";
import { patternFaults } from "../../shared/patterns";
import { type Bundle, bundleFaults, readBundle } from "../bundle";
import { uploadsFaults, uploadsPlan, type UploadsPlan } from "../plan";
import { rangesFaults } from "../ranges";
import type { AwsExistingBucket, AwsTraceUploaderArgs } from "./args";
import type { AwsNetworkRef } from "../../network/network-ref";

/** An uploader on AWS, with every default filled in. */
export interface AwsTraceUploaderPlan extends UploadsPlan {
  /** Logical name. */
  name: string;
  alarmTopicArn: Input<string> | undefined;
  bundle: Bundle;
  deletionProtection: boolean;
  encryptionKeyArn: Input<string> | undefined;
  /** Where each rule of the security group leads; undefined for the VPC's own range. */
  endpointCidrs: string[] | undefined;
  existingBucket: AwsExistingBucket | undefined;
  names: AwsUploaderNames;
  network: AwsNetworkRef;
  queenCidrs: string[] | undefined;
  storePrefixListId: Input<string>;
  tags: Record<string, string>;
}

/** Names that the account sees. */
export interface AwsUploaderNames {
  function: string;
  keyAlias: string;
  logGroup: string;
  queue: string;
  role: string;
  schedule: string;
  scheduleRole: string;
}

/** The longest name of a function, a role and a schedule. */
const LONGEST = 64;

/** Plans an uploader, or names everything that is wrong with its arguments. */
export function planAwsTraceUploader(
  name: string,
  args: AwsTraceUploaderArgs,
  bundle: Bundle | undefined = readBundle("lambda"),
): Planned<AwsTraceUploaderPlan> {
  return planned(awsFaults(name, args, bundle), () => ({
    ...uploadsPlan(args),
    name,
    alarmTopicArn: args.alarmTopicArn,
    bundle: bundle ?? { file: "", sha256: "", text: "" },
    deletionProtection: args.deletionProtection ?? true,
    encryptionKeyArn: args.encryptionKeyArn,
    endpointCidrs: args.endpointCidrs,
    existingBucket: args.existingBucket,
    names: names(name),
    network: args.network,
    queenCidrs: args.queenCidrs,
    storePrefixListId: args.storePrefixListId,
    tags: args.tags ?? {},
  }));
}

function names(name: string): AwsUploaderNames {
  const own = objectName([name], LONGEST);
  return {
    function: own,
    keyAlias: `alias/${own}`,
    logGroup: `/aws/lambda/${own}`,
    queue: objectName([name, "dead-letters"], LONGEST),
    role: objectName([name, "function"], LONGEST),
    schedule: own,
    scheduleRole: objectName([name, "schedule"], LONGEST),
  };
}

/** Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

function awsFaults(name: string, args: AwsTraceUploaderArgs, bundle: Bundle | undefined): Fault[] {
  return [
    ...nameFaults("name", name),
    ...bundleFaults("lambda", bundle),
    ...uploadsFaults(args),
    ...retentionFaults(args.logRetentionDays),
    ...rangesFaults("endpointCidrs", args.endpointCidrs),
    ...rangesFaults("queenCidrs", args.queenCidrs),
    ...patternFaults(
      "storePrefixListId",
      args.storePrefixListId,
      /^pl-[0-9a-f]+$/,
      "not the id of a prefix list",
      "pl- and hexadecimal digits",
    ),
    ...patternFaults(
      "alarmTopicArn",
      args.alarmTopicArn,
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/,
      "not the ARN of a topic",
      "arn:aws:sns:REGION:ACCOUNT:NAME",
    ),
    ...existingFaults(args),
  ];
}

function retentionFaults(got: number | undefined): Fault[] {
  if (got === undefined || RETENTIONS.includes(got)) return [];
  const problem = "not a number of days that CloudWatch knows";
  return [{ path: "logRetentionDays", problem, got, allowed: RETENTIONS.join(", ") }];
}

function existingFaults({ existingBucket, lifecycle }: AwsTraceUploaderArgs): Fault[] {
  if (existingBucket === undefined || lifecycle === undefined) return [];
  const problem = "given, but an existing bucket keeps its own rules";
  return [{ path: "lifecycle", problem, fix: "to leave it out" }];
}
