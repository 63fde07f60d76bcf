import { daemonSetSpec } from "../../../components/node-provisioner/manifests";
import { kvmNodePool } from "../../../lab/cluster/karpenter-manifests";
import { isKubeError } from "../../../lab/kube/kube-error";
import { conditionOf, listAt, textAt, type KubeObject } from "../../../lab/kube/objects";
import { eventually } from "../../support/wait";
import { applyIdentity, examplePlan } from "../node-provisioner/stage";
import { withLab } from "../../support/lab";
import { type AuditedRequest, isWrite, readAudit } from "./audit-log";

const lab = withLab();
const { client } = lab;
const plan = examplePlan(lab.unique("karpenter-gate"));
const { contract } = plan;
const pool = plan.objectName;

let namespace: string;

beforeAll(async () => {
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "privileged" });
  for (const object of kvmNodePool(pool)) await client.apply(object, { force: true });
  await applyIdentity(client, plan, namespace);
  await client.create(provisionerOfPool());
});

const clusterScoped = (): KubeObject[] => [
  ...kvmNodePool(pool),
  ...["ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"].map((kind) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name: plan.policyName },
  })),
  ...["ClusterRoleBinding", "ClusterRole"].map((kind) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata: { name: plan.objectName },
  })),
];

afterAll(async () => {
  for (const object of clusterScoped()) {
    await client.remove(object).catch((error: unknown) => {
      if (!isKubeError(error, "NotFound")) throw error;
    });
  }
});

/** The component's DaemonSet, kept to this test's pool: the lab's other nodes belong to other tests. */
function provisionerOfPool(): KubeObject {
  const { template, ...spec } = daemonSetSpec(plan);
  const nodeSelector = { ...template.spec.nodeSelector, [contract.poolLabel]: pool };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: plan.objectName, namespace },
    spec: { ...spec, template: { ...template, spec: { ...template.spec, nodeSelector } } },
  };
}

const worker = (): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "demand", namespace },
  spec: {
    nodeSelector: { [contract.capabilityLabel]: "true", [contract.poolLabel]: pool },
    tolerations: [{ key: contract.workerTaint, operator: "Equal", value: "true" }],
    containers: [
      {
        name: "worker",
        image: plan.image,
        resources: { limits: { cpu: "1", [contract.kvmResource]: "1" } },
      },
    ],
  },
});

const nodes = () =>
  client.list("v1", "Node", { query: { labelSelector: `${contract.poolLabel}=${pool}` } });

test("a node that Karpenter makes for a worker is opened by the provisioner, then used, then removed", async () => {
  await client.create(worker());
  const running = await eventually("the worker to run", async () => {
    const found = await client.get(worker());
    return textAt(found, "status", "phase") === "Running" && found;
  });
  const [node] = await nodes();
  expect(textAt(running, "spec", "nodeName")).toBe(node?.metadata.name);
  expect(node?.metadata.labels).toMatchObject({ [contract.assetsLabel]: plan.assetSet });
  expect(listAt(node, "spec", "taints").map((taint) => textAt(taint, "key"))).toEqual([
    contract.workerTaint,
  ]);
  const user = `system:serviceaccount:${namespace}:${plan.objectName}`;
  const isAccepted = (one: AuditedRequest) =>
    one.user === user && one.status === 200 && isWrite(one);
  const writes = () => readAudit(lab.auditLog).requests.filter(isAccepted);
  const openings = () => writes().filter(({ subresource }) => subresource === "");
  // Label and startup taint in one; that of its condition comes after it.
  await eventually("it in the log", () => openings().length > 0);
  expect(openings()).toHaveLength(1);
  await eventually("the claim to be ready", async () => {
    const claims = await client.list("karpenter.sh/v1", "NodeClaim", {
      query: { labelSelector: `karpenter.sh/nodepool=${pool}` },
    });
    return conditionOf(claims[0], "Ready")?.status === "True";
  });
  await client.remove(worker());
  await eventually("the node to go", async () => (await nodes()).length === 0);
});
