import type { KubeClient } from "../../../lab/kube/client";
import { withLab } from "../../support/lab";
import { describeReports } from "./report-suite";
import { applyIdentity, examplePlan, kvmNode, podToken, removeIdentity } from "./stage";

const lab = withLab();
const admin = lab.client;
const namespace = lab.unique("reports");
const plan = examplePlan(namespace, `${namespace}.example.com`);
const [own, other] = [`${namespace}-own`, `${namespace}-other`];

let pod: KubeClient;

beforeAll(async () => {
  const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
  await admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
  for (const node of [own, other]) await admin.create(kvmNode(node, plan, { finalizers: [] }));
  await applyIdentity(admin, plan, namespace);
  pod = admin.withToken((await podToken(admin, plan, namespace, own)).token);
});

afterAll(async () => {
  pod.close();
  await admin.request("DELETE", `/api/v1/namespaces/${namespace}/pods`, {
    query: { gracePeriodSeconds: 0 },
  });
  await removeIdentity(admin, plan);
  for (const name of [own, other]) await admin.remove({ apiVersion: "v1", kind: "Node", name });
  await admin.remove({ apiVersion: "v1", kind: "Namespace", name: namespace });
});

describeReports({ lab, plan, namespace, own, other, pod: () => pod });
