import type { TraceUploaderArgs } from "../../../components/trace-uploader/kubernetes/args";
import { TraceUploader } from "../../../components/trace-uploader/kubernetes/trace-uploader";
import { readSettings, Target } from "../../../functions/trace-uploader/settings";
import { deploy, find, tree } from "../../support/deploy";
import { CERTIFICATE, IMAGE, kubernetesLeast } from "../../unit/components/trace-uploader/least";

jest.mock("../../../components/trace-uploader/bundle", () => ({
  ...jest.requireActual("../../../components/trace-uploader/bundle"),
  readBundle: () => jest.requireActual("../../unit/components/trace-uploader/least").BUNDLE,
}));

const run = (args: Partial<TraceUploaderArgs> = {}, options = {}) =>
  deploy(() => new TraceUploader("traces", { ...kubernetesLeast, ...args }), {
    outputsOf: (_, __, { metadata }) => ({ metadata }),
    ...options,
  });
const CRON_JOB = "kubernetes:batch/v1:CronJob";

const TREE = [
  "kubernetes:batch/v1:CronJob traces < traces",
  "kubernetes:core/v1:ConfigMap traces-authorities < traces",
  "kubernetes:core/v1:ConfigMap traces-bundle < traces",
  "kubernetes:core/v1:ServiceAccount traces < traces",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy traces < traces",
  "kvm-fabric:index:TraceUploader traces < stack",
];
const RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule traces < traces";

test("makes exactly its resources, the same where nothing is known yet", async () => {
  const known = await run();
  expect(tree(known)).toEqual(TREE);
  expect(tree(await run({}, { preview: true }))).toEqual(TREE);
  expect(known.outputs.get("traces")).toEqual({
    cronJobName: "traces",
    serviceAccountName: "traces",
  });
  expect(tree(await run({ prometheusRule: true }))).toEqual([...TREE, RULE].sort());
});

const podOf = async (args: Partial<TraceUploaderArgs> = {}) =>
  find(await run(args), CRON_JOB, "traces").inputs.spec.jobTemplate.spec.template.spec;
const variablesOf = ({ containers: [{ env }] }: any): Record<string, string> =>
  Object.fromEntries(env.map(({ name, value }: any) => [name, value]));

test("one run at a time, bounded, and one that no other would better is not tried again", async () => {
  const { inputs, dependsOn } = find(await run({ intervalMinutes: 5 }), CRON_JOB, "traces");
  expect(inputs.spec).toMatchObject({
    concurrencyPolicy: "Forbid",
    failedJobsHistoryLimit: 5,
    schedule: "*/5 * * * *",
    startingDeadlineSeconds: 300,
    successfulJobsHistoryLimit: 3,
    timeZone: "Etc/UTC",
  });
  expect(inputs.spec.jobTemplate.spec).toMatchObject({
    activeDeadlineSeconds: 3300,
    backoffLimit: 1,
    podFailurePolicy: {
      rules: [
        { action: "FailJob", onExitCodes: { operator: "In", values: [2, 3] } },
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
  });
  expect(dependsOn).toEqual(expect.arrayContaining(["traces", "traces-bundle"]));
});

test("the pod is as the level `restricted` wants it, and has no token", async () => {
  const pod = await podOf();
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
  });
  expect(pod.containers).toEqual([
    expect.objectContaining({
      command: ["node", "/opt/uploader/command.js"],
      image: IMAGE,
      resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "256Mi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        readOnlyRootFilesystem: true,
      },
    }),
  ]);
  expect(pod.volumes).toEqual([
    { name: "program", configMap: { name: "traces-bundle-0123456789ab" } },
    { name: "authorities", configMap: { name: "traces-authorities" } },
    { name: "identity", secret: { secretName: "queen-uploader", defaultMode: 0o440 } },
  ]);
});

test("the program reads what it is given", async () => {
  expect(readSettings(Target.Command, variablesOf(await podOf()))).toMatchObject({
    queen: {
      authority: { file: "/etc/uploader/authorities/queen.pem" },
      host: "queen-uploads.agents.svc",
      identity: {
        certificateFile: "/etc/uploader/identity/tls.crt",
        keyFile: "/etc/uploader/identity/tls.key",
      },
      port: 564,
      serverName: "queen",
      tree: "",
      user: "uploader",
      userId: undefined,
    },
    store: { bucket: "traces", endpoint: undefined, prefix: "traces", verify: "checksum" },
    upload: { timeLimitSeconds: 3000, stopBeforeSeconds: 60 },
  });
  const pod = await podOf({
    settings: {
      ...{ prefix: "fabric/a", setAsideHours: 48, settleSeconds: 30 },
      ...{ tree: "/disk/uploads", user: "root", userId: 0 },
    },
    store: {
      bucket: "traces",
      caCertificate: CERTIFICATE,
      credentialsSecretName: "store",
      endpoint: "https://s3.example:9000",
      pathStyle: false,
      port: 9000,
      region: "eu-central-1",
      verification: "read-back",
    },
    timeLimitSeconds: 600,
  });
  const variables = variablesOf(pod);
  expect(readSettings(Target.Command, variables)).toMatchObject({
    queen: { tree: "/disk/uploads", user: "root", userId: 0 },
    store: {
      endpoint: "https://s3.example:9000",
      pathStyle: false,
      prefix: "fabric/a",
      region: "eu-central-1",
      verify: "read-back",
    },
    upload: { setAsideHours: 48, settleSeconds: 30, timeLimitSeconds: 600 },
  });
  expect(variables.NODE_EXTRA_CA_CERTS).toBe("/etc/uploader/authorities/store.pem");
  const secrets = pod.containers[0].env.filter(({ valueFrom }: any) => valueFrom !== undefined);
  expect(secrets).toEqual([
    {
      name: "AWS_ACCESS_KEY_ID",
      valueFrom: { secretKeyRef: { name: "store", key: "access-key-id" } },
    },
    {
      name: "AWS_SECRET_ACCESS_KEY",
      valueFrom: { secretKeyRef: { name: "store", key: "secret-access-key" } },
    },
  ]);
});

test("the program is a ConfigMap that never changes, named by its content", async () => {
  const type = "kubernetes:core/v1:ConfigMap";
  const deployment = await run({ store: { bucket: "traces", caCertificate: CERTIFICATE } });
  expect(find(deployment, type, "traces-bundle").inputs).toMatchObject({
    data: { "command.js": "// the uploader\n" },
    immutable: true,
    metadata: { name: "traces-bundle-0123456789ab", namespace: "services" },
  });
  expect(find(deployment, type, "traces-authorities").inputs.data).toEqual({
    "queen.pem": CERTIFICATE,
    "store.pem": CERTIFICATE,
  });
});

const egressOf = async (args: Partial<TraceUploaderArgs> = {}) => {
  const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
  const { spec } = find(await run(args), type, "traces").inputs;
  expect([spec.policyTypes, spec.ingress]).toEqual([["Ingress", "Egress"], []]);
  expect(spec.podSelector.matchLabels).toEqual({
    "app.kubernetes.io/name": "trace-uploader",
    "app.kubernetes.io/instance": "traces",
  });
  // The first rule is DNS.
  return spec.egress.slice(1);
};

test("nobody calls the pods, and they call Queen's uploads and the store alone", async () => {
  const toQueen = {
    ports: [{ port: 5641, protocol: "TCP" }],
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents" } },
        podSelector: { matchLabels: { "app.kubernetes.io/name": "queen" } },
      },
    ],
  };
  expect(await egressOf()).toEqual([
    toQueen,
    {
      ports: [{ port: 443, protocol: "TCP" }],
      to: [
        {
          ipBlock: {
            cidr: "0.0.0.0/0",
            except: [
              ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
              ...["100.64.0.0/10", "169.254.0.0/16"],
            ],
          },
        },
        { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } },
      ],
    },
  ]);
  const pods = { bucket: "traces", podLabels: { app: "s3" }, port: 7070 };
  expect(await egressOf({ podIdentity: true, store: pods })).toEqual([
    toQueen,
    {
      ports: [{ port: 7070, protocol: "TCP" }],
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "services" } },
          podSelector: { matchLabels: { app: "s3" } },
        },
      ],
    },
    { ports: [{ port: 80, protocol: "TCP" }], to: [{ ipBlock: { cidr: "169.254.170.23/32" } }] },
  ]);
  const { caCertificate, clientSecretName, host, port, serverName } = kubernetesLeast.queen;
  const [outside, store] = await egressOf({
    queen: { caCertificate, clientSecretName, host, port, serverName },
    queenCidrs: ["10.9.0.0/24"],
    store: { bucket: "traces", cidrs: ["10.8.0.0/24"] },
  });
  expect([outside, store]).toEqual([
    { ports: [{ port: 564, protocol: "TCP" }], to: [{ ipBlock: { cidr: "10.9.0.0/24" } }] },
    { ports: [{ port: 443, protocol: "TCP" }], to: [{ ipBlock: { cidr: "10.8.0.0/24" } }] },
  ]);
});

test("the service account carries what a cloud knows it by, and no token", async () => {
  const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/traces" };
  const deployment = await run({ serviceAccountAnnotations: annotations });
  expect(find(deployment, "kubernetes:core/v1:ServiceAccount", "traces").inputs).toMatchObject({
    automountServiceAccountToken: false,
    metadata: { annotations, name: "traces" },
  });
});

test("runs fail for the age that alarms are asked for, and the rule looks at this CronJob and its recent Jobs", async () => {
  const expressionsOf = async (args: Partial<TraceUploaderArgs>) => {
    const type = "kubernetes:monitoring.coreos.com/v1:PrometheusRule";
    const { spec } = find(await run({ prometheusRule: true, ...args }), type, "traces").inputs;
    return spec.groups[0].rules.map(({ expr }: any) => expr);
  };
  const cronJob = '{namespace="services",cronjob="traces"}';
  const jobs = 'namespace="services",job_name=~"traces-([0-9]+|now)"';
  const expressions = (late: number, recent: number) => [
    `time() - max(kube_cronjob_status_last_successful_time${cronJob} or kube_cronjob_created${cronJob}) > ${late} or absent(kube_cronjob_created${cronJob})`,
    `count(max by (job_name) (kube_job_failed{${jobs},condition="true"}) == 1 and max by (job_name) (kube_job_status_start_time{${jobs}}) > time() - ${recent}) > 0`,
  ];
  expect(await expressionsOf({})).toEqual(expressions(7200, 6000));
  // As long as a run may take, the next two and a few minutes: no alarm before that could be true.
  const hourly = { alarms: { oldestFileMinutes: 30 }, intervalMinutes: 60, timeLimitSeconds: 600 };
  expect(await expressionsOf(hourly)).toEqual(expressions(11_700, 11_700));
  expect(variablesOf(await podOf(hourly)).UPLOAD_OLDEST_FILE_SECONDS).toBe("1800");
});
