import { AwsTraceUploader } from "../../../components/trace-uploader/aws/aws-trace-uploader";
import type { AwsTraceUploaderArgs } from "../../../components/trace-uploader/aws/args";
import { readSettings, Target } from "../../../functions/trace-uploader/settings";
import { deploy, find, isSecret, redact, reveal, tree } from "../../support/deploy";
import { awsLeast, CERTIFICATE, KEY } from "../../unit/components/trace-uploader/least";
import { outputsOf } from "./outputs";

jest.mock("../../../components/trace-uploader/bundle", () => ({
  ...jest.requireActual("../../../components/trace-uploader/bundle"),
  readBundle: () => jest.requireActual("../../unit/components/trace-uploader/least").BUNDLE,
}));

const run = (args: Partial<AwsTraceUploaderArgs> = {}, options = {}) =>
  deploy(() => new AwsTraceUploader("traces", { ...awsLeast, ...args }), { outputsOf, ...options });
const FUNCTION = "aws:lambda/function:Function";
const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/1";

const BUCKET = [
  "aws:s3/bucket:Bucket traces-traces < traces",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration traces-traces < traces",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls traces-traces < traces",
  "aws:s3/bucketPolicy:BucketPolicy traces-traces < traces",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock traces-traces < traces",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration traces-traces < traces",
  "aws:s3/bucketVersioning:BucketVersioning traces-traces < traces",
];
const KEYS = [
  "aws:kms/alias:Alias traces-key < traces",
  "aws:kms/key:Key traces-key < traces",
  "aws:kms/keyPolicy:KeyPolicy traces-key < traces",
];
const ALWAYS = [
  "aws:cloudwatch/logGroup:LogGroup traces-logs < traces",
  "aws:cloudwatch/metricAlarm:MetricAlarm traces-dead-letters < traces",
  "aws:cloudwatch/metricAlarm:MetricAlarm traces-errors < traces",
  "aws:cloudwatch/metricAlarm:MetricAlarm traces-failures < traces",
  "aws:cloudwatch/metricAlarm:MetricAlarm traces-oldest-file < traces",
  "aws:cloudwatch/metricAlarm:MetricAlarm traces-set-aside < traces",
  "aws:ec2/securityGroup:SecurityGroup traces < traces",
  "aws:iam/role:Role traces-function < traces",
  "aws:iam/role:Role traces-schedule < traces",
  "aws:iam/rolePolicy:RolePolicy traces-function < traces",
  "aws:iam/rolePolicy:RolePolicy traces-schedule < traces",
  "aws:lambda/function:Function traces < traces",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig traces < traces",
  "aws:scheduler/schedule:Schedule traces < traces",
  "aws:scheduler/scheduleGroup:ScheduleGroup traces < traces",
  "aws:secretsmanager/secret:Secret traces-queen-identity < traces",
  "aws:secretsmanager/secretVersion:SecretVersion traces-queen-identity < traces",
  "aws:sqs/queue:Queue traces-dead-letters < traces",
  "aws:sqs/queuePolicy:QueuePolicy traces-dead-letters < traces",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule traces-to-endpoints < traces",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule traces-to-queen < traces",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule traces-to-s3 < traces",
  "kvm-fabric:index:AwsTraceUploader traces < stack",
];

test("makes exactly its resources, the same where nothing is known yet", async () => {
  const known = await run();
  expect(tree(known)).toEqual([...ALWAYS, ...BUCKET, ...KEYS].sort());
  expect(tree(await run({}, { preview: true }))).toEqual(tree(known));
  expect(known.outputs.get("traces")).toEqual({
    bucketName: "traces-traces-id",
    deadLetterQueueArn: "arn:aws:sqs:eu-central-1:123456789012:traces-dead-letters",
    functionName: "traces",
    securityGroupId: "traces-id",
  });
});

test("with a bucket and a key that are there, makes neither", async () => {
  const args = { encryptionKeyArn: keyArn, existingBucket: { name: "mine" } };
  const deployment = await run(args);
  expect(tree(deployment)).toEqual([...ALWAYS].sort());
  expect(tree(await run(args, { preview: true }))).toEqual([...ALWAYS].sort());
  const { Statement } = policyOf(deployment, "traces-function");
  const resources = Statement.map(({ Sid, Resource }: any) => [Sid, Resource]);
  expect(resources).toContainEqual(["CreateAndReadObjects", "arn:aws:s3:::mine/traces/*"]);
  expect(resources).toContainEqual(["IdentitysKey", keyArn]);
  const ec2 = "arn:aws:ec2:eu-central-1:123456789012";
  expect(resources).toContainEqual([
    "JoinTheNetwork",
    ["network-interface/*", "security-group/traces-id", "subnet/subnet-1", "subnet/subnet-2"].map(
      (one) => `${ec2}:${one}`,
    ),
  ]);
  expect(resources.flat()).not.toContain("ObjectsKey");
  const withKey = await run({ existingBucket: { name: "mine", encryptionKeyArn: keyArn } });
  expect(JSON.stringify(policyOf(withKey, "traces-function"))).toContain("ObjectsKey");
});

function policyOf(deployment: Awaited<ReturnType<typeof run>>, name: string): any {
  const { policy } = find(deployment, "aws:iam/rolePolicy:RolePolicy", name).inputs;
  return JSON.parse(reveal(policy));
}

test("the function is one arm64 instance of Node.js 22 in the private subnets, with what the uploader reads", async () => {
  const { inputs, dependsOn } = find(await run(), FUNCTION, "traces");
  expect(inputs).toMatchObject({
    architectures: ["arm64"],
    handler: "lambda.handler",
    reservedConcurrentExecutions: 1,
    runtime: "nodejs22.x",
    timeout: 900,
    vpcConfig: { securityGroupIds: ["traces-id"], subnetIds: ["subnet-1", "subnet-2"] },
  });
  expect(Object.keys(inputs.code.assets)).toEqual(["lambda.js"]);
  const settings = readSettings(Target.Lambda, inputs.environment.variables);
  expect(settings).toMatchObject({
    queen: { host: "queen.fabric.example", port: 564, serverName: "queen" },
    store: { bucket: "traces-traces-id", prefix: "traces", verify: "checksum" },
    upload: { settleSeconds: 10, setAsideHours: 24, timeLimitSeconds: 900, stopBeforeSeconds: 60 },
  });
  expect(settings.queen.identity).toEqual({
    secret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:traces-queen-identity-AbCdEf",
  });
  // Made with its rights and its bucket complete; gone before its rights are.
  expect(dependsOn).toEqual(expect.arrayContaining(["traces-function", "traces-traces"]));
  expect(dependsOn).toEqual(
    expect.arrayContaining(["traces-to-queen", "traces-to-s3", "traces-to-endpoints"]),
  );
});

test("authorities that change, two of 4096 bits each, do not make the environment longer than Lambda takes", async () => {
  const long =
    `-----BEGIN CERTIFICATE-----\n${"A".repeat(1900)}\n-----END CERTIFICATE-----\n`.repeat(2);
  const deployment = await run({ queen: { ...awsLeast.queen, caCertificate: long } });
  const { variables } = find(deployment, FUNCTION, "traces").inputs.environment;
  expect(JSON.stringify(variables).length).toBeLessThan(4096 / 2);
  expect(readSettings(Target.Lambda, variables).queen.authority).toBe("secret");
  const type = "aws:secretsmanager/secretVersion:SecretVersion";
  const { secretString } = find(deployment, type, "traces-queen-identity").inputs;
  expect(JSON.parse(reveal(secretString))["ca.crt"]).toBe(long);
});

test("the key is a secret wherever it goes, and nothing else has it", async () => {
  const deployment = await run();
  const type = "aws:secretsmanager/secretVersion:SecretVersion";
  const { secretString } = find(deployment, type, "traces-queen-identity").inputs;
  expect(isSecret(secretString)).toBe(true);
  expect(JSON.parse(reveal(secretString))).toEqual({
    "ca.crt": CERTIFICATE,
    "tls.crt": CERTIFICATE,
    "tls.key": KEY,
  });
  const open = deployment.resources.map(({ inputs, type: kind }) =>
    kind.startsWith("kvm-fabric:") ? {} : redact(inputs),
  );
  expect(JSON.stringify(open)).not.toContain("PRIVATE KEY");
});

test("three ways lead out, by argument to narrower ranges", async () => {
  const rules = async (args = {}) =>
    (await run(args)).resources
      .filter(({ type }) => type.includes("SecurityGroupEgressRule"))
      .map(({ inputs }) => `${inputs.toPort} ${inputs.cidrIpv4 ?? inputs.prefixListId}`)
      .sort();
  expect(await rules()).toEqual(["443 10.0.0.0/16", "443 pl-6ea54007", "564 10.0.0.0/16"]);
  expect(
    await rules({
      endpointCidrs: ["10.0.1.0/24"],
      queen: { ...awsLeast.queen, port: 5640 },
      queenCidrs: ["10.0.2.0/24", "10.0.3.0/24"],
    }),
  ).toEqual(["443 10.0.1.0/24", "443 pl-6ea54007", "5640 10.0.2.0/24", "5640 10.0.3.0/24"]);
  const { inputs } = find(await run(), "aws:ec2/securityGroup:SecurityGroup", "traces");
  expect([inputs.ingress, inputs.egress]).toEqual([undefined, undefined]);
});

test("the bucket is closed, encrypted, versioned, owned and tidied", async () => {
  const deployment = await run({ lifecycle: { transitionDays: 60, abortIncompleteDays: 2 } });
  const of = (type: string) => find(deployment, `aws:s3/${type}`, "traces-traces").inputs;
  expect(of("bucketPublicAccessBlock:BucketPublicAccessBlock")).toEqual({
    ...{ bucket: "traces-traces-id", blockPublicAcls: true, blockPublicPolicy: true },
    ...{ ignorePublicAcls: true, restrictPublicBuckets: true },
  });
  expect(of("bucketOwnershipControls:BucketOwnershipControls").rule).toEqual({
    objectOwnership: "BucketOwnerEnforced",
  });
  const encryption = "bucketServerSideEncryptionConfiguration";
  expect(of(`${encryption}:BucketServerSideEncryptionConfiguration`).rules).toEqual([
    {
      applyServerSideEncryptionByDefault: {
        kmsMasterKeyId: "arn:aws:kms:eu-central-1:123456789012:traces-key",
        sseAlgorithm: "aws:kms",
      },
      bucketKeyEnabled: true,
    },
  ]);
  expect(of("bucketVersioning:BucketVersioning").versioningConfiguration).toEqual({
    status: "Enabled",
  });
  expect(of("bucketLifecycleConfiguration:BucketLifecycleConfiguration").rules).toEqual([
    {
      ...{ id: "archive", status: "Enabled", filter: {} },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
      noncurrentVersionExpiration: { noncurrentDays: 90 },
      transitions: [{ days: 60, storageClass: "STANDARD_IA" }],
    },
    {
      ...{ id: "set-aside", status: "Enabled", filter: { prefix: "traces/.set-aside/" } },
      expiration: { days: 2 },
    },
  ]);
  const never = await run({ lifecycle: { transitionDays: 0 } });
  const type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
  expect(find(never, type, "traces-traces").inputs.rules[0].transitions).toBeUndefined();
});

test("what fails ends in the queue, and each alarm tells the topic", async () => {
  const topic = "arn:aws:sns:eu-central-1:123456789012:alarms";
  const deployment = await run({ alarmTopicArn: topic, alarms: { oldestFileMinutes: 60 } });
  const invoke = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
  const queueArn = "arn:aws:sqs:eu-central-1:123456789012:traces-dead-letters";
  expect(find(deployment, invoke, "traces").inputs).toMatchObject({
    destinationConfig: { onFailure: { destination: queueArn } },
    maximumRetryAttempts: 1,
  });
  const schedule = find(deployment, "aws:scheduler/schedule:Schedule", "traces").inputs;
  expect(schedule).toMatchObject({
    flexibleTimeWindow: { mode: "OFF" },
    scheduleExpression: "rate(15 minutes)",
    target: { deadLetterConfig: { arn: queueArn } },
  });
  const alarms = deployment.resources.filter(({ type }) => type.includes("MetricAlarm"));
  const told = alarms.map(({ inputs }) => {
    const { alarmActions, dimensions, metricName, namespace, threshold, treatMissingData } = inputs;
    const where = Object.entries(dimensions).join();
    expect([alarmActions, inputs.period]).toEqual([[topic], 2700]);
    return `${namespace} ${metricName} ${where} > ${threshold} ${treatMissingData}`;
  });
  expect(told.sort()).toEqual([
    "AWS/Lambda Errors FunctionName,traces > 0 notBreaching",
    "AWS/SQS ApproximateNumberOfMessagesVisible QueueName,traces-dead-letters > 0 notBreaching",
    "KvmFabric/TraceUploader Failures FunctionName,traces > 0 notBreaching",
    "KvmFabric/TraceUploader FilesSetAside FunctionName,traces > 0 notBreaching",
    "KvmFabric/TraceUploader OldestFileAgeSeconds FunctionName,traces > 3600 breaching",
  ]);
});

test("bucket, key and logs are guarded, by default", async () => {
  const guarded = async (args = {}) =>
    (await run(args)).resources
      .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
      .map(({ type, name }) => `${type} ${name} < traces`)
      .sort();
  const logs = "aws:cloudwatch/logGroup:LogGroup traces-logs < traces";
  expect(await guarded()).toEqual([logs, ...BUCKET, ...KEYS].sort());
  expect(await guarded({ deletionProtection: false })).toEqual([]);
});

test("names every fault at once, before anything is made", async () => {
  let message = "";
  const deployment = await deploy(() => {
    try {
      const wrong = { intervalMinutes: 7, queenCidrs: [], storePrefixListId: "s3" };
      new AwsTraceUploader("traces", { ...awsLeast, ...wrong });
    } catch (error) {
      ({ message } = error as Error);
    }
  });
  expect(message).toMatch(
    /AwsTraceUploader "traces" has 3 faults:\n {2}intervalMinutes: .*\n {2}queenCidrs: .*\n {2}store/,
  );
  expect(deployment.resources.filter(({ custom }) => custom)).toEqual([]);
});
