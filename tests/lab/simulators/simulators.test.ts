import { setTimeout as sleep } from "node:timers/promises";
import { NodeKind, nodeManifest } from "../../../lab/cluster/node-manifests";
import { scaleNodes } from "../../../lab/cluster/nodes";
import { LAB_STORAGE_CLASS } from "../../../lab/cluster/storage";
import { fieldAt, listAt, textAt, type KubeObject } from "../../../lab/kube/objects";
import { SIMULATED_LABEL, VOLUME_PROVISIONER } from "../../../lab/simulators/volume-plan";
import { eventually } from "../../support/wait";
import { examplePlan } from "../node-provisioner/stage";
import { isWrite, readAudit } from "./audit-log";
import {
  applyDaemonSet,
  applyProvisioner,
  privilegedNamespace,
  startSimulatorLab,
  type SimulatorLab,
} from "./lab";

const namespace = "node-agents";
const plan = examplePlan("fabric");
const { contract } = plan;
const image = plan.image;

let lab: SimulatorLab;

const node = (name: string) => ({ apiVersion: "v1", kind: "Node", name });
const get = (kind: string, name: string, apiVersion = "v1", inNamespace = namespace) =>
  lab.client.find({ apiVersion, kind, name, namespace: inNamespace });
const assetsOf = async (name: string) =>
  textAt(await lab.client.find(node(name)), "metadata", "labels", contract.assetsLabel);
const isOpen = (found: KubeObject) =>
  listAt(found, "spec", "taints").every((t) => textAt(t, "key") !== contract.startupTaint);
const isProven = async (name: string, assetSet = plan.assetSet) => {
  const found = await lab.client.find(node(name));
  return (await assetsOf(name)) === assetSet && found !== undefined && isOpen(found);
};
const auditEnd = () => readAudit(lab.auditFile).end;
const writesSince = (from: number) =>
  readAudit(lab.auditFile, from).requests.filter(
    (request) =>
      isWrite(request) &&
      (request.user.startsWith("system:serviceaccount:") || request.uri.includes("Manager=lab-")),
  );
/** What the provisioner's pods wrote to nodes. */
const reportsSince = (from: number) =>
  writesSince(from).filter(
    ({ resource, status, user }) =>
      resource === "nodes" && status === 200 && user.endsWith(plan.objectName),
  );
/** A node is open before the last write of it is made, and a write is made before the log tells of it. */
const areLogged = (count: number, from: number) =>
  eventually(`${count} reports in the log`, () => reportsSince(from).length >= count);

beforeAll(async () => {
  lab = await startSimulatorLab();
  await lab.client.apply(privilegedNamespace(namespace));
  await lab.startSimulators();
  await scaleNodes(lab.client, NodeKind.Kvm, 3);
  await scaleNodes(lab.client, NodeKind.Plain, 2);
});

afterAll(async () => {
  await lab.stop();
});

function claim(name: string, storageClassName: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "2Gi" } },
      storageClassName,
    },
  };
}

const isBound = async (name: string) =>
  textAt(await get("PersistentVolumeClaim", name), "status", "phase") === "Bound";

async function volumeOf(claimName: string): Promise<string> {
  const found = await get("PersistentVolumeClaim", claimName);
  return textAt(found, "spec", "volumeName") ?? "";
}

function storageClass(name: string, reclaimPolicy: string): KubeObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: VOLUME_PROVISIONER,
    reclaimPolicy,
    volumeBindingMode: "Immediate",
  };
}

describe("volumes", () => {
  it("lets the pods of a StatefulSet with claims become ready", async () => {
    const labels = { app: "store" };
    const { spec } = claim("data", LAB_STORAGE_CLASS);
    await lab.client.apply({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "store", namespace },
      spec: {
        ...{ replicas: 2, serviceName: "store", selector: { matchLabels: labels } },
        template: {
          metadata: { labels },
          spec: {
            containers: [{ name: "c", image, volumeMounts: [{ name: "data", mountPath: "/d" }] }],
          },
        },
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec }],
      },
    });
    await eventually("both replicas ready", async () => {
      const found = await get("StatefulSet", "store", "apps/v1");
      return fieldAt(found, "status", "readyReplicas") === 2;
    });
    const volume = await get("PersistentVolume", await volumeOf("data-store-1"));
    expect(textAt(volume, "metadata", "labels", SIMULATED_LABEL)).toBe("true");
  });

  it("binds claims of a class that does not wait, and ends the volume as its policy says", async () => {
    await lab.client.apply(storageClass("at-once", "Delete"));
    await lab.client.apply(storageClass("kept", "Retain"));
    await lab.client.apply(claim("short", "at-once"));
    await lab.client.apply(claim("long", "kept"));
    await eventually("both bound", async () => (await isBound("short")) && (await isBound("long")));
    const [short, long] = [await volumeOf("short"), await volumeOf("long")];
    for (const name of ["short", "long"]) await lab.client.remove(claim(name, ""));
    await eventually("the volume of the first gone", async () => {
      return (await get("PersistentVolume", short)) === undefined;
    });
    await eventually("the volume of the second released", async () => {
      return textAt(await get("PersistentVolume", long), "status", "phase") === "Released";
    });
  });

  it("leaves claims of other provisioners alone", async () => {
    await lab.client.apply({ ...storageClass("other", "Delete"), provisioner: "example.com/x" });
    await lab.client.apply(claim("foreign", "other"));
    await sleep(2000);
    expect(textAt(await get("PersistentVolumeClaim", "foreign"), "status", "phase")).toBe(
      "Pending",
    );
  });
});

it("lets the pod of a Job succeed, as kwok's own stages do", async () => {
  await lab.client.apply({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "once", namespace },
    spec: {
      template: { spec: { restartPolicy: "OnFailure", containers: [{ name: "c", image }] } },
    },
  });
  await eventually("the job complete", async () => {
    return fieldAt(await get("Job", "once", "batch/v1"), "status", "succeeded") === 1;
  });
});

describe("devices", () => {
  it("are offered by simulated KVM nodes alone, for the domain of each", async () => {
    const real = nodeManifest(NodeKind.Kvm, 100);
    real.metadata.annotations = {};
    await lab.client.create(real);
    const other = nodeManifest(NodeKind.Kvm, 101);
    other.metadata.labels = { "aetherium.io/kvm-enabled": "true" };
    await lab.client.create(other);
    const devices = async (name: string, domain: string) =>
      textAt(await lab.client.find(node(name)), "status", "allocatable", `${domain}/kvm`);
    await eventually("the other domain's devices", async () => {
      return (await devices("kvm-0101", "aetherium.io")) === "100";
    });
    expect(await devices("kvm-0000", contract.domain)).toBe("100");
    expect(await devices("plain-0000", contract.domain)).toBeUndefined();
    expect(await devices("kvm-0100", contract.domain)).toBeUndefined();
    await lab.client.remove(node("kvm-0101"));
  });
});

describe("reporting", () => {
  const names = ["kvm-0000", "kvm-0001", "kvm-0002"];
  const all = async (check: (name: string) => Promise<boolean>) =>
    (await Promise.all(names.map((name) => check(name)))).every(Boolean);

  it("opens nothing, loudly, while the API server refuses it, and goes on once it may", async () => {
    const from = auditEnd();
    const account = { metadata: { name: plan.objectName, namespace } };
    await lab.client.apply({ apiVersion: "v1", kind: "ServiceAccount", ...account });
    await applyDaemonSet(lab.client, plan, namespace);
    await eventually("refusals", async () => (await lab.metric("node_writes_refused_total")) >= 3);
    expect(lab.log()).toMatch(/REFUSED: report of pod node-agents\/\S+ on node kvm-000/);
    expect(await all(async (name) => !(await isProven(name)))).toBe(true);
    await applyProvisioner(lab.client, plan, namespace);
    await eventually("all proven", () => all((name) => isProven(name)));
    await areLogged(2 * names.length, from);
    expect(await isProven("kvm-0100")).toBe(false);
  });

  it("relabels a node with one write when another asset set is rolled out", async () => {
    const from = auditEnd();
    const sets = { assetSet: "another-set", allowedSets: ["another-set"] };
    const next = { ...examplePlan("fabric"), ...sets, maxUnavailable: "100%" };
    await applyProvisioner(lab.client, next, namespace);
    await eventually("all relabelled", () => all((name) => isProven(name, "another-set")));
    await areLogged(names.length, from);
    const counted = writesSince(from).filter(({ resource, status }) => {
      return resource === "nodes" && status === 200;
    });
    expect(counted.map(({ name }) => name).sort()).toEqual(names);
  });

  it("writes nothing when the simulators start anew, and reports for a node that joins then", async () => {
    await lab.stopSimulators();
    expect(lab.log()).not.toMatch(/Error/);
    const from = auditEnd();
    await lab.startSimulators();
    await scaleNodes(lab.client, NodeKind.Kvm, 4);
    await eventually("the new node proven", () => isProven("kvm-0003", "another-set"));
    await areLogged(2, from);
    const nodesWritten = writesSince(from).filter(({ resource }) => resource === "nodes");
    expect(new Set(nodesWritten.map(({ name }) => name))).toEqual(new Set(["kvm-0003"]));
    expect(reportsSince(from)).toHaveLength(2);
  });
});
