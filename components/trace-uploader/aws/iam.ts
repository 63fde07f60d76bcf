import { type Arn, serviceSuffix } from "../../cluster/aws/arn";
import { allow, policyDocument, type Statement } from "../../shared/iam-statement";

/** What the function's permissions are confined to. */
export interface UploaderScope {
  /** ARN of the bucket. */
  bucketArn: string;
  /** ARN of the function. */
  functionArn: string;
  /** ARN of the bucket's key; empty where it is S3's own. */
  bucketKeyArn: string;
  /** ARN of the secret's key. */
  secretKeyArn: string;
  /** ARN of the group of the function's logs. */
  logGroupArn: string;
  /** Beginning of the objects' keys. */
  prefix: string;
  /** ARN of the queue of dead letters. */
  queueArn: string;
  /** ARN of the secret with the identity that Queen knows. */
  secretArn: string;
  /** Id of the function's security group. */
  securityGroupId: string;
  /** Ids of the subnets that the function stands in. */
  subnetIds: readonly string[];
  /** Account, partition and region. */
  place: Pick<Arn, "account" | "partition" | "region">;
}

/**
 * All that the function may do: create and read objects below one prefix of one bucket, never delete one; read its
 * secret; write its own logs; tell of a run that failed. What follows, on network interfaces, is for Lambda itself,
 * which acts in the function's name when it puts the function into subnets; the code of the function is denied it. Interfaces
 * are the one resource that is not named: Lambda makes them, and their ids are known only then.
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
export function uploaderStatements(scope: UploaderScope): object[] {
  return [...archiveStatements(scope), ...runStatements(scope), ...interfaceStatements(scope)];
}

function archiveStatements(scope: UploaderScope): Statement[] {
  const { bucketArn, bucketKeyArn, prefix } = scope;
  const objects = `${bucketArn}/${prefix}/*`;
  return [
    allow(
      "CreateAndReadObjects",
      ["s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
      objects,
    ),
    // Without it, S3 answers 403 and not 404 where there is no object; a condition on the prefix would do the same.
    allow("FindObjectsAndUploads", ["s3:ListBucket", "s3:ListBucketMultipartUploads"], bucketArn),
    ...(bucketKeyArn === "" ? [] : [keyStatement("ObjectsKey", bucketKeyArn, scope, "s3")]),
  ];
}

function runStatements(scope: UploaderScope): Statement[] {
  const { logGroupArn, queueArn, secretArn } = scope;
  return [
    allow("ReadIdentity", "secretsmanager:GetSecretValue", secretArn),
    keyStatement("IdentitysKey", scope.secretKeyArn, scope, "secretsmanager"),
    allow(
      "WriteLogs",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      `${logGroupArn}:log-stream:*`,
    ),
    allow("TellOfFailedRuns", "sqs:SendMessage", queueArn),
  ];
}

function keyStatement(
  sid: string,
  keyArn: string,
  { place }: UploaderScope,
  service: "s3" | "secretsmanager",
): Statement {
  const via = `${service}.${place.region}.${serviceSuffix(place.partition)}`;
  const actions = service === "s3" ? ["kms:Decrypt", "kms:GenerateDataKey"] : "kms:Decrypt";
  return allow(sid, actions, keyArn, { StringEquals: { "kms:ViaService": via } });
}

/** What Lambda does with its network interfaces, beside making them. */
const INTERFACE_ACTIONS = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:DeleteNetworkInterface",
  "ec2:UnassignPrivateIpAddresses",
];

const CREATE_INTERFACE = "ec2:CreateNetworkInterface";

/** Reading lists, for which EC2 knows no narrower resource. */
const INTERFACE_LISTS = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"];

function interfaceStatements(scope: UploaderScope): object[] {
  const { functionArn, securityGroupId, subnetIds } = scope;
  const { account, partition, region } = scope.place;
  const arnOf = (kind: string, id: string) =>
    `arn:${partition}:ec2:${region}:${account}:${kind}/${id}`;
  const interfaces = arnOf("network-interface", "*");
  return [
    allow("JoinTheNetwork", CREATE_INTERFACE, [
      interfaces,
      arnOf("security-group", securityGroupId),
      ...subnetIds.map((id) => arnOf("subnet", id)),
    ]),
    allow("KeepInterfaces", INTERFACE_ACTIONS, interfaces),
    allow("SeeTheNetwork", INTERFACE_LISTS, "*", {
      StringEquals: { "aws:RequestedRegion": region },
    }),
    {
      Sid: "NotTheCodeItself",
      Effect: "Deny",
      Action: [CREATE_INTERFACE, ...INTERFACE_ACTIONS, ...INTERFACE_LISTS],
      Resource: "*",
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } },
    },
  ];
}

/** What the schedule may do: start the function, and tell of a start that failed. */
export function scheduleStatements(functionArn: string, queueArn: string): Statement[] {
  return [
    allow("StartTheFunction", "lambda:InvokeFunction", functionArn),
    allow("TellOfFailedStarts", "sqs:SendMessage", queueArn),
  ];
}

/** Whom the function's role trusts: Lambda. */
export function functionTrust(): string {
  return trust("lambda.amazonaws.com");
}

/**
 * Whom the schedule's role trusts: the schedules of one group of one account.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 */
export function scheduleTrust(groupArn: string, account: string): string {
  return trust("scheduler.amazonaws.com", {
    StringEquals: { "aws:SourceAccount": account, "aws:SourceArn": groupArn },
  });
}

function trust(service: string, condition?: object): string {
  return policyDocument([
    {
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sts:AssumeRole",
      ...(condition && { Condition: condition }),
    },
  ]);
}

/**
 * Policy of the bucket, for whoever comes: TLS 1.2 or newer, and below the prefix nothing but objects that were not
 * there before, so that not even the uploader's own identity replaces one.
 * Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-HTTP-HTTPS
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function bucketPolicy(bucketArn: string, prefix: string): string {
  const deny = { Effect: "Deny", Principal: "*" };
  const everything = { Action: "s3:*", Resource: [bucketArn, `${bucketArn}/*`] };
  return policyDocument([
    {
      ...{ Sid: "OnlyTls", ...deny, ...everything },
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      ...{ Sid: "OnlyTls12", ...deny, ...everything },
      Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
    },
    {
      ...{ Sid: "OnlyNewObjects", ...deny },
      Action: "s3:PutObject",
      Resource: `${bucketArn}/${prefix}/*`,
      Condition: {
        Bool: { "s3:ObjectCreationOperation": "true" },
        Null: { "s3:if-none-match": "true" },
      },
    },
  ]);
}

/** Policy of the queue: nobody does anything without TLS. Who may write to it, the roles say. */
export function queuePolicy(queueArn: string): string {
  return policyDocument([
    {
      Sid: "OnlyTls",
      Effect: "Deny",
      Principal: "*",
      Action: "sqs:*",
      Resource: queueArn,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
}
