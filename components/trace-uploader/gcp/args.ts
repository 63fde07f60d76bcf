import type { Input } from "@pulumi/pulumi";
import type { GcpNetworkRef } from "../../network/network-ref";
import type { ArchiveLifecycle, QueenUploads, UploadAlarms, UploadSettings } from "../args";

/** Arguments of {@link GcpTraceUploader}. */
export interface GcpTraceUploaderArgs {
  /**
   * The network that the function sends through: it must reach Queen, and its subnet must have Private Google Access, as
   * that of `GcpNetwork` has.
   */
  network: GcpNetworkRef;
  /** How Queen is reached, and who the uploader is to her. */
  queen: QueenUploads;
  /** Ranges in which Queen's load balancer is: nothing else of the network is reached. */
  queenCidrs: string[];
  /** When alerts are raised. Defaults to what {@link UploadAlarms} says. */
  alarms?: UploadAlarms;
  /**
   * Guards the bucket and the logs with Pulumi's `protect` and `retainOnDelete`; Cloud Storage itself refuses to delete a
   * bucket that is not empty. Switch it off and run `pulumi up` before a wanted destroy. Defaults to true.
   */
  deletionProtection?: boolean;
  /**
   * Id of the key of Cloud KMS that encrypts the bucket, as in
   * `projects/P/locations/L/keyRings/R/cryptoKeys/K`; it must let the project's agent of Cloud Storage use it. Defaults
   * to a key of Google's.
   */
  encryptionKeyId?: Input<string>;
  /** Writes to this bucket. Defaults to a bucket of its own. */
  existingBucketName?: Input<string>;
  /**
   * Ranges at which Google's APIs answer inside the network, to which its DNS then must lead `googleapis.com`: beside
   * Queen nothing else is reached. Defaults to Google's own for private networks, `199.36.153.8/30`
   * (private.googleapis.com), for which the network needs no DNS of its own: the function calls them there.
   */
  googleApisCidrs?: string[];
  /** Minutes between two runs: 5, 10, 15, 20, 30 or 60. Defaults to 15. */
  intervalMinutes?: number;
  /** Labels of everything that has any. Defaults to none beside `managed-by` and `part-of`. */
  labels?: Record<string, string>;
  /** How long the bucket keeps what; not with `existingBucketName`. Defaults to what {@link ArchiveLifecycle} says. */
  lifecycle?: ArchiveLifecycle;
  /** Days that logs are kept, 1 to 3650. Defaults to 90. */
  logRetentionDays?: number;
  /** Ids of notification channels that alerts are sent to. Defaults to none: they are seen in Monitoring alone. */
  notificationChannels?: Input<Input<string>[]>;
  /** Project. Defaults to the provider's. */
  project?: Input<string>;
  /** How files are moved. Defaults to what {@link UploadSettings} says. */
  settings?: UploadSettings;
}
