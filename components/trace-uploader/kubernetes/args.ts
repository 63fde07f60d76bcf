import type { Input } from "@pulumi/pulumi";
import type { QueenRef } from "../../queen/queen-ref";
import type { UploadAlarms, UploadSettings } from "../args";

/** How an upload is confirmed before its file is removed. */
export const UploadVerification = {
  /** By the SHA-256 that the store itself computes of what it got, as S3 does. */
  Checksum: "checksum",
  /** By reading all of it back: for stores that keep no checksum. */
  ReadBack: "read-back",
} as const;
/** See the members of the constant of the same name. */
export type UploadVerification = (typeof UploadVerification)[keyof typeof UploadVerification];

/** A store that speaks the protocol of S3. */
export interface TraceStore {
  /** Name of the bucket. */
  bucket: Input<string>;
  /** The certificate (PEM) of an authority that signed the store's certificate. Defaults to the public ones alone. */
  caCertificate?: Input<string>;
  /** Ranges in which the store is, for the egress policy. Defaults to every public address, unless `podLabels` is given. */
  cidrs?: string[];
  /**
   * Name of a Secret in the namespace: its keys `access-key-id` and `secret-access-key` sign requests. Defaults to none:
   * the service account is known to the store, by `serviceAccountAnnotations` or EKS Pod Identity.
   */
  credentialsSecretName?: Input<string>;
  /** URL of the store, over TLS. Defaults to S3 itself, in `region`. */
  endpoint?: Input<string>;
  /** Namespace of the store's pods, for the egress policy; with `podLabels`. Defaults to the uploader's own. */
  namespace?: Input<string>;
  /** Whether the bucket is in the path rather than in the host's name. Defaults to true where `endpoint` is given. */
  pathStyle?: boolean;
  /** Labels of the store's pods, where it is in the cluster. Defaults to none. */
  podLabels?: Record<string, string>;
  /** The port that is called; of pods, their own. Defaults to 443. */
  port?: number;
  /** Region. Defaults to "us-east-1", which stores other than S3 take. */
  region?: Input<string>;
  /** How an upload is confirmed. Defaults to `UploadVerification.Checksum`. */
  verification?: UploadVerification;
}

/** What a run is given of its node. */
export interface UploaderResources {
  /** CPU that is kept free, as in `500m`. Defaults to "100m". */
  cpu?: string;
  /** Memory that is kept free and at most used, as in `1Gi`. Defaults to "256Mi". */
  memory?: string;
}

/** Arguments of {@link TraceUploader}. */
export interface TraceUploaderArgs {
  /** Image with Node.js 22, by digest; nothing else of it is used. */
  image: string;
  /** Namespace; Pod Security level `restricted` is enough. */
  namespace: Input<string>;
  /** How Queen is reached, as `queenRef(queen, "uploader")` says: the client's role is `QueenRole.Uploader`. */
  queen: QueenRef;
  /** The store that is written to. */
  store: TraceStore;
  /** When runs fail for the age of the oldest file, and with `prometheusRule` alarms are raised. Defaults to what {@link UploadAlarms} says. */
  alarms?: UploadAlarms;
  /** Minutes between two runs: 5, 10, 15, 20, 30 or 60. Defaults to 15. */
  intervalMinutes?: number;
  /** Lets pods reach the agent of EKS Pod Identity. Defaults to false. */
  podIdentity?: boolean;
  /** PriorityClass of the pods. Defaults to none. */
  priorityClassName?: Input<string>;
  /**
   * Creates a PrometheusRule; the cluster must know that kind, and kube-state-metrics must run. Defaults to false: the one
   * line of JSON that each run logs says the same and more.
   */
  prometheusRule?: boolean;
  /** Ranges in which Queen is, for the egress policy, where she is outside the cluster. Defaults to none. */
  queenCidrs?: string[];
  /** What a run is given of its node. Defaults to what {@link UploaderResources} says. */
  resources?: UploaderResources;
  /** Annotations of the service account, by which a cloud knows it, as in `eks.amazonaws.com/role-arn`. Defaults to none. */
  serviceAccountAnnotations?: Record<string, string>;
  /** How files are moved. Defaults to what {@link UploadSettings} says. */
  settings?: UploadSettings;
  /** Seconds that a run may take, 120 to 86000; what is left is the next run's. Defaults to 3000. */
  timeLimitSeconds?: number;
}
