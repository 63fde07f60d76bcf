import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Function as LambdaFunction } from "@pulumi/aws/lambda/function";
import { FunctionEventInvokeConfig } from "@pulumi/aws/lambda/functionEventInvokeConfig";
import { Secret } from "@pulumi/aws/secretsmanager/secret";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion";
import { Queue } from "@pulumi/aws/sqs/queue";
import { QueuePolicy } from "@pulumi/aws/sqs/queuePolicy";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import { policyDocument } from "../../shared/iam-statement";
import { commonEnvironment, identitySecret, queenEnvironment } from "../environment";
import type { Archive } from "./bucket";
import { functionTrust, queuePolicy, uploaderStatements } from "./iam";
import type { UploaderKey } from "./key";
import type { UploaderNetwork } from "./network";
import type { AwsTraceUploaderPlan } from "./plan";

/** The longest that Lambda lets a function run, in seconds. */
const TIMEOUT_SECONDS = 900;
/** Seconds before its end at which a run begins nothing new. */
const STOP_BEFORE_SECONDS = 60;
/** How long a start waits for the run before it, in seconds: that one has ended by then. */
const LONGEST_WAIT_SECONDS = 1800;
/** How long dead letters are kept, in seconds: SQS's longest, 14 days. */
const LETTERS_SECONDS = 1_209_600;

/** What a function of the uploader works with. */
export interface FunctionParts {
  archive: Archive;
  key: UploaderKey;
  network: UploaderNetwork;
  queue: Queue;
}

/** Creates the queue of what was not done: starts that failed, and runs that failed twice. */
export function createQueue(parent: pulumi.Resource, plan: AwsTraceUploaderPlan): Queue {
  const { name, names, tags } = plan;
  const own = `${name}-dead-letters`;
  const queue = new Queue(
    own,
    {
      name: names.queue,
      messageRetentionSeconds: LETTERS_SECONDS,
      sqsManagedSseEnabled: true,
      tags: { ...tags, Name: names.queue },
    },
    { parent },
  );
  new QueuePolicy(own, { queueUrl: queue.url, policy: queue.arn.apply(queuePolicy) }, { parent });
  return queue;
}

/** Creates the function with all that it needs to run. */
export function createFunction(
  parent: pulumi.Resource,
  plan: AwsTraceUploaderPlan,
  parts: FunctionParts,
): LambdaFunction {
  const { archive, key, network, queue } = parts;
  const { name } = plan;
  const logs = createLogGroup(parent, plan, key);
  const secret = createSecret(parent, plan, key);
  const identity = createRole(parent, plan, { ...parts, logs, secret: secret.secret });
  const made = new LambdaFunction(
    name,
    {
      ...program(plan),
      environment: {
        variables: {
          ...commonEnvironment(plan, { bucket: archive.name }, RUN_LIMITS),
          ...queenEnvironment(plan, secret.secret.arn),
        },
      },
      loggingConfig: { logFormat: "Text", logGroup: logs.name },
      role: identity.role.arn,
      vpcConfig: {
        securityGroupIds: [network.group.id],
        subnetIds: plan.network.privateSubnetIds,
      },
    },
    {
      parent,
      // Lambda looks at its rights when it is made, and needs them until its interfaces are gone.
      dependsOn: [...archive.before, ...network.rules, identity.policy, secret.version],
    },
  );
  createRetries(parent, plan, made, queue);
  return made;
}

/** A run that fails is tried once more, and then told of in the queue. */
function createRetries(
  parent: pulumi.Resource,
  { name }: AwsTraceUploaderPlan,
  made: LambdaFunction,
  queue: Queue,
): FunctionEventInvokeConfig {
  return new FunctionEventInvokeConfig(
    name,
    {
      functionName: made.name,
      destinationConfig: { onFailure: { destination: queue.arn } },
      maximumEventAgeInSeconds: LONGEST_WAIT_SECONDS,
      maximumRetryAttempts: 1,
    },
    { parent },
  );
}

function program({ bundle, names, tags }: AwsTraceUploaderPlan) {
  return {
    name: names.function,
    description: "Moves Queen's alerts and traces to S3",
    architectures: ["arm64"],
    code: new pulumi.asset.AssetArchive({ "lambda.js": new pulumi.asset.FileAsset(bundle.file) }),
    handler: "lambda.handler",
    memorySize: 1024,
    // One run at a time: two would move the same files twice over.
    reservedConcurrentExecutions: 1,
    runtime: "nodejs22.x",
    tags: { ...tags, Name: names.function },
    timeout: TIMEOUT_SECONDS,
  };
}

const RUN_LIMITS = { timeLimitSeconds: TIMEOUT_SECONDS, stopBeforeSeconds: STOP_BEFORE_SECONDS };

function createLogGroup(
  parent: pulumi.Resource,
  { deletionProtection, logRetentionDays, name, names, tags }: AwsTraceUploaderPlan,
  key: UploaderKey,
): LogGroup {
  return new LogGroup(
    `${name}-logs`,
    {
      name: names.logGroup,
      deletionProtectionEnabled: deletionProtection,
      kmsKeyId: key.arn,
      retentionInDays: logRetentionDays,
      tags: { ...tags, Name: names.logGroup },
    },
    { parent, dependsOn: key.before, ...dataGuard(deletionProtection) },
  );
}

/** A name of Secrets Manager stays taken for days after it is deleted, so Pulumi adds a suffix. */
function createSecret(
  parent: pulumi.Resource,
  { name, queen, tags }: AwsTraceUploaderPlan,
  key: UploaderKey,
): { secret: Secret; version: SecretVersion } {
  const own = `${name}-queen-identity`;
  const secret = new Secret(
    own,
    {
      description: "Certificate and key by which Queen knows the uploader",
      kmsKeyId: key.arn,
      recoveryWindowInDays: 7,
      tags: { ...tags, Name: own },
    },
    { parent, dependsOn: key.before },
  );
  const version = new SecretVersion(
    own,
    { secretId: secret.id, secretString: identitySecret(queen) },
    { parent },
  );
  return { secret, version };
}

function createRole(
  parent: pulumi.Resource,
  { name, names, network, prefix, tags }: AwsTraceUploaderPlan,
  parts: FunctionParts & { logs: LogGroup; secret: Secret },
): { policy: RolePolicy; role: Role } {
  const { archive, key, logs, queue, secret } = parts;
  const role = new Role(
    `${name}-function`,
    { name: names.role, assumeRolePolicy: functionTrust(), tags: { ...tags, Name: names.role } },
    { parent },
  );
  const scope = pulumi.output({
    bucketArn: archive.arn,
    bucketKeyArn: archive.keyArn ?? "",
    logGroupArn: logs.arn,
    place: key.place,
    queueArn: queue.arn,
    secretArn: secret.arn,
    secretKeyArn: key.arn,
    securityGroupId: parts.network.group.id,
    subnetIds: network.privateSubnetIds,
  });
  const document = scope.apply((known) => {
    const { account, partition, region } = known.place;
    const functionArn = `arn:${partition}:lambda:${region}:${account}:function:${names.function}`;
    return policyDocument(uploaderStatements({ ...known, functionArn, prefix }));
  });
  const policy = new RolePolicy(
    `${name}-function`,
    { name: "trace-uploader", role: role.name, policy: document },
    { parent },
  );
  return { policy, role };
}
