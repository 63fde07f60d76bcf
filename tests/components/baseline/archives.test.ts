import { AwsTraceUploader } from "../../../components/trace-uploader/aws/aws-trace-uploader";
import { AzureTraceUploader } from "../../../components/trace-uploader/azure/azure-trace-uploader";
import { GcpTraceUploader } from "../../../components/trace-uploader/gcp/gcp-trace-uploader";
import { awsLeast, azureLeast, gcpLeast } from "../../unit/components/trace-uploader/least";
import { outputsOf } from "../trace-uploader/outputs";
import { is, rulesOf, some, testRules } from "./rules";
import { recorded } from "./stacks";

const stackOf = (make: () => unknown) => () => recorded(make, { outputsOf });

const BLOCK = "BucketPublicAccessBlock";
const LAMBDA = "Function";
const key = (arn: unknown) => String(arn).startsWith("arn:aws:kms:");

describe("on AWS", () => {
  testRules(
    rulesOf([
      ["CKV_AWS_53", "no public ACLs", BLOCK, "blockPublicAcls", is(true), false],
      ["CKV_AWS_54", "no public policy", BLOCK, "blockPublicPolicy", is(true), false],
      ["CKV_AWS_55", "public ACLs mean nothing", BLOCK, "ignorePublicAcls", is(true), false],
      ["CKV_AWS_56", "no public buckets", BLOCK, "restrictPublicBuckets", is(true), false],
      [
        "CKV_AWS_21",
        "versions",
        "BucketVersioning",
        "versioningConfiguration.status",
        is("Enabled"),
        "Suspended",
      ],
      [
        "CKV_AWS_145",
        "a key of one's own",
        "BucketServerSideEncryptionConfiguration",
        "rules",
        (rules) => key(rules?.[0]?.applyServerSideEncryptionByDefault?.kmsMasterKeyId),
        [],
      ],
      [
        "CKV_AWS_300",
        "uploads that nobody finishes end",
        "BucketLifecycleConfiguration",
        "rules",
        (rules) => rules?.some((rule: any) => rule.abortIncompleteMultipartUpload !== undefined),
        [],
      ],
      [
        "CKV2_AWS_65",
        "no ACLs at all",
        "BucketOwnershipControls",
        "rule.objectOwnership",
        is("BucketOwnerEnforced"),
        "ObjectWriter",
      ],
      ["CKV_AWS_115", "bounded concurrency", LAMBDA, "reservedConcurrentExecutions", is(1), -1],
      ["CKV_AWS_117", "inside a VPC", LAMBDA, "vpcConfig.subnetIds", some, []],
      [
        "CKV_AWS_116",
        "a queue of dead letters",
        "FunctionEventInvokeConfig",
        "destinationConfig.onFailure.destination",
        some,
        "",
      ],
      ["CKV_AWS_149", "secrets by a key of one's own", "Secret", "kmsKeyId", key, undefined],
      ["CKV_AWS_158", "logs by a key of one's own", "LogGroup", "kmsKeyId", key, undefined],
      ["CKV_AWS_66", "logs are kept", "LogGroup", "retentionInDays", (days) => days >= 90, 0],
      ["CKV_AWS_27", "queues are encrypted", "Queue", "sqsManagedSseEnabled", is(true), false],
      ["CKV_AWS_7", "keys rotate", "Key", "enableKeyRotation", is(true), false],
    ]),
    stackOf(() => new AwsTraceUploader("traces", awsLeast)),
  );
});

describe("on Google Cloud", () => {
  testRules(
    rulesOf([
      [
        "CKV_GCP_114",
        "never public",
        "Bucket",
        "publicAccessPrevention",
        is("enforced"),
        "inherited",
      ],
      ["CKV_GCP_29", "rights of the bucket", "Bucket", "uniformBucketLevelAccess", is(true), false],
      ["CKV_GCP_78", "versions", "Bucket", "versioning.enabled", is(true), false],
      [
        "CKV_GCP_124",
        "called from inside alone",
        "Function",
        "serviceConfig.ingressSettings",
        is("ALLOW_INTERNAL_ONLY"),
        "ALLOW_ALL",
      ],
    ]),
    stackOf(() => new GcpTraceUploader("traces", gcpLeast)),
  );
});

const ACCOUNT = "StorageAccount";
describe("on Azure", () => {
  testRules(
    [
      ...rulesOf([
        ["CKV_AZURE_44", "TLS 1.2", ACCOUNT, "minimumTlsVersion", is("TLS1_2"), "TLS1_0"],
        ["CKV_AZURE_3", "TLS alone", ACCOUNT, "enableHttpsTrafficOnly", is(true), false],
        ["CKV_AZURE_190", "nothing public", ACCOUNT, "allowBlobPublicAccess", is(false), true],
        [
          "CKV_AZURE_34",
          "no public containers",
          "BlobContainer",
          "publicAccess",
          is("None"),
          "Blob",
        ],
        [
          "CKV2_AZURE_38",
          "blobs come back",
          "BlobServiceProperties",
          "deleteRetentionPolicy.enabled",
          is(true),
          false,
        ],
        ["CKV_AZURE_110", "no purge", "Vault", "properties.enablePurgeProtection", is(true), false],
        [
          "CKV_AZURE_109",
          "closed but to some",
          "Vault",
          "properties.networkAcls.defaultAction",
          is("Deny"),
          "Allow",
        ],
        [
          "CKV_AZURE_221",
          "nobody calls it",
          "WebApp",
          "publicNetworkAccess",
          is("Disabled"),
          "Enabled",
        ],
        ["CKV_AZURE_14", "TLS alone", "WebApp", "httpsOnly", is(true), false],
      ]),
      // The host's account, in which no trace ever is, is recorded in policy/exceptions.ts.
      ...rulesOf(
        [
          ["CKV2_AZURE_40", "no keys", ACCOUNT, "allowSharedKeyAccess", is(false), true],
          [
            "CKV_AZURE_35",
            "closed but to some",
            ACCOUNT,
            "networkRuleSet.defaultAction",
            is("Deny"),
            "Allow",
          ],
        ],
        ["traces-traces"],
      ),
    ],
    stackOf(() => new AzureTraceUploader("traces", azureLeast)),
  );
});
