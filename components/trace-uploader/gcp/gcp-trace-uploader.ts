import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../../shared/require-plan";
import type { GcpTraceUploaderArgs } from "./args";
import { createArchive } from "./bucket";
import { createFunction } from "./function";
import { createIdentity } from "./identity";
import { createFirewalls } from "./network";
import { planGcpTraceUploader } from "./plan";
import { createStarts } from "./starts";
import { createAlerts, createLogs } from "./watch";

/**
 * The trace uploader as a function of Cloud Run: every few minutes it moves what Queen has in `/srv/alerts` and
 * `/srv/trace` to a bucket of Cloud Storage.
 *
 * Creates, under its logical name `NAME`: the bucket `NAME-traces`, unless there is one; the service account `NAME-run`
 * with its role `NAME-archive` and the secret `NAME-queen-identity`; the firewall rules `NAME-to-queen`, `NAME-to-apis`,
 * `NAME-to-nothing` and `NAME-to-nothing-v6`; what the function is built from and by (`NAME-code`, `NAME-images`,
 * `NAME-build` and its grants); the function `NAME`; what starts it: the schedule `NAME`, the topic and subscription
 * `NAME-starts`, the account `NAME-start`, and `NAME-dead-letters` for starts that came to nothing; its logs `NAME-logs`;
 * and metrics and alerts `NAME-oldest-file`, `NAME-failures`, `NAME-set-aside`, `NAME-errors` and `NAME-dead-letters`.
 *
 * It costs runs by the second that they take and the bucket by what is in it; the rest costs cents a month.
 *
 * ```typescript
 * new GcpTraceUploader("traces", {
 *   network, queenCidrs: ["10.0.0.0/20"],
 *   queen: { host: queen.uploadsHost, serverName: queen.serverName, caCertificate: queen.caCertificate,
 *     clientCertificate: config.require("certificate"), clientKey: config.requireSecret("key") },
 * });
 * ```
 *
 * By hand it is started with `gcloud pubsub topics publish NAME-starts --message '{}'`. One instance takes one start at a
 * time; Pub/Sub tries again what came meanwhile. The provider's project needs the APIs of Cloud Functions, Cloud Run,
 * Cloud Build, Artifact Registry, Pub/Sub, Cloud Scheduler and Secret Manager. Not for a Queen that only pods reach: that
 * is what `TraceUploader` is for.
 */
export class GcpTraceUploader extends pulumi.ComponentResource {
  /** Name of the bucket. */
  public readonly bucketName: pulumi.Output<string>;
  /** Name of the subscription that keeps dead letters. */
  public readonly deadLetterSubscription: pulumi.Output<string>;
  /** Name of the function. */
  public readonly functionName: pulumi.Output<string>;
  /** Name of the topic: a message to it starts a run. */
  public readonly startTopic: pulumi.Output<string>;

  constructor(name: string, args: GcpTraceUploaderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:GcpTraceUploader", name, args, opts);
    const plan = requirePlan("GcpTraceUploader", name, planGcpTraceUploader(name, args));

    const bucket = createArchive(this, plan);
    const identity = createIdentity(this, plan, bucket);
    const firewalls = createFirewalls(this, plan);
    createLogs(this, plan, identity.account);
    const uploader = createFunction(this, plan, identity, bucket, firewalls);
    const starts = createStarts(this, plan, uploader);
    createAlerts(this, plan);

    this.bucketName = bucket;
    this.deadLetterSubscription = starts.deadLetters.name;
    this.functionName = uploader.name;
    this.startTopic = starts.topic.name;
    this.registerOutputs({
      bucketName: this.bucketName,
      deadLetterSubscription: this.deadLetterSubscription,
      functionName: this.functionName,
      startTopic: this.startTopic,
    });
  }
}
