import { type ConsulArgs, ConsulRole } from "../../../components/consul/args";
import { Consul } from "../../../components/consul/consul";
import { withLab } from "../../support/lab";
import { objectsOf, podsOf } from "./objects";

const image = `docker.io/hashicorp/consul:2.0.2@sha256:${"a".repeat(64)}`;
const lab = withLab();
let namespace: string;
beforeAll(async () => {
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
  // Admission looks a pod's ServiceAccount up.
  await lab.client.create({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "fabric", namespace },
  });
});

const variants: [string, Partial<ConsulArgs>][] = [
  ["by default", {}],
  ["with one server", { servers: 1 }],
  [
    "with every argument",
    {
      datacenter: "eu-1",
      deletionProtection: false,
      priorityClassName: "system-cluster-critical",
      resources: { cpu: "2", memory: "4Gi" },
      servers: 7,
      snapshots: { schedule: "*/30 * * * 1-5", retained: 1, storageClass: "cold", storageGib: 1 },
      storageClass: "fast",
      storageGib: 100,
    },
  ],
];

describe.each(variants)("Consul %s", (_, args) => {
  const objects = () =>
    objectsOf(() => {
      new Consul("fabric", {
        image,
        namespace,
        consumers: [
          { name: "workers", namespace, role: ConsulRole.Worker },
          { name: "gateway", namespace, role: ConsulRole.Gateway },
        ],
        ...args,
      });
    });

  test("consists of objects that the API server takes as they are", async () => {
    for (const object of await objects()) {
      if (object.kind === "ServiceAccount") continue;
      const taken: any = await lab.client.create(object, { dryRun: true });
      expect(taken.metadata.name).toBe(object.metadata.name);
    }
  });

  test("has pods that Pod Security admits at its strictest level", async () => {
    const pods = (await objects()).flatMap(podsOf);
    expect(pods.length).toBe(3);
    for (const pod of pods) await lab.client.create(pod, { dryRun: true });
  });
});

test("the level is in force: a server that may be root is refused", async () => {
  const objects = await objectsOf(() => void new Consul("fabric", { image, namespace }));
  const [pod]: any[] = objects.filter(({ kind }) => kind === "StatefulSet").flatMap(podsOf);
  delete pod.spec.securityContext.runAsNonRoot;
  await expect(lab.client.create(pod, { dryRun: true })).rejects.toThrow(/runAsNonRoot/);
});
