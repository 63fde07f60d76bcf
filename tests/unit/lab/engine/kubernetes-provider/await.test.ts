import type { KubeObject } from "../../../../../lab/kube/objects";
import { ruleFor, timeoutOf } from "../../../../../lab/engine/kubernetes-provider/await/rules";
import type {
  Phase,
  Surroundings,
} from "../../../../../lab/engine/kubernetes-provider/await/readiness";

// Snapshots as the API server gave them, cut down to what is looked at.
const meta = (extra = {}) => ({ name: "it", namespace: "ns", uid: "u", generation: 2, ...extra });
const revision = (n: string) => ({ annotations: { "deployment.kubernetes.io/revision": n } });
const condition = (type: string, status: string, reason = "", message = "") => ({
  type,
  status,
  reason,
  message,
});

function around(objects: KubeObject[] = []): Surroundings {
  return {
    list: (_v, kind) => Promise.resolve(objects.filter((o) => o.kind === kind)),
    find: (_v, kind, name) =>
      Promise.resolve(objects.find((o) => o.kind === kind && o.metadata.name === name)),
  };
}

async function judge(object: unknown, others: KubeObject[] = [], phase: Phase = "create") {
  const live = object as KubeObject;
  const result = await ruleFor(live)!.evaluate(live, around(others), phase);
  return result.state === "ready" ? "ready" : `${result.state}: ${result.reasons.join("; ")}`;
}

const replicaSet = (ready: number, rev = "1"): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { ...meta(revision(rev)), ownerReferences: [{ uid: "u" }] },
  spec: { replicas: 2 },
  status: { readyReplicas: ready },
});

const deployment = (status: object, rev = "1") => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: meta(revision(rev)),
  spec: { replicas: 2, selector: { matchLabels: { app: "it" } } },
  status: { observedGeneration: 2, ...status },
});
const available = condition("Available", "True");
const progressing = condition("Progressing", "True", "ReplicaSetUpdated", "1 of 2 updated");
const rolledOut = condition("Progressing", "True", "NewReplicaSetAvailable");

describe("Deployment", () => {
  test.each([
    [
      "unobserved",
      deployment({ observedGeneration: 1 }),
      [],
      /^waiting: the controller has not seen/,
    ],
    [
      "without pods",
      deployment({ conditions: [condition("Available", "False", "", "too few")] }),
      [],
      /minimum number of pods is not available: too few/,
    ],
    [
      "first revision, ready",
      deployment({ conditions: [available, progressing] }),
      [replicaSet(2)],
      /^ready$/,
    ],
    [
      "first revision, one short",
      deployment({ conditions: [available, rolledOut] }),
      [replicaSet(1)],
      /1 of 2 pods ready/,
    ],
    [
      "second revision, rolling",
      deployment({ conditions: [available, progressing] }, "2"),
      [replicaSet(2, "2")],
      /new revision.*1 of 2 updated/,
    ],
    [
      "second revision, ready",
      deployment({ conditions: [available, rolledOut] }, "2"),
      [replicaSet(0), replicaSet(2, "2")],
      /^ready$/,
    ],
    [
      "the old ReplicaSet alone",
      deployment({ conditions: [available, rolledOut] }, "2"),
      [replicaSet(2)],
      /does not exist yet/,
    ],
    [
      "refused pods",
      deployment({
        conditions: [condition("ReplicaFailure", "True", "FailedCreate", "forbidden: quota")],
      }),
      [],
      /cannot be created: forbidden: quota/,
    ],
    [
      "stuck",
      deployment({
        conditions: [
          available,
          condition("Progressing", "False", "ProgressDeadlineExceeded", "too slow"),
        ],
      }),
      [replicaSet(2)],
      /stuck: ProgressDeadlineExceeded: too slow/,
    ],
  ])("%s", async (_what, object, others, expected) => {
    expect(await judge(object, others)).toMatch(expected);
  });
});

describe("StatefulSet", () => {
  const set = (status: object, spec = {}) => ({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: meta(),
    spec: { replicas: 2, ...spec },
    status: {
      observedGeneration: 2,
      replicas: 2,
      readyReplicas: 2,
      currentReplicas: 2,
      currentRevision: "b",
      updateRevision: "b",
      ...status,
    },
  });
  test.each([
    ["ready", set({}), /^ready$/],
    ["one to come", set({ replicas: 1, readyReplicas: 1 }), /1 of 2 pods exist; 1 of 2 pods ready/],
    [
      "rolling",
      set({ currentRevision: "a", currentReplicas: 1, updatedReplicas: 1 }),
      /1 of 2 pods of the newest revision/,
    ],
    [
      "replaced by hand",
      set({ currentRevision: "a" }, { updateStrategy: { type: "OnDelete" } }),
      /^ready$/,
    ],
    [
      "kept back by partition",
      set(
        { currentRevision: "a", updatedReplicas: 1 },
        { updateStrategy: { rollingUpdate: { partition: 1 } } },
      ),
      /^ready$/,
    ],
    [
      "before the partition is reached",
      set(
        { currentRevision: "a", updatedReplicas: 0 },
        { updateStrategy: { rollingUpdate: { partition: 1 } } },
      ),
      /0 of 1 pods updated/,
    ],
    [
      "scaled to nothing",
      set({ replicas: 0, readyReplicas: 0, currentReplicas: 0 }, { replicas: 0 }),
      /^ready$/,
    ],
    ["unobserved", set({ observedGeneration: 1 }), /has not seen/],
  ])("%s", async (_what, object, expected) => {
    expect(await judge(object)).toMatch(expected);
  });
});

describe("DaemonSet", () => {
  const set = (status: object) => ({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: meta(),
    status: {
      observedGeneration: 2,
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      ...status,
    },
  });
  test.each([
    ["ready", set({}), /^ready$/],
    [
      "no node fits",
      set({
        desiredNumberScheduled: 0,
        currentNumberScheduled: 0,
        updatedNumberScheduled: undefined,
        numberReady: 0,
        numberAvailable: undefined,
      }),
      /^ready$/,
    ],
    ["one not ready", set({ numberReady: 2, numberAvailable: 2 }), /^waiting: 2 of 3 pods ready$/],
    [
      "old template on one",
      set({ updatedNumberScheduled: 2 }),
      /2 of 3 pods of the newest template/,
    ],
    ["ready, not yet for long enough", set({ numberAvailable: 1 }), /1 of 3 pods available/],
    ["unobserved", set({ observedGeneration: 1 }), /has not seen/],
  ])("%s", async (_what, object, expected) => {
    expect(await judge(object)).toMatch(expected);
  });
});

describe("Job", () => {
  const job = (status: object, spec = {}) => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: meta(),
    spec,
    status,
  });
  test.each([
    ["not started", job({}), /has not started/],
    ["running", job({ startTime: "t", active: 1, failed: 2 }), /1 active, 0 succeeded, 2 failed/],
    ["complete", job({ startTime: "t", conditions: [condition("Complete", "True")] }), /^ready$/],
    [
      "out of retries",
      job({
        startTime: "t",
        conditions: [condition("Failed", "True", "BackoffLimitExceeded", "m")],
      }),
      /^failed: Job failed: BackoffLimitExceeded: m/,
    ],
    [
      "out of time",
      job({ startTime: "t", conditions: [condition("Failed", "True", "DeadlineExceeded")] }),
      /^failed/,
    ],
    ["suspended", job({}, { suspend: true }), /^ready$/],
  ])("%s", async (_what, object, expected) => {
    expect(await judge(object)).toMatch(expected);
  });
});

describe("Pod", () => {
  const pod = (status: object) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: meta(),
    spec: {},
    status,
  });
  const conditions = ["PodScheduled", "Initialized", "Ready"].map((type) =>
    condition(type, "True"),
  );
  const waiting = {
    containerStatuses: [
      { name: "c", state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } },
    ],
  };
  test.each([
    ["ready", pod({ phase: "Running", conditions }), /^ready$/],
    ["done", pod({ phase: "Succeeded" }), /^ready$/],
    [
      "failed",
      pod({
        phase: "Failed",
        containerStatuses: [{ name: "c", state: { terminated: { exitCode: 3 } } }],
      }),
      /^failed: .*c: ended with exit code 3/,
    ],
    [
      "unschedulable",
      pod({
        phase: "Pending",
        conditions: [condition("PodScheduled", "False", "Unschedulable", "0/3 nodes")],
      }),
      /Unschedulable: 0\/3 nodes/,
    ],
    ["no image", pod({ phase: "Pending", ...waiting }), /c: ImagePullBackOff: no such image/],
  ])("%s", async (_what, object, expected) => {
    expect(await judge(object)).toMatch(expected);
  });
});

describe("Service", () => {
  const service = (spec: object, status = {}) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: meta(),
    spec,
    status,
  });
  const slice = (...ready: boolean[]): KubeObject => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: meta(),
    endpoints: ready.map((one) => ({ conditions: { ready: one } })),
  });
  const selector = { selector: { app: "it" } };
  test.each([
    ["without selector", service({}), [], /^ready$/],
    ["headless", service({ ...selector, clusterIP: "None" }), [], /^ready$/],
    ["endpoints to come", service(selector), [], /endpoints do not exist/],
    ["no pods", service(selector), [slice()], /^ready$/],
    ["ready pods", service(selector), [slice(true, true)], /^ready$/],
    ["a pod not ready", service(selector), [slice(true, false)], /1 pods behind/],
    ["no address", service({ type: "LoadBalancer" }), [], /no address/],
    [
      "address",
      service({ type: "LoadBalancer" }, { loadBalancer: { ingress: [{ ip: "1" }] } }),
      [],
      /^ready$/,
    ],
  ])("%s", async (_what, object, others, expected) => {
    expect(await judge(object, others)).toMatch(expected);
  });
});

describe("PersistentVolumeClaim", () => {
  const claim = (phase: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: meta(),
    spec: { storageClassName: "c" },
    status: { phase },
  });
  const storageClass = (volumeBindingMode: string): KubeObject => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "c" },
    volumeBindingMode,
  });
  test.each([
    ["bound", claim("Bound"), "Immediate", /^ready$/],
    ["pending", claim("Pending"), "Immediate", /claim is Pending/],
    ["pending for a consumer", claim("Pending"), "WaitForFirstConsumer", /^ready$/],
    ["lost", claim("Lost"), "WaitForFirstConsumer", /claim is Lost/],
  ])("%s", async (_what, object, mode, expected) => {
    expect(await judge(object, [storageClass(mode)])).toMatch(expected);
  });
});

describe("CustomResourceDefinition and Namespace", () => {
  const definition = (...conditions: object[]) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: meta(),
    status: { conditions },
  });
  const namespace = (phase: string) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: meta(),
    status: { phase },
  });
  test.each([
    ["new definition", definition(), /^waiting/],
    ["served definition", definition(condition("Established", "True")), /^ready$/],
    [
      "names taken",
      definition(condition("NamesAccepted", "False", "MultipleNamesNotAllowed", "taken")),
      /^failed: MultipleNamesNotAllowed: taken/,
    ],
    ["active namespace", namespace("Active"), /^ready$/],
    ["ending namespace", namespace("Terminating"), /namespace is Terminating/],
  ])("%s", async (_what, object, expected) => {
    expect(await judge(object)).toMatch(expected);
  });
});

describe("annotations", () => {
  const annotated = (annotations: Record<string, string>, extra = {}): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: meta({ annotations }),
    ...extra,
  });

  test("skipAwait waits for nothing", () => {
    expect(
      ruleFor(annotated({ "pulumi.com/skipAwait": "true", "pulumi.com/waitFor": "condition=X" })),
    ).toBeUndefined();
  });

  test("the time limit comes from the option, the annotation, else 600 seconds", () => {
    const object = annotated({ "pulumi.com/timeoutSeconds": "7" });
    expect([timeoutOf(object, 3), timeoutOf(object, 0), timeoutOf(annotated({}), 0)]).toEqual([
      3, 7, 600,
    ]);
    expect(timeoutOf(annotated({ "pulumi.com/timeoutSeconds": "soon" }), 0)).toBe(600);
  });

  test.each([
    ["condition=Ready", /^ready$/],
    ["condition=ready=false", /does not hold/],
    ["jsonpath={.status.phase}=Running", /^ready$/],
    ["jsonpath={.status.hosts[1]}", /does not hold/],
    [
      '["condition=Ready", "jsonpath={.status.phase}=Done"]',
      /^waiting: jsonpath={.status.phase}=Done/,
    ],
  ])("waitFor %s", async (expression, expected) => {
    const status = { phase: "Running", hosts: ["a"], conditions: [condition("Ready", "True")] };
    expect(await judge(annotated({ "pulumi.com/waitFor": expression }, { status }))).toMatch(
      expected,
    );
  });

  test.each(["phase=Running", "[]", "[1]"])("waitFor %s is refused", (expression) => {
    expect(() => ruleFor(annotated({ "pulumi.com/waitFor": expression }))).toThrow(
      "pulumi.com/waitFor",
    );
  });

  test("kinds without logic, and custom ones that are named like others, are not waited for", () => {
    const of = (apiVersion: string, kind: string) => ruleFor({ apiVersion, kind, metadata: {} });
    expect(of("v1", "ConfigMap")).toBeUndefined();
    expect(of("other.dev/v1", "Deployment")).toBeUndefined();
  });
});
