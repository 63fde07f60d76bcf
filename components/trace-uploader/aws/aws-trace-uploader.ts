import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../../shared/require-plan";
import { createAlarms } from "./alarms";
import type { AwsTraceUploaderArgs } from "./args";
import { createArchive } from "./bucket";
import { createFunction, createQueue } from "./function";
import { createKey } from "./key";
import { createNetwork } from "./network";
import { planAwsTraceUploader } from "./plan";
import { createSchedule } from "./schedule";

/**
 * The trace uploader as a Lambda function: every few minutes it moves what Queen has in `/srv/alerts` and `/srv/trace`
 * to a bucket of S3.
 *
 * Creates, under its logical name `NAME`: the key `NAME-key` of all that follows, unless one is given; the bucket
 * `NAME-traces` with its settings, unless there is one; the secret `NAME-queen-identity`; the security group `NAME` with
 * its ways out `NAME-to-*`; the queue `NAME-dead-letters`; the function `NAME` with its logs `NAME-logs` and role
 * `NAME-function`; the schedule `NAME` with its group and role; and the alarms `NAME-oldest-file`, `NAME-failures`,
 * `NAME-set-aside`, `NAME-errors` and `NAME-dead-letters`.
 *
 * It costs the key, the secret and the alarms by the month (about 2.50 USD together), runs by the second that they take,
 * and the bucket by what is in it. The network needs S3's gateway endpoint and the interface endpoint `secretsmanager`,
 * or a NAT gateway.
 *
 * ```typescript
 * new AwsTraceUploader("traces", {
 *   network: awsNetworkRef(network), storePrefixListId: "pl-6ea54007",
 *   queen: { host: queen.uploadsHost, serverName: queen.serverName, caCertificate: queen.caCertificate,
 *     clientCertificate: config.require("certificate"), clientKey: config.requireSecret("key") },
 * });
 * ```
 *
 * By hand it is started with `aws lambda invoke --invocation-type Event --function-name NAME`. A run that is still under
 * way goes on alone: the function has a concurrency of one, and what was started meanwhile waits for it for half an hour.
 * Not for a Queen that only pods reach: that is what `TraceUploader` is for.
 */
export class AwsTraceUploader extends pulumi.ComponentResource {
  /** Name of the bucket. */
  public readonly bucketName: pulumi.Output<string>;
  /** ARN of the queue of dead letters. */
  public readonly deadLetterQueueArn: pulumi.Output<string>;
  /** Name of the function, to start it by hand. */
  public readonly functionName: pulumi.Output<string>;
  /** Id of the function's security group, for the rules of whoever lets it in. */
  public readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: AwsTraceUploaderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AwsTraceUploader", name, args, opts);
    const plan = requirePlan("AwsTraceUploader", name, planAwsTraceUploader(name, args));

    const key = createKey(this, plan);
    const archive = createArchive(this, plan, key);
    const network = createNetwork(this, plan);
    const queue = createQueue(this, plan);
    const uploader = createFunction(this, plan, { archive, key, network, queue });
    createSchedule(this, plan, key, uploader, queue);
    createAlarms(this, plan, uploader, queue);

    this.bucketName = archive.name;
    this.deadLetterQueueArn = queue.arn;
    this.functionName = uploader.name;
    this.securityGroupId = network.group.id;
    this.registerOutputs({
      bucketName: this.bucketName,
      deadLetterQueueArn: this.deadLetterQueueArn,
      functionName: this.functionName,
      securityGroupId: this.securityGroupId,
    });
  }
}
