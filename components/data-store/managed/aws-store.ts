import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as kms from "@pulumi/aws/kms";
import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { logsKeyPolicy } from "../../cluster/aws/logs-key";
import { remakeable } from "../../shared/data-guard";
import { type DataStoreLogin, loginData } from "../secrets";

/** What the parts of a store on AWS have in common. */
export interface AwsStorePlan {
  /** The component's logical name. */
  name: string;
  /** Name in the cloud, and beginning of others there. */
  instanceName: string;
  deletionProtection: boolean;
  encryptionKey: pulumi.Input<string> | undefined;
  /** Names of the log groups, by the word of their logical names. */
  logGroups: Record<string, string>;
  logRetentionDays: number;
  tags: Record<string, string>;
}

/** The key of a store, its logs and its password, and what must be there before it is used. */
export interface AwsStoreKey {
  arn: pulumi.Output<string>;
  /** Empty for a key of the user's. */
  before: pulumi.Resource[];
}

/** Days until a deleted key or password is gone for good. */
const RECOVERY_DAYS = 30;

/** Creates the key, unless the user brings one. Without it neither data nor backups can be read, so it is guarded as they are. */
export function createAwsKey(
  plan: AwsStorePlan,
  options: pulumi.CustomResourceOptions,
): AwsStoreKey {
  const { encryptionKey, instanceName, logGroups, name, tags } = plan;
  if (encryptionKey !== undefined) return { arn: pulumi.output(encryptionKey), before: [] };
  const key = new kms.Key(
    `${name}-key`,
    {
      description: `Data, backups, logs and password of ${instanceName}`,
      enableKeyRotation: true,
      deletionWindowInDays: RECOVERY_DAYS,
      tags: { ...tags, Name: instanceName },
    },
    options,
  );
  new kms.Alias(
    `${name}-key`,
    { name: `alias/kvm-fabric/${instanceName}`, targetKeyId: key.keyId },
    options,
  );
  const policy = new kms.KeyPolicy(
    `${name}-key`,
    {
      keyId: key.keyId,
      policy: key.arn.apply((arn) =>
        logsKeyPolicy(arn, { sid: "LogsOfTheStore", groups: Object.values(logGroups) }),
      ),
    },
    options,
  );
  return { arn: key.arn, before: [policy] };
}

/** Creates the log groups before the store: RDS would make some that never forget and that no key of ours encrypts. */
export function createAwsLogGroups(
  { deletionProtection, logGroups, logRetentionDays, name, tags }: AwsStorePlan,
  key: AwsStoreKey,
  options: pulumi.CustomResourceOptions,
): cloudwatch.LogGroup[] {
  return Object.entries(logGroups).map(
    ([word, group]) =>
      new cloudwatch.LogGroup(
        `${name}-${word}`,
        {
          name: group,
          retentionInDays: logRetentionDays,
          kmsKeyId: key.arn,
          deletionProtectionEnabled: deletionProtection,
          tags: { ...tags, Name: group },
        },
        { ...options, dependsOn: key.before },
      ),
  );
}

/** Keeps the connection in Secrets Manager, under the keys that consumers in a cluster read; answers the secret's ARN. */
export function createAwsCredentials(
  { deletionProtection, instanceName, name, tags }: AwsStorePlan,
  key: AwsStoreKey,
  login: DataStoreLogin,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const secret = new secretsmanager.Secret(
    `${name}-credentials`,
    {
      name: `${instanceName}-credentials`,
      description: `How to reach ${instanceName}`,
      kmsKeyId: key.arn,
      recoveryWindowInDays: deletionProtection ? RECOVERY_DAYS : 0,
      tags: { ...tags, Name: instanceName },
    },
    options,
  );
  new secretsmanager.SecretVersion(
    `${name}-credentials`,
    {
      secretId: secret.arn,
      secretString: pulumi.secret(pulumi.jsonStringify(loginData(login))),
    },
    // Another login or certificate is another version.
    remakeable(options),
  );
  return secret.arn;
}
