import * as pulumi from "@pulumi/pulumi";
import { requirePlan } from "../../shared/require-plan";
import { createApp } from "./app";
import { createArchive, createLock } from "./archive";
import type { AzureTraceUploaderArgs } from "./args";
import { createHostStorage, queueName } from "./host";
import { UPLOADER_ROLES } from "./iam";
import { createIdentity, grant, grantArchive } from "./identity";
import { createSubnet } from "./network";
import { deployPackage } from "./package";
import { planAzureTraceUploader } from "./plan";
import { createVault } from "./vault";
import { createAlerts, createTelemetry } from "./watch";

/**
 * The trace uploader as a function app of Azure: every few minutes it moves what Queen has in `/srv/alerts` and
 * `/srv/trace` to Blob Storage.
 *
 * Creates, under its logical name `NAME`: the subnet `NAME-subnet` in the network that is given, with its rules; the
 * account `NAME-traces` with its container and its lock `NAME-lock`, unless there is one; the identity `NAME-identity` with the role
 * `NAME-archive` and its grants; the vault `NAME-vault` with the secret `NAME-queen-identity`; the account `NAME-code` of
 * the app's host with the queues `NAME-starts` and `NAME-starts-poison`; the app `NAME` on the plan `NAME-plan`, a Flex
 * Consumption one, with its package `NAME-package`; the logs `NAME-logs` with `NAME-insights`; and the alerts
 * `NAME-oldest-file`, `NAME-no-report`, `NAME-failures`, `NAME-set-aside`, `NAME-errors` and `NAME-dead-letters`.
 *
 * It costs runs by the second that they take, accounts and logs by what is in them, and the alerts by the month (about
 * 3 USD together).
 *
 * ```typescript
 * new AzureTraceUploader("traces", {
 *   network: fabric, subnetCidr: "10.0.250.0/27", queenCidrs: ["10.0.0.0/20"],
 *   queen: { host: queen.uploadsHost, serverName: queen.serverName, caCertificate: queen.caCertificate,
 *     clientCertificate: config.require("certificate"), clientKey: config.requireSecret("key") },
 * });
 * ```
 *
 * By hand it is started with a message to the queue: `az storage message put --queue-name NAME-starts --content e30=
 * --auth-mode login --account-name ACCOUNT`. Who deploys needs the rights to make role definitions and assignments, and locks. Not
 * for a Queen that only pods reach: that is what `TraceUploader` is for.
 */
export class AzureTraceUploader extends pulumi.ComponentResource {
  /** Name of the archive's storage account. */
  public readonly accountName: pulumi.Output<string>;
  /** Name of the container in it. */
  public readonly containerName: pulumi.Output<string>;
  /** Name of the queue that keeps dead letters. */
  public readonly deadLetterQueue: pulumi.Output<string>;
  /** Name of the function app. */
  public readonly functionAppName: pulumi.Output<string>;
  /** Name of the storage account with the queues: a message to that of starts is a run. */
  public readonly hostAccountName: pulumi.Output<string>;

  constructor(name: string, args: AzureTraceUploaderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:AzureTraceUploader", name, args, opts);
    const plan = requirePlan("AzureTraceUploader", name, planAzureTraceUploader(name, args));

    const subnet = createSubnet(this, plan);
    const archive = createArchive(this, plan, subnet);
    const identity = createIdentity(this, plan);
    const vault = createVault(this, plan, subnet, identity);
    const host = createHostStorage(this, plan);
    const telemetry = createTelemetry(this, plan);
    const give = (suffix: string, role: string, scope: pulumi.Input<string>) =>
      grant(this, `${name}-${suffix}`, identity, role, scope);
    const archiveGrant = grantArchive(this, plan, identity, archive);
    createLock(this, plan, archive, archiveGrant);
    const grants = [
      archiveGrant,
      give("read-identity", UPLOADER_ROLES.readIdentity, vault.secretId),
      give("host-blobs", UPLOADER_ROLES.hostBlobs, host.account.id),
      give("host-queues", UPLOADER_ROLES.hostQueues, host.account.id),
      give("telemetry", UPLOADER_ROLES.writeTelemetry, telemetry.component.id),
    ];
    const app = createApp(this, plan, {
      ...{ archive, grants, host, identity, subnet, telemetry, vault },
    });
    deployPackage(this, plan, host, app);
    createAlerts(this, plan, telemetry);

    this.accountName = archive.account;
    this.containerName = archive.containerName;
    this.deadLetterQueue = pulumi.output(queueName(plan.nameOf, "poison"));
    this.functionAppName = app.name;
    this.hostAccountName = host.account.name;
    this.registerOutputs({
      accountName: this.accountName,
      containerName: this.containerName,
      deadLetterQueue: this.deadLetterQueue,
      functionAppName: this.functionAppName,
      hostAccountName: this.hostAccountName,
    });
  }
}
