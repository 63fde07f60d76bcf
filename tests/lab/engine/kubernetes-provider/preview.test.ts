import { UNKNOWN } from "../../../../lab/engine/grpc/wire";
import { fieldAt } from "../../../../lab/kube/objects";
import { withLab } from "../../../support/lab";
import {
  TestProvider,
  urnOf,
  type TestEngine,
} from "../../../unit/lab/engine/kubernetes-provider/provider-client";
import { configMapOf, deploymentOf, podOf } from "./workloads";

const lab = withLab();
const provider = new TestProvider();
let engine: TestEngine;
let namespace: string;

beforeAll(async () => {
  await provider.start();
  engine = await provider.engine({ kubeconfig: lab.kubeconfig });
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
});

afterAll(() => provider.stop());

const preview = (token: string, inputs: Parameters<TestEngine["create"]>[1]) =>
  engine.create(urnOf(token), inputs, { preview: true });

test("preview asks the server and keeps nothing", async () => {
  const name = lab.unique("previewed");
  const answer = await preview("kubernetes:apps/v1:Deployment", deploymentOf(namespace, name));
  expect(fieldAt(answer.state, "spec", "revisionHistoryLimit")).toBe(10);
  expect(answer.state).not.toHaveProperty("status");
  expect(answer.id).toBe("");
  const ref = { apiVersion: "apps/v1", kind: "Deployment", name, namespace };
  expect(await lab.client.find(ref)).toBeUndefined();
});

test("what validation refuses fails the preview", async () => {
  const deployment: any = deploymentOf(namespace, "bad");
  deployment.spec.selector.matchLabels.app = "other";
  await expect(preview("kubernetes:apps/v1:Deployment", deployment)).rejects.toThrow(
    /does not match template/,
  );
});

test("what admission refuses fails the preview", async () => {
  await expect(preview("kubernetes:core/v1:Pod", podOf(namespace, "bad"))).rejects.toThrow(
    /violates PodSecurity "restricted/,
  );
});

test("an update that the server would refuse fails the preview", async () => {
  const made = await engine.make("kubernetes:core/v1:ConfigMap", {
    ...configMapOf(namespace, lab.unique("frozen")),
    immutable: true,
  });
  const news = { ...made.inputs, data: { a: "2" } };
  await expect(engine.update(made, news, { preview: true })).rejects.toThrow(/immutable/);
});

test.each([
  ["a namespace that is not there yet", () => configMapOf("not-there-yet", "x")],
  [
    "a kind that is not there yet",
    () => ({ apiVersion: "no.dev/v1", kind: "No", metadata: { name: "x", namespace } }),
  ],
  ["an unknown value", () => ({ ...configMapOf(namespace, "x"), data: { a: UNKNOWN } })],
])("%s does not fail the preview", async (_what, inputs) => {
  const given = inputs();
  expect((await preview("kubernetes:core/v1:ConfigMap", given)).state).toEqual(given);
});

test("a pod whose service account is still to come does not fail the preview", async () => {
  const open = await lab.namespace();
  const pod = podOf(open, "early", { serviceAccountName: "not-yet" });
  expect((await preview("kubernetes:core/v1:Pod", pod)).state).toEqual(pod);
});
