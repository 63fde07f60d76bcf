import type { AwsTraceUploaderArgs } from "../../../components/trace-uploader/aws/args";
import type { AzureTraceUploaderArgs } from "../../../components/trace-uploader/azure/args";
import type { GcpTraceUploaderArgs } from "../../../components/trace-uploader/gcp/args";
import {
  type TraceUploaderArgs,
  UploadVerification,
} from "../../../components/trace-uploader/kubernetes/args";
import {
  awsLeast,
  azureLeast,
  CERTIFICATE,
  gcpLeast,
  kubernetesLeast,
} from "../../unit/components/trace-uploader/least";

const common = {
  alarms: { oldestFileMinutes: 60 },
  intervalMinutes: 30,
  settings: {
    ...{ prefix: "fabric", setAsideHours: 48, settleSeconds: 20 },
    ...{ tree: "/disk/uploads", user: "root", userId: 0 },
  },
};
const lifecycle = { abortIncompleteDays: 3, noncurrentDays: 30, transitionDays: 60 };
const tags = { team: "fabric" };
const group = "/subscriptions/s/resourceGroups/g/providers";

/** What brings as many resources and properties of an uploader along as go together. */
export const awsWhole: AwsTraceUploaderArgs = {
  ...awsLeast,
  ...common,
  alarmTopicArn: "arn:aws:sns:eu-central-1:123456789012:alarms",
  deletionProtection: false,
  encryptionKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1",
  endpointCidrs: ["10.0.1.0/24"],
  lifecycle,
  logRetentionDays: 365,
  queenCidrs: ["10.0.2.0/24", "10.0.3.0/24"],
  tags,
};

export const gcpWhole: GcpTraceUploaderArgs = {
  ...gcpLeast,
  ...common,
  deletionProtection: false,
  encryptionKeyId: "projects/p/locations/l/keyRings/r/cryptoKeys/k",
  googleApisCidrs: ["199.36.153.8/30"],
  labels: tags,
  lifecycle,
  logRetentionDays: 365,
  notificationChannels: ["projects/p/notificationChannels/1"],
  project: "p",
};

export const azureWhole: AzureTraceUploaderArgs = {
  ...azureLeast,
  ...common,
  actionGroupId: `${group}/Microsoft.Insights/actionGroups/ops`,
  deletionProtection: false,
  lifecycle,
  logRetentionDays: 365,
  maxInstances: 40,
  resourceGroupName: "traces",
  tags,
};

export const kubernetesWhole: TraceUploaderArgs = {
  ...kubernetesLeast,
  ...common,
  podIdentity: true,
  priorityClassName: "mine",
  prometheusRule: true,
  resources: { cpu: "1", memory: "512Mi" },
  serviceAccountAnnotations: { "eks.amazonaws.com/role-arn": "role" },
  store: {
    bucket: "traces",
    caCertificate: CERTIFICATE,
    cidrs: ["10.8.0.0/24"],
    credentialsSecretName: "store",
    endpoint: "https://s3.example:9000",
    pathStyle: true,
    port: 9000,
    region: "eu-central-1",
    verification: UploadVerification.ReadBack,
  },
  timeLimitSeconds: 600,
};
