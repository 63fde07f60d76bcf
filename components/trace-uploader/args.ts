import type { Input } from "@pulumi/pulumi";

/**
 * How an uploader outside the cluster reaches Queen: by the private load balancer of her uploads, with an identity that
 * is handed to it, since it reads no Secret of the cluster. In the cluster, `QueenRef` is what an uploader takes.
 */
export interface QueenUploads {
  /** The certificates (PEM, public) of the authorities that Queen's own certificate may be signed by. */
  caCertificate: Input<string>;
  /** The uploader's certificate (PEM), with the intermediate ones, if any. Kept in the cloud's secret store. */
  clientCertificate: Input<string>;
  /** The private key (PEM) of that certificate. Kept in the cloud's secret store, and secret in Pulumi's state. */
  clientKey: Input<string>;
  /** The host that is called: an address, or a name that the function's network resolves. */
  host: Input<string>;
  /** The name in Queen's certificate. */
  serverName: Input<string>;
  /** The port that is called. Defaults to 564. */
  port?: number;
}

/** How files are moved, the same for every cloud. */
export interface UploadSettings {
  /** Beginning of the keys of all objects, without a slash at either end. Defaults to "traces". */
  prefix?: string;
  /** Hours for which a file that fails by itself is left alone, 1 to 720. Defaults to 24. */
  setAsideHours?: number;
  /** Seconds for which a file must not have changed before it is moved, 1 to 3600. Defaults to 10. */
  settleSeconds?: number;
  /** The tree that is asked for when 9P is begun (`aname`), for a Queen that serves it under a name. Defaults to her only one. */
  tree?: string;
  /** The user's name in 9P. Defaults to "uploader". */
  user?: string;
  /** The user's number in 9P, 0 to 4294967294, for a Queen that goes by it. Defaults to none. */
  userId?: number;
}

/** How long the archive keeps what, in days. */
export interface ArchiveLifecycle {
  /** Days until parts of an upload that nobody finished are removed, 1 to 30. Defaults to 7. */
  abortIncompleteDays?: number;
  /** Days for which replaced and deleted versions are kept, 1 to 3650. Defaults to 90. */
  noncurrentDays?: number;
  /** Days after which objects move to the cheaper class for rare reads, 30 to 3650; 0 for never. Defaults to 30. */
  transitionDays?: number;
}

/** When somebody is told that traces are not moved. */
export interface UploadAlarms {
  /** Age in minutes of the oldest file that waits, above which the alarm is raised, 10 to 10080. Defaults to 120. */
  oldestFileMinutes?: number;
}
