import { Metrics } from "../../../../lab/simulators/metrics";
import { ObjectCache } from "../../../../lab/simulators/object-cache";
import {
  parseClaim,
  parseNode,
  parseStorageClass,
  parseVolume,
} from "../../../../lab/simulators/objects";
import {
  isToDelete,
  SIMULATED_LABEL,
  VOLUME_PROVISIONER,
  volumeDue,
} from "../../../../lab/simulators/volume-plan";
import { volumeProvisioner, volumeRemover } from "../../../../lab/simulators/volumes";
import { FakeApi, nodeObject } from "./fakes";

const storageClass = (fields: object = {}) => ({
  metadata: { name: "lab" },
  provisioner: VOLUME_PROVISIONER,
  volumeBindingMode: "WaitForFirstConsumer",
  reclaimPolicy: "Retain",
  ...fields,
});

const claim = (
  annotations: Record<string, string> = {},
  more: object = {},
  status = "Pending",
) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace: "fabric", uid: "c1", resourceVersion: "1", annotations },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "5Gi" } },
    storageClassName: "lab",
    ...more,
  },
  status: { phase: status },
});

const onNode = { "volume.kubernetes.io/selected-node": "kvm-0000" };
const nodes = new Map([
  ["kvm-0000", parseNode(nodeObject())],
  ["real", parseNode(nodeObject({ name: "real", fake: false }))],
]);
const due = (object: object, of: object = storageClass()) =>
  volumeDue(parseClaim(object), parseStorageClass(of), (name) => nodes.get(name));

describe("volumeDue", () => {
  it("makes a marked hostPath volume bound to the claim, of the class's policy", () => {
    expect(due(claim(onNode))).toEqual({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: {
        name: "pvc-c1",
        labels: { [SIMULATED_LABEL]: "true" },
        annotations: { "pv.kubernetes.io/provisioned-by": VOLUME_PROVISIONER },
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        capacity: { storage: "5Gi" },
        claimRef: {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          namespace: "fabric",
          name: "data",
          uid: "c1",
        },
        hostPath: { path: "/var/lib/kvm-fabric-lab/volumes/pvc-c1", type: "DirectoryOrCreate" },
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: "lab",
        volumeMode: "Filesystem",
      },
    });
  });

  it("waits for the first consumer only where the class says so", () => {
    expect(due(claim())).toBeUndefined();
    expect(due(claim(), storageClass({ volumeBindingMode: "Immediate" }))).toBeDefined();
  });

  it.each<[string, object, object]>([
    ["is of another provisioner's class", claim(onNode), storageClass({ provisioner: "other" })],
    ["is bound", claim(onNode, { volumeName: "pvc-c1" }, "Bound"), storageClass()],
    ["names its volume", claim(onNode, { volumeName: "mine" }), storageClass()],
    [
      "goes to a real node",
      claim({ "volume.kubernetes.io/selected-node": "real" }),
      storageClass(),
    ],
    [
      "goes to a node not known yet",
      claim({ "volume.kubernetes.io/selected-node": "later" }),
      storageClass(),
    ],
  ])("makes none for a claim that %s", (_, object, of) => {
    expect(due(object, of)).toBeUndefined();
  });
});

const volume = (phase: string, policy = "Delete", by: string = VOLUME_PROVISIONER) => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: {
    name: "pvc-c1",
    uid: "v1",
    resourceVersion: "1",
    annotations: { "pv.kubernetes.io/provisioned-by": by },
  },
  spec: { persistentVolumeReclaimPolicy: policy },
  status: { phase },
});

describe("isToDelete", () => {
  it("is so for a released volume of the lab's whose policy is Delete, and for no other", () => {
    const all = [
      volume("Released"),
      volume("Bound"),
      volume("Available"),
      volume("Released", "Retain"),
      volume("Released", "Delete", "somebody-else"),
    ];
    expect(all.map((one) => isToDelete(parseVolume(one)))).toEqual([
      ...[true, false, false, false, false],
    ]);
  });
});

describe("the volume provisioner", () => {
  it("makes one volume a claim and removes it once released", async () => {
    const api = new FakeApi([]);
    const parts = {
      api,
      metrics: new Metrics(),
      nodes: new ObjectCache(parseNode),
      claims: new ObjectCache(parseClaim),
      volumes: new ObjectCache(parseVolume),
      storageClasses: new ObjectCache(parseStorageClass),
    };
    const provision = volumeProvisioner(parts);
    const remove = volumeRemover(parts);
    const lab = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", ...storageClass() };
    await provision("fabric/data");
    parts.nodes.apply({ type: "ADDED", object: nodeObject() });
    parts.storageClasses.apply({ type: "ADDED", object: lab });
    parts.claims.apply({ type: "ADDED", object: claim(onNode) });
    await provision("fabric/data");
    parts.volumes.apply({ type: "ADDED", object: volume("Available") });
    await provision("fabric/data");
    await remove("pvc-c1");
    expect([api.volumes.length, api.removedVolumes]).toEqual([1, []]);
    const released = { ...volume("Released") };
    released.metadata.resourceVersion = "2";
    parts.volumes.apply({ type: "MODIFIED", object: released });
    await remove("pvc-c1");
    expect(api.removedVolumes).toEqual(["pvc-c1"]);
  });
});
