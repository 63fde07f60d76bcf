import {
  bucketPolicy,
  functionTrust,
  queuePolicy,
  scheduleStatements,
  scheduleTrust,
  uploaderStatements,
} from "../../../../components/trace-uploader/aws/iam";
import { keyPolicy } from "../../../../components/trace-uploader/aws/key";

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const bucketArn = "arn:aws:s3:::traces-1";
const functionArn = arn("lambda", "function:traces");
const scope = {
  bucketArn,
  bucketKeyArn: arn("kms", "key/1"),
  functionArn,
  logGroupArn: arn("logs", "log-group:/aws/lambda/traces"),
  place: { account: "123456789012", partition: "aws", region: "eu-central-1" },
  prefix: "traces",
  queueArn: arn("sqs", "traces-dead-letters"),
  secretArn: arn("secretsmanager", "secret:traces-AbCdEf"),
  secretKeyArn: arn("kms", "key/2"),
  securityGroupId: "sg-1",
  subnetIds: ["subnet-1", "subnet-2"],
};

/** Statements as a table: who does what to which, and under which condition. */
function rows(statements: readonly any[]): string[] {
  return statements.map(({ Action, Condition, Effect, Resource, Sid }) => {
    const list = (value: string | string[]) => [value].flat().join(" ");
    const when = Condition === undefined ? "" : ` if ${JSON.stringify(Condition)}`;
    return `${Sid}: ${Effect} ${list(Action)} on ${list(Resource)}${when}`;
  });
}

const interfaces = arn("ec2", "network-interface/*");
const network = [
  arn("ec2", "security-group/sg-1"),
  arn("ec2", "subnet/subnet-1"),
  arn("ec2", "subnet/subnet-2"),
];

test("the function may do exactly this", () => {
  expect(rows(uploaderStatements(scope))).toEqual([
    "CreateAndReadObjects: Allow s3:GetObject s3:ListMultipartUploadParts s3:PutObject on arn:aws:s3:::traces-1/traces/*",
    "FindObjectsAndUploads: Allow s3:ListBucket s3:ListBucketMultipartUploads on arn:aws:s3:::traces-1",
    'ObjectsKey: Allow kms:Decrypt kms:GenerateDataKey on arn:aws:kms:eu-central-1:123456789012:key/1 if {"StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}',
    "ReadIdentity: Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-central-1:123456789012:secret:traces-AbCdEf",
    'IdentitysKey: Allow kms:Decrypt on arn:aws:kms:eu-central-1:123456789012:key/2 if {"StringEquals":{"kms:ViaService":"secretsmanager.eu-central-1.amazonaws.com"}}',
    "WriteLogs: Allow logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/traces:log-stream:*",
    "TellOfFailedRuns: Allow sqs:SendMessage on arn:aws:sqs:eu-central-1:123456789012:traces-dead-letters",
    `JoinTheNetwork: Allow ec2:CreateNetworkInterface on ${[interfaces, ...network].join(" ")}`,
    `KeepInterfaces: Allow ec2:AssignPrivateIpAddresses ec2:DeleteNetworkInterface ec2:UnassignPrivateIpAddresses on ${interfaces}`,
    'SeeTheNetwork: Allow ec2:DescribeNetworkInterfaces ec2:DescribeSubnets on * if {"StringEquals":{"aws:RequestedRegion":"eu-central-1"}}',
    'NotTheCodeItself: Deny ec2:CreateNetworkInterface ec2:AssignPrivateIpAddresses ec2:DeleteNetworkInterface ec2:UnassignPrivateIpAddresses ec2:DescribeNetworkInterfaces ec2:DescribeSubnets on * if {"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:eu-central-1:123456789012:function:traces"}}',
  ]);
});

test("no action is a pattern, and nothing deletes, replaces or hands on", () => {
  const actions = uploaderStatements(scope).flatMap((one: any) => [one.Action].flat());
  expect(actions.filter((action: string) => action.includes("*"))).toEqual([]);
  const wide = /^s3:(Delete|Abort|Bypass|PutBucket|PutObject.)|^iam:|PassRole/;
  expect(actions.filter((action: string) => wide.test(action))).toEqual([]);
});

test("no resource is a pattern but what lies below one bucket and one group of logs, and Lambda's interfaces", () => {
  const allowed = uploaderStatements(scope).filter(({ Effect }: any) => Effect === "Allow");
  const patterns = allowed.flatMap(({ Resource, Sid }: any) =>
    [Resource].flat().flatMap((one: string) => (one.includes("*") ? [`${Sid} ${one}`] : [])),
  );
  expect(patterns).toEqual([
    "CreateAndReadObjects arn:aws:s3:::traces-1/traces/*",
    `WriteLogs ${scope.logGroupArn}:log-stream:*`,
    `JoinTheNetwork ${interfaces}`,
    `KeepInterfaces ${interfaces}`,
    "SeeTheNetwork *",
  ]);
});

test("a bucket with a key of S3's needs none of ours; China's services have another domain", () => {
  const own = rows(uploaderStatements({ ...scope, bucketKeyArn: "" }));
  expect(own.filter((row) => row.startsWith("ObjectsKey"))).toEqual([]);
  const place = { ...scope.place, partition: "aws-cn", region: "cn-north-1" };
  const chinese = rows(uploaderStatements({ ...scope, place })).join("\n");
  expect(chinese).toContain('"kms:ViaService":"s3.cn-north-1.amazonaws.com.cn"');
});

test("the schedule may start this function and tell of what failed", () => {
  expect(rows(scheduleStatements(functionArn, scope.queueArn))).toEqual([
    "StartTheFunction: Allow lambda:InvokeFunction on arn:aws:lambda:eu-central-1:123456789012:function:traces",
    "TellOfFailedStarts: Allow sqs:SendMessage on arn:aws:sqs:eu-central-1:123456789012:traces-dead-letters",
  ]);
});

test("each role trusts one service, the schedule's for one group of one account", () => {
  expect(JSON.parse(functionTrust()).Statement).toEqual([
    {
      Action: "sts:AssumeRole",
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
    },
  ]);
  const group = arn("scheduler", "schedule-group/traces");
  expect(JSON.parse(scheduleTrust(group, "123456789012")).Statement).toEqual([
    {
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "aws:SourceAccount": "123456789012", "aws:SourceArn": group },
      },
      Effect: "Allow",
      Principal: { Service: "scheduler.amazonaws.com" },
    },
  ]);
});

test("the bucket takes nothing without TLS 1.2, and below the prefix nothing that replaces", () => {
  expect(rows(JSON.parse(bucketPolicy(bucketArn, "traces")).Statement)).toEqual([
    'OnlyTls: Deny s3:* on arn:aws:s3:::traces-1 arn:aws:s3:::traces-1/* if {"Bool":{"aws:SecureTransport":"false"}}',
    'OnlyTls12: Deny s3:* on arn:aws:s3:::traces-1 arn:aws:s3:::traces-1/* if {"NumericLessThan":{"s3:TlsVersion":"1.2"}}',
    'OnlyNewObjects: Deny s3:PutObject on arn:aws:s3:::traces-1/traces/* if {"Bool":{"s3:ObjectCreationOperation":"true"},"Null":{"s3:if-none-match":"true"}}',
  ]);
  expect(rows(JSON.parse(queuePolicy(scope.queueArn)).Statement)).toEqual([
    `OnlyTls: Deny sqs:* on ${scope.queueArn} if {"Bool":{"aws:SecureTransport":"false"}}`,
  ]);
});

test("the key is the account's, and CloudWatch's for one group", () => {
  const [account, logs] = JSON.parse(keyPolicy(scope.secretKeyArn, "/aws/lambda/traces")).Statement;
  expect(account.Principal).toEqual({ AWS: "arn:aws:iam::123456789012:root" });
  expect(logs).toMatchObject({
    Condition: { ArnEquals: { "kms:EncryptionContext:aws:logs:arn": scope.logGroupArn } },
    Principal: { Service: "logs.eu-central-1.amazonaws.com" },
  });
  expect(logs.Action.some((action: string) => action.includes("*"))).toBe(false);
});
