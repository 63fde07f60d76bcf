import type { Properties } from "../../../../lab/engine/grpc/wire";
import { hasSecret, plainProperties } from "../../../../lab/engine/grpc/wire";
import { fieldAt } from "../../../../lab/kube/objects";
import { withLab } from "../../../support/lab";
import { eventually } from "../../../support/wait";
import {
  initFailureOf,
  TestProvider,
  urnOf,
  type TestEngine,
} from "../../../unit/lab/engine/kubernetes-provider/provider-client";
import {
  claimOf,
  configMapOf,
  daemonSetOf,
  definitionOf,
  deploymentOf,
  jobOf,
  podOf,
  secretOf,
  serviceOf,
  statefulSetOf,
} from "./workloads";

const lab = withLab();
const provider = new TestProvider();
let engine: TestEngine;
let namespace: string;

beforeAll(async () => {
  await provider.start();
  engine = await provider.engine({ kubeconfig: lab.kubeconfig });
  namespace = await lab.namespace();
});

afterAll(() => provider.stop());

const skip = { "pulumi.com/skipAwait": "true" };
const withAnnotations = (object: any, annotations: Properties): Properties => ({
  ...object,
  metadata: { ...object.metadata, annotations },
});

type Case = [token: string, inputs: (name: string) => Properties];
const cases: Case[] = [
  ["kubernetes:apps/v1:Deployment", (name) => deploymentOf(namespace, name)],
  ["kubernetes:apps/v1:DaemonSet", (name) => daemonSetOf(namespace, name)],
  [
    "kubernetes:apps/v1:StatefulSet",
    (name) =>
      statefulSetOf(namespace, name, {
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "1024Mi" } },
            },
          },
        ],
      }),
  ],
  ["kubernetes:batch/v1:Job", (name) => withAnnotations(jobOf(namespace, name), skip)],
  ["kubernetes:core/v1:Pod", (name) => podOf(namespace, name)],
  ["kubernetes:core/v1:Service", (name) => serviceOf(namespace, name)],
  ["kubernetes:core/v1:ConfigMap", (name) => configMapOf(namespace, name)],
  ["kubernetes:core/v1:Secret", (name) => secretOf(namespace, name, { password: "hunter2" })],
  ["kubernetes:core/v1:PersistentVolumeClaim", (name) => claimOf(namespace, name)],
  [
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    (name) => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace },
      spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [] },
    }),
  ],
  [
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    (name) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name, namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
    }),
  ],
  [
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
    (name) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [""],
              apiVersions: ["v1"],
              operations: ["UPDATE"],
              resources: ["nodes"],
            },
          ],
        },
        validations: [{ expression: "true" }],
      },
    }),
  ],
];

test.each(cases)(
  "%s: made, unchanged for the same program, after a refresh and after adoption by id, then gone",
  async (token, inputsFor) => {
    const name = lab.unique("it");
    const news = inputsFor(name);
    const urn = urnOf(token);
    const made = await engine.make(token, news);
    expect(made.id.endsWith(name)).toBe(true);

    const again = await engine.check(urn, news, made.inputs);
    expect(await engine.diff(made, again.inputs)).toMatchObject({ changes: false });

    const refreshed = await engine.read(urn, made.id, made);
    expect(plainProperties(refreshed.inputs)).toEqual(plainProperties(made.inputs));
    expect(await engine.diff(refreshed, again.inputs)).toMatchObject({ changes: false });

    const adopted = await engine.read(urn, made.id);
    const checked = await engine.check(urn, news, adopted.inputs);
    const diff = await engine.diff(adopted, checked.inputs);
    expect(diff).toMatchObject({ detailed: {}, replaces: [] });

    await engine.delete(adopted);
    // A delete does not wait for what asks not to be waited for: the server is then still at it.
    const isWaitSkipped = JSON.stringify(news).includes("pulumi.com/skipAwait");
    while (isWaitSkipped && (await engine.read(urn, made.id)).id !== "") {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await engine.read(urn, made.id)).id).toBe("");
    await engine.delete(adopted);
  },
);

test("an object that exists is not taken over", async () => {
  const name = lab.unique("taken");
  await engine.make("kubernetes:core/v1:ConfigMap", configMapOf(namespace, name));
  await expect(
    engine.make("kubernetes:core/v1:ConfigMap", configMapOf(namespace, name, { a: "2" })),
  ).rejects.toThrow(/already exists.*import/s);
  const live = await lab.client.get({ apiVersion: "v1", kind: "ConfigMap", name, namespace });
  expect(live.data).toEqual({ a: "1" });
});

test("an update sets, removes and keeps fields; ownership moves to the resource", async () => {
  const token = "kubernetes:apps/v1:Deployment";
  const name = lab.unique("update");
  const annotated = withAnnotations(deploymentOf(namespace, name), { keep: "1", drop: "1" });
  const made = await engine.make(token, annotated);
  await lab.client.patch(
    { apiVersion: "apps/v1", kind: "Deployment", name, namespace },
    { metadata: { annotations: { other: "theirs" } } },
    { fieldManager: "someone" },
  );
  const news = withAnnotations(deploymentOf(namespace, name, { replicas: 2 }), { keep: "1" });
  const checked = await engine.check(made.urn, news, made.inputs);
  expect((await engine.diff(made, checked.inputs)).detailed).toEqual({
    "metadata.annotations.drop": "DELETE",
    "spec.replicas": "ADD",
  });
  const updated = await engine.update(made, checked.inputs);
  expect(fieldAt(updated.state, "status", "readyReplicas")).toBe(2);
  const live = await lab.client.get({ apiVersion: "apps/v1", kind: "Deployment", name, namespace });
  expect(live.metadata.annotations).toMatchObject({ keep: "1", other: "theirs" });
  expect(live.metadata.annotations).not.toHaveProperty("drop");
  expect(updated.state.__fieldManager).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
  await engine.delete(updated);
});

test("a field that another manager took is a conflict, unless the program forces it", async () => {
  const token = "kubernetes:core/v1:Service";
  const name = lab.unique("conflict");
  const made = await engine.make(token, serviceOf(namespace, name));
  const ref = { apiVersion: "v1", kind: "Service", name, namespace };
  await lab.client.apply(
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { selector: { app: "theirs" } },
    },
    { fieldManager: "someone", force: true },
  );
  const news = serviceOf(namespace, name, "ours");
  await expect(engine.update(made, news)).rejects.toThrow(/conflict with "someone"/);
  await engine.update(made, withAnnotations(news, { "pulumi.com/patchForce": "true" }));
  expect(fieldAt(await lab.client.get(ref), "spec", "selector")).toEqual({ app: "ours" });
});

test("changes made by others show after a refresh and not before", async () => {
  const token = "kubernetes:apps/v1:DaemonSet";
  const name = lab.unique("drift");
  const made = await engine.make(token, daemonSetOf(namespace, name, { minReadySeconds: 1 }));
  await lab.client.patch(
    { apiVersion: "apps/v1", kind: "DaemonSet", name, namespace },
    { spec: { minReadySeconds: 2 } },
  );
  expect(await engine.diff(made, made.inputs)).toMatchObject({ changes: false });
  const refreshed = await engine.read(made.urn, made.id, made).catch((error: unknown) => ({
    ...made,
    ...initFailureOf(error),
  }));
  expect((await engine.diff({ ...refreshed, inputs: made.inputs }, made.inputs)).detailed).toEqual({
    "spec.minReadySeconds": "UPDATE",
  });
  await engine.delete(made);
});

test("a secret in the inputs is secret in the state, at its place and in a Secret's data", async () => {
  const made = await engine.make(
    "kubernetes:core/v1:Secret",
    secretOf(namespace, lab.unique("secret"), { password: "hunter2" }),
  );
  expect(hasSecret(made.inputs.data)).toBe(true);
  expect(made.inputs).not.toHaveProperty("stringData");
  const shown = JSON.stringify(made.state, (_key, value) =>
    hasSecret(value) && "value" in value ? "[secret]" : value,
  );
  expect(shown).not.toContain(Buffer.from("hunter2").toString("base64"));
});

test("an object that does not become ready stays in the state, with the reasons", async () => {
  // How long the scheduler takes to find that out is open.
  let timeout = 3;
  await eventually("the scheduler's reason among them", async () => {
    const name = lab.unique("stuck");
    const unschedulable = deploymentOf(namespace, name);
    const spec: any = unschedulable.spec;
    spec.template.spec.nodeSelector = { nowhere: "true" };
    const error = await engine
      .make("kubernetes:apps/v1:Deployment", unschedulable, { timeout })
      .catch((e: unknown) => e);
    const { id, reasons, state } = initFailureOf(error);
    expect(id).toBe(`${namespace}/${name}`);
    expect(reasons[0]).toBe(
      `Deployment ${namespace}/${name} was not ready within ${timeout} seconds`,
    );
    expect(fieldAt(state, "metadata", "uid")).toBeDefined();
    timeout *= 2;
    return reasons.join("\n").includes("Unschedulable");
  });
});

test("a failed Job is told at once", async () => {
  const name = lab.unique("failing");
  const making = engine
    .make("kubernetes:batch/v1:Job", jobOf(namespace, name, { activeDeadlineSeconds: 1 }))
    .catch((e: unknown) => e);
  const failure = initFailureOf(await making);
  expect(failure.reasons.join("\n")).toMatch(/DeadlineExceeded/);
});

test("a custom resource follows its definition within one update, and lives in no namespace if so defined", async () => {
  const plural = `things${lab.unique("").slice(1)}`;
  const kind = `Thing${plural.slice(6)}`;
  const definition = definitionOf(plural, kind, "Cluster");
  const token = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
  const thing = { apiVersion: "test.dev/v1", kind, metadata: { name: "one" }, spec: { a: false } };
  // At preview neither exists: the kind is known from the definition's inputs alone.
  await engine.check(urnOf(token), definition);
  const { inputs } = await engine.check(urnOf(`kubernetes:test.dev/v1:${kind}`), thing);
  expect(inputs.metadata).toEqual({ name: "one" });
  const preview = await engine.create(urnOf(`kubernetes:test.dev/v1:${kind}`), inputs, {
    preview: true,
  });
  expect(preview.state).toEqual(inputs);
  const [defined, made] = await Promise.all([
    engine.make(token, definition),
    engine.make(`kubernetes:test.dev/v1:${kind}`, thing),
  ]);
  expect(made.id).toBe("one");
  expect(await engine.diff(defined, defined.inputs)).toMatchObject({ changes: false });
  await engine.delete(made);
  await engine.delete(defined);
});
