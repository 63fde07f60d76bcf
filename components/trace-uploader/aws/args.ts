import type { Input } from "@pulumi/pulumi";
import type { AwsNetworkRef } from "../../network/network-ref";
import type { ArchiveLifecycle, QueenUploads, UploadAlarms, UploadSettings } from "../args";

/** A bucket that somebody else made and looks after. */
export interface AwsExistingBucket {
  /** Name of the bucket. */
  name: Input<string>;
  /** ARN of the key that it is encrypted with. Defaults to none: then it is encrypted with a key of S3. */
  encryptionKeyArn?: Input<string>;
}

/** Arguments of {@link AwsTraceUploader}. */
export interface AwsTraceUploaderArgs {
  /** The network in whose private subnets the function stands: it must reach Queen. */
  network: AwsNetworkRef;
  /** How Queen is reached, and who the uploader is to her. */
  queen: QueenUploads;
  /**
   * Id of the prefix list of S3 in the region, as in `pl-6ea54007`: with the network's gateway endpoint the way to the
   * store. `aws ec2 describe-managed-prefix-lists` names it.
   */
  storePrefixListId: Input<string>;
  /** When alarms are raised. Defaults to what {@link UploadAlarms} says. */
  alarms?: UploadAlarms;
  /** ARN of the SNS topic that alarms are sent to. Defaults to none: alarms are seen in CloudWatch alone. */
  alarmTopicArn?: Input<string>;
  /**
   * Guards the bucket, its key and the logs with Pulumi's `protect` and `retainOnDelete`, the logs with CloudWatch's own
   * deletion protection as well; S3 itself refuses to delete a bucket that is not empty. Switch it off and run
   * `pulumi up` before a wanted destroy. Defaults to true.
   */
  deletionProtection?: boolean;
  /**
   * ARN of a KMS key for bucket, secret and logs; its policy must let CloudWatch Logs use it for the group
   * `/aws/lambda/NAME`. Defaults to a key of its own.
   */
  encryptionKeyArn?: Input<string>;
  /** Ranges in which the endpoint of Secrets Manager is. Defaults to the VPC's own. */
  endpointCidrs?: string[];
  /** Writes to this bucket. Defaults to a bucket of its own. */
  existingBucket?: AwsExistingBucket;
  /** Minutes between two runs: 5, 10, 15, 20, 30 or 60. Defaults to 15. */
  intervalMinutes?: number;
  /** How long the bucket keeps what; not with `existingBucket`. Defaults to what {@link ArchiveLifecycle} says. */
  lifecycle?: ArchiveLifecycle;
  /** Days that logs are kept: a number that CloudWatch knows. Defaults to 90. */
  logRetentionDays?: number;
  /** Ranges in which Queen's load balancer is. Defaults to the VPC's own. */
  queenCidrs?: string[];
  /** How files are moved. Defaults to what {@link UploadSettings} says. */
  settings?: UploadSettings;
  /** Tags of everything. Defaults to none beside the Name. */
  tags?: Record<string, string>;
}
