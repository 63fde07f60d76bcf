import * as pulumi from "@pulumi/pulumi";
import type { QueenUploads } from "./args";
import type { CommonPlan, UploadsPlan } from "./plan";

/** Environment variables of the uploader. */
export type UploaderEnvironment = Record<string, pulumi.Input<string>>;

/** What the uploader has of where it writes to. */
export interface StoreTarget {
  /** Bucket, or container of Blob Storage. */
  bucket: pulumi.Input<string>;
  /** URL of the store. Left out where the cloud's own is meant. */
  endpoint?: pulumi.Input<string> | undefined;
}

/** How a run is bounded: by the time that its function may take. */
export interface RunLimits {
  /** Seconds after which the function is ended. */
  timeLimitSeconds: number;
  /** Seconds before that at which nothing new is begun. */
  stopBeforeSeconds: number;
}

/**
 * Keeps what Node.js holds beside the parts of files small: few young objects, and an old space that V8 collects early, as it does where the
 * space is below 256 MiB. The longest lists that a run can have need a third of it.
 */
export const NODE_OPTIONS = "--max-semi-space-size=2 --max-old-space-size=96";

/** The variables that all uploaders have in common; `functions/trace-uploader/settings.ts` reads them. */
export function commonEnvironment(
  plan: CommonPlan,
  store: StoreTarget,
  limits: RunLimits,
): UploaderEnvironment {
  return {
    NODE_OPTIONS,
    ...(plan.tree !== undefined && { QUEEN_TREE: plan.tree }),
    ...(plan.user !== undefined && { QUEEN_USER: plan.user }),
    ...(plan.userId !== undefined && { QUEEN_USER_ID: String(plan.userId) }),
    STORE_BUCKET: store.bucket,
    ...(store.endpoint !== undefined && { STORE_ENDPOINT: store.endpoint }),
    STORE_PREFIX: plan.prefix,
    UPLOAD_SET_ASIDE_HOURS: String(plan.setAsideHours),
    UPLOAD_SETTLE_SECONDS: String(plan.settleSeconds),
    UPLOAD_STOP_BEFORE_SECONDS: String(limits.stopBeforeSeconds),
    UPLOAD_TIME_LIMIT_SECONDS: String(limits.timeLimitSeconds),
  };
}

/** The variables of a function outside the cluster: its identity, and whom it believes, is a secret of its cloud, which it reads in each run. */
export function queenEnvironment(
  { queen, queenPort }: UploadsPlan,
  identitySecret: pulumi.Input<string>,
): UploaderEnvironment {
  return {
    QUEEN_HOST: queen.host,
    QUEEN_IDENTITY_SECRET: identitySecret,
    QUEEN_PORT: String(queenPort),
    QUEEN_SERVER_NAME: queen.serverName,
  };
}

/**
 * What the secret holds: both halves of the identity in one, so that a rotation never shows one without the other, and Queen's
 * authorities, which while they change are more than Lambda takes as environment (4 KB).
 */
export function identitySecret(queen: QueenUploads): pulumi.Output<string> {
  const { caCertificate, clientCertificate, clientKey } = queen;
  const parts = { "ca.crt": caCertificate, "tls.crt": clientCertificate, "tls.key": clientKey };
  return pulumi.secret(pulumi.output(parts).apply((texts) => JSON.stringify(texts)));
}
