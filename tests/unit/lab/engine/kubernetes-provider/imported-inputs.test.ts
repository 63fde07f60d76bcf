import type { KubeObject } from "../../../../../lab/kube/objects";
import { importedInputs } from "../../../../../lab/engine/kubernetes-provider/state/imported-inputs";

const server = {
  uid: "u",
  resourceVersion: "7",
  generation: 1,
  creationTimestamp: "t",
  managedFields: [{}],
};

function importedFrom(
  kind: string,
  fields: object,
  metadata: object = {},
): Record<string, unknown> {
  const apiVersion = kind === "Job" ? "batch/v1" : "v1";
  const live: KubeObject = {
    apiVersion,
    kind,
    metadata: { name: "it", namespace: "ns", ...server, ...metadata },
    status: { phase: "x" },
    ...fields,
  };
  return importedInputs(live);
}

test("what only the server writes and its defaults are left out", () => {
  const spec = {
    clusterIP: "10.0.0.1",
    clusterIPs: ["10.0.0.1"],
    type: "ClusterIP",
    sessionAffinity: "None",
    ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
    selector: { app: "it" },
  };
  expect(importedFrom("Service", { spec })).toEqual({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "it", namespace: "ns" },
    spec: { ports: [{ port: 80 }], selector: { app: "it" } },
  });
});

test("what a program must have said is kept", () => {
  const spec = {
    clusterIP: "None",
    type: "NodePort",
    ports: [{ port: 80, targetPort: 8080, protocol: "UDP" }],
  };
  expect(importedFrom("Service", { spec }).spec).toEqual(spec);
});

test("a Job's labels are the program's, unless they are just those of its pods", () => {
  const labels = { app: "it", "controller-uid": "u", "batch.kubernetes.io/job-name": "it" };
  const spec = { template: { metadata: { labels } } };
  expect(importedFrom("Job", { spec }, { labels }).metadata).not.toHaveProperty("labels");
  expect(importedFrom("Job", { spec }, { labels: { own: "1" } }).metadata).toMatchObject({
    labels: { own: "1" },
  });
  expect(importedFrom("Job", { spec }).spec).toEqual({
    template: { metadata: { labels: { app: "it" } } },
  });
});

test("a custom resource is kept whole", () => {
  const live: KubeObject = {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name: "it", ...server },
    spec: { replicas: 1, off: false, resources: {} },
    status: {},
  };
  expect(importedInputs(live)).toEqual({
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name: "it" },
    spec: live.spec,
  });
});
