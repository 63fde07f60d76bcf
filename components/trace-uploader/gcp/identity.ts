import { IAMCustomRole } from "@pulumi/gcp/projects/iamcustomRole";
import { Secret } from "@pulumi/gcp/secretmanager/secret";
import { SecretIamMember } from "@pulumi/gcp/secretmanager/secretIamMember";
import { SecretVersion } from "@pulumi/gcp/secretmanager/secretVersion";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import { BucketIAMMember } from "@pulumi/gcp/storage/bucketIAMMember";
import * as pulumi from "@pulumi/pulumi";
import { identitySecret } from "../environment";
import { ARCHIVE_PERMISSIONS, UPLOADER_ROLES } from "./iam";
import type { GcpTraceUploaderPlan } from "./plan";

/** Whom the function runs as, and what must be there before it does. */
export interface UploaderIdentity {
  account: Account;
  grants: pulumi.Resource[];
  /** As the uploader reads it: the latest version. */
  secretVersionName: pulumi.Output<string>;
}

/** Creates a service account. */
export function createAccount(
  parent: pulumi.Resource,
  { name, project }: GcpTraceUploaderPlan,
  suffix: string,
  accountId: string,
  displayName: string,
): Account {
  return new Account(`${name}-${suffix}`, { accountId, displayName, project }, { parent });
}

/** Creates the account that the function runs as, with its two rights: on the bucket, and on its secret. */
export function createIdentity(
  parent: pulumi.Resource,
  plan: GcpTraceUploaderPlan,
  bucket: pulumi.Output<string>,
): UploaderIdentity {
  const { name, names, project } = plan;
  const account = createAccount(parent, plan, "run", names.runAccount, `Trace uploader ${name}`);
  const member = pulumi.interpolate`serviceAccount:${account.email}`;
  const role = new IAMCustomRole(
    `${name}-archive`,
    {
      description: "Creates objects and reads them; deletes and replaces none",
      permissions: [...ARCHIVE_PERMISSIONS],
      project,
      roleId: names.role,
      title: `Archive of ${names.function}`,
    },
    { parent },
  );
  const archive = new BucketIAMMember(
    `${name}-archive`,
    { bucket, member, role: role.name },
    { parent },
  );
  const { secret, version } = createSecret(parent, plan);
  const read = new SecretIamMember(
    `${name}-queen-identity`,
    { member, project, role: UPLOADER_ROLES.readIdentity, secretId: secret.secretId },
    { parent },
  );
  return {
    account,
    grants: [archive, read, version],
    secretVersionName: pulumi.interpolate`projects/${account.project}/secrets/${secret.secretId}/versions/latest`,
  };
}

function createSecret(
  parent: pulumi.Resource,
  { labels, name, network, project, queen }: GcpTraceUploaderPlan,
): { secret: Secret; version: SecretVersion } {
  const own = `${name}-queen-identity`;
  const secret = new Secret(
    own,
    {
      labels,
      project,
      replication: { userManaged: { replicas: [{ location: network.region }] } },
      secretId: own,
    },
    { parent },
  );
  const version = new SecretVersion(
    own,
    { secret: secret.id, secretData: identitySecret(queen) },
    { parent },
  );
  return { secret, version };
}
