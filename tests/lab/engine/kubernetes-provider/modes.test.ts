import { fieldAt } from "../../../../lab/kube/objects";
import { withLab } from "../../../support/lab";
import {
  TestProvider,
  type TestEngine,
} from "../../../unit/lab/engine/kubernetes-provider/provider-client";
import { configMapOf, deploymentOf, jobOf } from "./workloads";

const lab = withLab();
const provider = new TestProvider();
let namespace: string;

beforeAll(async () => {
  await provider.start();
  namespace = await lab.namespace();
});

afterAll(() => provider.stop());

const engineWith = (config: Record<string, string> = {}): Promise<TestEngine> =>
  provider.engine({ kubeconfig: lab.kubeconfig, ...config });

const MAP = "kubernetes:core/v1:ConfigMap";

test("a patch resource owns its fields alone, and gives them back", async () => {
  const engine = await engineWith();
  const name = lab.unique("patched");
  const ref = { apiVersion: "v1", kind: "ConfigMap", name, namespace };
  await lab.client.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { a: "theirs" },
  });
  const patch = await engine.make(`${MAP}Patch`, configMapOf(namespace, name, { b: "ours" }));
  expect((await lab.client.get(ref)).data).toEqual({ a: "theirs", b: "ours" });
  const updated = await engine.update(patch, configMapOf(namespace, name, { c: "ours" }));
  expect((await lab.client.get(ref)).data).toEqual({ a: "theirs", c: "ours" });
  await engine.delete(updated);
  expect((await lab.client.get(ref)).data).toEqual({ a: "theirs" });
});

test("without server-side apply, updates set and remove fields and keep those of others", async () => {
  const engine = await engineWith({ enableServerSideApply: "false" });
  const name = lab.unique("client-side");
  const ref = { apiVersion: "v1", kind: "ConfigMap", name, namespace };
  const made = await engine.make(MAP, configMapOf(namespace, name, { keep: "1", drop: "1" }));
  await lab.client.patch(ref, { data: { theirs: "1" } });
  await engine.update(made, configMapOf(namespace, name, { keep: "2" }));
  expect((await lab.client.get(ref)).data).toEqual({ keep: "2", theirs: "1" });
});

test("upserting takes an existing object over", async () => {
  const engine = await engineWith({ upsertExistingObjects: "true", enablePatchForce: "true" });
  const name = lab.unique("upsert");
  await lab.client.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { a: "1" },
  });
  const made = await engine.make(MAP, configMapOf(namespace, name, { a: "2" }));
  expect(made.state.data).toEqual({ a: "2" });
});

test("ignored fields keep what others made of them", async () => {
  const engine = await engineWith();
  const name = lab.unique("ignored");
  const made = await engine.make(
    "kubernetes:apps/v1:Deployment",
    deploymentOf(namespace, name, { replicas: 1 }),
  );
  const ref = { apiVersion: "apps/v1", kind: "Deployment", name, namespace };
  await lab.client.patch(ref, { spec: { replicas: 2 } });
  const news = deploymentOf(namespace, name, { replicas: 1, minReadySeconds: 1 });
  const updated = await engine.update(made, news, { ignoreChanges: ["spec.replicas"] });
  expect(fieldAt(await lab.client.get(ref), "spec")).toMatchObject({
    replicas: 2,
    minReadySeconds: 1,
  });
  await engine.delete(updated);
});

test("a Job is waited for until it is complete", async () => {
  const engine = await engineWith();
  const name = lab.unique("job");
  const job: any = jobOf(namespace, name);
  // kwok completes pods that belong to Jobs.
  const made = await engine.make("kubernetes:batch/v1:Job", job, { timeout: 60 });
  expect(fieldAt(made.state, "status", "succeeded")).toBe(1);
  await engine.delete(made);
});

test("a delete that is held up says by what, and the object stays in the state", async () => {
  const engine = await engineWith();
  const name = lab.unique("held");
  const held: any = configMapOf(namespace, name);
  held.metadata.finalizers = ["test.dev/hold"];
  const made = await engine.make(MAP, held);
  await expect(engine.delete(made, 1)).rejects.toThrow(
    /still there after 1 seconds, held by .*test.dev\/hold/,
  );
  const ref = { apiVersion: "v1", kind: "ConfigMap", name, namespace };
  await lab.client.patch(ref, { metadata: { finalizers: null } });
  await engine.delete(made);
  expect(await lab.client.find(ref)).toBeUndefined();
});
