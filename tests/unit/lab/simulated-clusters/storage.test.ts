import { parseClaim, parseNode, parseStorageClass } from "../../../../lab/simulators/objects";
import { volumeDue } from "../../../../lab/simulators/volume-plan";
import { gp3StorageClass } from "../../../../components/cluster/aws/storage-class";
import { cloudOf } from "../../../../lab/simulated-clusters/cloud";
import { Target } from "../../../../stacks/schema";
import { GP3_CLASS, storageClasses } from "../../../../stacks/storage-classes";
import { nodeObject } from "../simulators/fakes";

// The local-path provisioner as k3s installs it: https://docs.k3s.io/add-ons/storage
const localPath = {
  metadata: { name: "local-path" },
  provisioner: "rancher.io/local-path",
  reclaimPolicy: "Delete",
  volumeBindingMode: "WaitForFirstConsumer",
};

const classesOf = (type: string): any[] => cloudOf(type).storageClasses;
const everything = [
  ...classesOf("aws:eks/cluster:Cluster"),
  ...classesOf("gcp:container/cluster:Cluster"),
  ...classesOf("azure-native:containerservice:ManagedCluster"),
  gp3StorageClass(GP3_CLASS),
  localPath,
];

const claimOf = (storageClassName: string) =>
  parseClaim({
    metadata: {
      name: "data",
      namespace: "fabric",
      uid: "c1",
      resourceVersion: "1",
      annotations: { "volume.kubernetes.io/selected-node": "kvm-0000" },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "5Gi" } },
      storageClassName,
    },
    status: { phase: "Pending" },
  });

test.each(everything.map((object) => [object.metadata.name, object]))(
  "a claim of %s gets its volume on a simulated node",
  (name, object) => {
    const node = parseNode(nodeObject({ name: "kvm-0000" }));
    const volume = volumeDue(claimOf(name), parseStorageClass(object), () => node);
    expect(volume?.spec).toMatchObject({
      capacity: { storage: "5Gi" },
      persistentVolumeReclaimPolicy: "Delete",
      storageClassName: name,
    });
  },
);

test.each([
  [Target.Gcp, "gcp:container/cluster:Cluster"],
  [Target.Azure, "azure-native:containerservice:ManagedCluster"],
])("the class that a stack on %s uses is one that its clusters have", (target, type) => {
  expect(classesOf(type).map(({ metadata }) => metadata.name)).toContain(storageClasses[target]);
});

test("the class that a stack on AWS makes is named as its volumes ask for it", () => {
  expect(gp3StorageClass(GP3_CLASS).metadata).toMatchObject({ name: storageClasses[Target.Aws] });
});
