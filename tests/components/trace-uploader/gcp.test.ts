import type { GcpTraceUploaderArgs } from "../../../components/trace-uploader/gcp/args";
import { GcpTraceUploader } from "../../../components/trace-uploader/gcp/gcp-trace-uploader";
import { readSettings, Target } from "../../../functions/trace-uploader/settings";
import { deploy, find, isSecret, redact, reveal, tree } from "../../support/deploy";
import { gcpLeast, CERTIFICATE, KEY } from "../../unit/components/trace-uploader/least";
import { outputsOf } from "./outputs";

jest.mock("../../../components/trace-uploader/bundle", () => ({
  ...jest.requireActual("../../../components/trace-uploader/bundle"),
  readBundle: () => jest.requireActual("../../unit/components/trace-uploader/least").BUNDLE,
}));

const run = (args: Partial<GcpTraceUploaderArgs> = {}, options = {}) =>
  deploy(() => new GcpTraceUploader("traces", { ...gcpLeast, ...args }), { outputsOf, ...options });
const FUNCTION = "gcp:cloudfunctionsv2/function:Function";
const BUCKET = "gcp:storage/bucket:Bucket";

const ALWAYS = [
  "gcp:artifactregistry/repository:Repository traces-images < traces",
  "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember traces-build-images < traces",
  "gcp:cloudfunctionsv2/function:Function traces < traces",
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember traces-start < traces",
  "gcp:cloudscheduler/job:Job traces < traces",
  "gcp:compute/firewall:Firewall traces-to-apis < traces",
  "gcp:compute/firewall:Firewall traces-to-nothing < traces",
  "gcp:compute/firewall:Firewall traces-to-nothing-v6 < traces",
  "gcp:compute/firewall:Firewall traces-to-queen < traces",
  "gcp:logging/metric:Metric traces-errors < traces",
  "gcp:logging/metric:Metric traces-failures < traces",
  "gcp:logging/metric:Metric traces-oldest-file < traces",
  "gcp:logging/metric:Metric traces-set-aside < traces",
  "gcp:logging/projectBucketConfig:ProjectBucketConfig traces-logs < traces",
  "gcp:logging/projectSink:ProjectSink traces-logs < traces",
  "gcp:monitoring/alertPolicy:AlertPolicy traces-dead-letters < traces",
  "gcp:monitoring/alertPolicy:AlertPolicy traces-errors < traces",
  "gcp:monitoring/alertPolicy:AlertPolicy traces-failures < traces",
  "gcp:monitoring/alertPolicy:AlertPolicy traces-oldest-file < traces",
  "gcp:monitoring/alertPolicy:AlertPolicy traces-set-aside < traces",
  "gcp:projects/iAMCustomRole:IAMCustomRole traces-archive < traces",
  "gcp:projects/iAMMember:IAMMember traces-build-logs < traces",
  "gcp:projects/serviceIdentity:ServiceIdentity traces-pubsub-agent < traces",
  "gcp:pubsub/subscription:Subscription traces-dead-letters < traces",
  "gcp:pubsub/subscription:Subscription traces-starts < traces",
  "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember traces-starts < traces",
  "gcp:pubsub/topic:Topic traces-dead-letters < traces",
  "gcp:pubsub/topic:Topic traces-starts < traces",
  "gcp:pubsub/topicIAMMember:TopicIAMMember traces-dead-letters < traces",
  "gcp:secretmanager/secret:Secret traces-queen-identity < traces",
  "gcp:secretmanager/secretIamMember:SecretIamMember traces-queen-identity < traces",
  "gcp:secretmanager/secretVersion:SecretVersion traces-queen-identity < traces",
  "gcp:serviceaccount/account:Account traces-build < traces",
  "gcp:serviceaccount/account:Account traces-run < traces",
  "gcp:serviceaccount/account:Account traces-start < traces",
  "gcp:storage/bucket:Bucket traces-code < traces",
  "gcp:storage/bucketIAMMember:BucketIAMMember traces-archive < traces",
  "gcp:storage/bucketIAMMember:BucketIAMMember traces-build-code < traces",
  "gcp:storage/bucketObject:BucketObject traces-code < traces",
  "kvm-fabric:index:GcpTraceUploader traces < stack",
];
const ARCHIVE = "gcp:storage/bucket:Bucket traces-traces < traces";

test("makes exactly its resources, the same where nothing is known yet", async () => {
  const known = await run();
  expect(tree(known)).toEqual([...ALWAYS, ARCHIVE].sort());
  expect(tree(await run({}, { preview: true }))).toEqual(tree(known));
  expect(known.outputs.get("traces")).toEqual({
    bucketName: "traces-traces-made",
    deadLetterSubscription: "traces-dead-letters",
    functionName: "traces",
    startTopic: "traces-starts",
  });
  const mine = await run({ existingBucketName: "mine", googleApisCidrs: ["199.36.153.8/30"] });
  expect(tree(mine)).toEqual([...ALWAYS].sort());
});

test("the function is one instance of Node.js 22 for one start at a time, with what the uploader reads", async () => {
  const { inputs, dependsOn } = find(await run(), FUNCTION, "traces");
  expect(inputs.buildConfig).toMatchObject({
    dockerRepository: "traces-images-id",
    entryPoint: "uploadTraces",
    runtime: "nodejs22",
    serviceAccount: "traces-build-id",
    source: {
      storageSource: { bucket: "traces-code-made", object: "0123456789abcdef.zip" },
    },
  });
  expect(inputs.serviceConfig).toMatchObject({
    directVpcEgress: "VPC_EGRESS_ALL_TRAFFIC",
    directVpcNetworkInterfaces: [
      {
        network: "projects/p/global/networks/fabric",
        subnetwork: "projects/p/regions/europe-west1/subnetworks/fabric",
        tags: ["traces-uploader"],
      },
    ],
    ingressSettings: "ALLOW_INTERNAL_ONLY",
    maxInstanceCount: 1,
    maxInstanceRequestConcurrency: 1,
    serviceAccountEmail: "traces-run@fabric-123456.iam.gserviceaccount.com",
    timeoutSeconds: 540,
  });
  const settings = readSettings(Target.CloudRun, inputs.serviceConfig.environmentVariables);
  expect(settings).toMatchObject({
    queen: {
      host: "queen.fabric.example",
      identity: {
        secret: "projects/fabric-123456/secrets/traces-queen-identity/versions/latest",
      },
    },
    store: {
      addresses: ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"],
      bucket: "traces-traces-made",
      prefix: "traces",
    },
    upload: { timeLimitSeconds: 540, stopBeforeSeconds: 45 },
  });
  expect(dependsOn).toEqual(
    expect.arrayContaining(["traces-archive", "traces-build-logs", "traces-to-queen"]),
  );
});

test("each right is on one resource, and exactly these are given", async () => {
  const { resources } = await run();
  const members = resources.filter(({ type }) => /iam_?member$/i.test(type));
  const rows = members.map(({ inputs }) => {
    const { bucket, name, project, repository, secretId, subscription, topic } = inputs;
    const on = bucket ?? secretId ?? repository ?? subscription ?? topic ?? name ?? project;
    return `${inputs.member.replace(/serviceAccount:([^@]+)@.*/, "$1")} ${inputs.role} ${on}`;
  });
  expect(rows.sort()).toEqual([
    "service-7 roles/pubsub.publisher traces-dead-letters",
    "service-7 roles/pubsub.subscriber traces-starts",
    "traces-build roles/artifactregistry.writer traces-images",
    "traces-build roles/logging.logWriter fabric-123456",
    "traces-build roles/storage.objectViewer traces-code-made",
    "traces-run projects/fabric-123456/roles/traces_archive traces-traces-made",
    "traces-run roles/secretmanager.secretAccessor traces-queen-identity",
    "traces-start roles/run.invoker traces",
  ]);
  const role = resources.find(({ type }) => type.includes("CustomRole"));
  expect(role?.inputs.permissions).toEqual([
    "storage.objects.create",
    "storage.objects.get",
    "storage.objects.list",
  ]);
});

test("the key is a secret wherever it goes, and nothing else has it", async () => {
  const deployment = await run();
  const type = "gcp:secretmanager/secretVersion:SecretVersion";
  const { secretData } = find(deployment, type, "traces-queen-identity").inputs;
  expect(isSecret(secretData)).toBe(true);
  expect(JSON.parse(reveal(secretData))).toEqual({
    "ca.crt": CERTIFICATE,
    "tls.crt": CERTIFICATE,
    "tls.key": KEY,
  });
  const open = deployment.resources.map(({ inputs, type: kind }) =>
    kind.startsWith("kvm-fabric:") ? {} : redact(inputs),
  );
  expect(JSON.stringify(open)).not.toContain("PRIVATE KEY");
});

test("all goes through the network, where Queen is reached, Google's APIs, and nothing else of either protocol", async () => {
  const rules = async (args = {}) =>
    (await run(args)).resources
      .filter(({ type }) => type.endsWith(":Firewall"))
      .map(({ inputs }) => {
        const { allows = [], denies = [], destinationRanges, direction, priority } = inputs;
        expect([direction, inputs.targetTags]).toEqual(["EGRESS", ["traces-uploader"]]);
        const what = denies.length > 0 ? "deny" : allows[0].ports.join();
        return `${priority} ${what} ${destinationRanges.join()}`;
      })
      .sort();
  const nothing = ["1100 deny 0.0.0.0/0", "1100 deny ::/0"];
  expect(await rules()).toEqual(["1000 443 199.36.153.8/30", "1000 564 10.0.0.0/20", ...nothing]);
  const apis = { googleApisCidrs: ["10.0.9.0/32"] };
  expect(await rules(apis)).toEqual(["1000 443 10.0.9.0/32", "1000 564 10.0.0.0/20", ...nothing]);
  const { serviceConfig } = find(await run(apis), FUNCTION, "traces").inputs;
  expect(serviceConfig.directVpcEgress).toBe("VPC_EGRESS_ALL_TRAFFIC");
  // There the network's own DNS leads to them.
  expect(serviceConfig.environmentVariables).not.toHaveProperty("STORE_ADDRESSES");
});

test("buckets are closed and versioned, the archive tidied and, by argument, encrypted with one's own key", async () => {
  const encryptionKeyId = "projects/p/locations/l/keyRings/r/cryptoKeys/k";
  const deployment = await run({ encryptionKeyId, lifecycle: { noncurrentDays: 30 } });
  for (const name of ["traces-traces", "traces-code"]) {
    expect(find(deployment, BUCKET, name).inputs).toMatchObject({
      forceDestroy: false,
      publicAccessPrevention: "enforced",
      uniformBucketLevelAccess: true,
      versioning: { enabled: true },
    });
  }
  expect(find(deployment, BUCKET, "traces-traces").inputs).toMatchObject({
    encryption: { defaultKmsKeyName: encryptionKeyId },
    lifecycleRules: [
      { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } },
      {
        action: { type: "Delete" },
        condition: { daysSinceNoncurrentTime: 30, withState: "ARCHIVED" },
      },
      {
        action: { type: "Delete" },
        condition: { age: 2, matchesPrefixes: ["traces/.set-aside/"] },
      },
      {
        action: { type: "Delete" },
        condition: { age: 8, matchesPrefixes: ["traces/.uploads/"] },
      },
      {
        action: { type: "SetStorageClass", storageClass: "NEARLINE" },
        condition: { age: 30, matchesStorageClasses: ["STANDARD"] },
      },
    ],
  });
  const never = find(await run({ lifecycle: { transitionDays: 0 } }), BUCKET, "traces-traces");
  expect(never.inputs.lifecycleRules).toHaveLength(4);
  expect(never.inputs.encryption).toBeUndefined();
});

test("starts go through Pub/Sub, and what fails five times is kept", async () => {
  const deployment = await run({ intervalMinutes: 60 });
  const subscription = "gcp:pubsub/subscription:Subscription";
  const { inputs, dependsOn } = find(deployment, subscription, "traces-starts");
  expect(inputs).toMatchObject({
    ackDeadlineSeconds: 600,
    deadLetterPolicy: { deadLetterTopic: "traces-dead-letters-id", maxDeliveryAttempts: 5 },
    pushConfig: {
      oidcToken: {
        audience: "https://traces.a.run.app",
        serviceAccountEmail: "traces-start@fabric-123456.iam.gserviceaccount.com",
      },
      pushEndpoint: "https://traces.a.run.app",
    },
    topic: "traces-starts-id",
  });
  expect(dependsOn).toEqual(expect.arrayContaining(["traces-start", "traces-dead-letters"]));
  const job = find(deployment, "gcp:cloudscheduler/job:Job", "traces");
  expect(job.inputs).toMatchObject({
    pubsubTarget: { topicName: "traces-starts-id" },
    schedule: "0 * * * *",
    timeZone: "Etc/UTC",
  });
  expect(job.dependsOn).toContain("traces-starts");
});

test("metrics are read off the report, and each alert goes to the channels", async () => {
  const deployment = await run({ notificationChannels: ["projects/p/notificationChannels/1"] });
  const metric = (name: string) =>
    find(deployment, "gcp:logging/metric:Metric", `traces-${name}`).inputs;
  const service = 'resource.type="cloud_run_revision" AND resource.labels.service_name="traces"';
  expect(metric("oldest-file")).toMatchObject({
    bucketOptions: { explicitBuckets: { bounds: [7200, 14_400] } },
    filter: `${service} AND jsonPayload.message="trace upload" AND jsonPayload.oldestAgeSeconds>=0`,
    valueExtractor: "EXTRACT(jsonPayload.oldestAgeSeconds)",
  });
  // A run that cannot reach Queen or the store has no report, or one without failures.
  expect(metric("errors")).toMatchObject({
    filter: `${service} AND severity>=ERROR`,
    metricDescriptor: { metricKind: "DELTA", valueType: "INT64" },
  });
  const alerts = deployment.resources.filter(({ type }) => type.endsWith(":AlertPolicy"));
  const queries = alerts.map(({ inputs }) => {
    expect(inputs.notificationChannels).toEqual(["projects/p/notificationChannels/1"]);
    return inputs.conditions[0].conditionPrometheusQueryLanguage.query;
  });
  const run45 = (name: string) =>
    `increase(logging_googleapis_com:user_traces_${name}{monitored_resource="cloud_run_revision"}[45m])`;
  expect(queries.sort()).toEqual([
    `histogram_quantile(0.99, sum by (le) (${run45("oldest_file_bucket")})) > 7200 or (sum(${run45("oldest_file_count")}) or vector(0)) == 0`,
    `max(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource="pubsub_subscription",subscription_id="traces-dead-letters"}) > 0`,
    `sum(${run45("errors")}) > 0`,
    `sum(${run45("failures_sum")}) > 0`,
    `sum(${run45("set_aside_sum")}) > 0`,
  ]);
});

test("bucket and logs are guarded, by default, and kept as long as is said", async () => {
  const guarded = async (args = {}) =>
    (await run(args)).resources
      .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
      .map(({ name }) => name)
      .sort();
  expect(await guarded()).toEqual(["traces-logs", "traces-traces"]);
  expect(await guarded({ deletionProtection: false })).toEqual([]);
  const type = "gcp:logging/projectBucketConfig:ProjectBucketConfig";
  expect(find(await run(), type, "traces-logs").inputs).toMatchObject({
    project: "fabric-123456",
    retentionDays: 90,
  });
});
