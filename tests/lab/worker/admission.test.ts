import type { WorkerDaemonSetArgs } from "../../../components/worker/args";
import { Isolation, Vmm } from "../../../components/worker/vmm";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import { withLab } from "../../support/lab";
import { objectsOf, podsOf } from "../consul/objects";

const image = `registry.example/worker@sha256:${"a".repeat(64)}`;
const consul = {
  address: "https://fabric-consul.consul.svc:8501",
  caCertificate: "PEM",
  datacenter: "dc1",
  tokenSecretName: "workers-token",
};

const lab = withLab();
const workers = lab.unique("workers");
const priority = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass" };
const namespaces: Record<string, string> = {};
beforeAll(async () => {
  // Admission looks a pod's priority class and ServiceAccount up.
  await lab.client.create({ ...priority, metadata: { name: workers }, value: 1 });
  for (const level of ["privileged", "baseline", "restricted"]) {
    const namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": level });
    namespaces[level] = namespace;
    await lab.client.create({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: workers, namespace },
    });
  }
});
afterAll(() => lab.client.remove({ ...priority, name: workers }));

const variants: [string, Partial<WorkerDaemonSetArgs>][] = [
  ["Firecracker", {}],
  ["Firecracker in Consul", { consul, minAvailable: 2, maxUnavailable: "25%" }],
  ["Firecracker that forwards packets", { ipForwarding: true }],
  ["QEMU", { vmm: Vmm.Qemu, qemu: { kernel: "cohesix.efi", arguments: ["-nic", "none"] } }],
  ["Firecracker, privileged", { isolation: Isolation.PrivilegedHostNetwork }],
  ["QEMU, privileged", { vmm: Vmm.Qemu, isolation: Isolation.PrivilegedHostNetwork }],
];

const objects = (level: string, args: Partial<WorkerDaemonSetArgs>) =>
  objectsOf(() => {
    new WorkerDaemonSet(workers, {
      assetSet: "v1",
      image,
      namespace: namespaces[level] ?? "",
      environment: { LEVEL: "debug" },
      environmentSecrets: [{ name: "DATABASE_URL", secretName: "database", secretKey: "url" }],
      tolerations: [{ key: "virtualization", operator: "Exists" }],
      ...args,
    });
  });

test.each(variants)("the API server takes every object as it is: %s", async (_, args) => {
  const made = (await objects("privileged", args)).filter(
    ({ kind }) => kind !== "ServiceAccount" && kind !== "PriorityClass",
  );
  for (const object of [...made, ...made.flatMap(podsOf)]) {
    await lab.client.create(object, { dryRun: true });
  }
  expect(made.map(({ kind }) => kind)).toContain("DaemonSet");
});

/** What Pod Security refuses about a pod, one line a rule. */
async function violations(level: string, args: Partial<WorkerDaemonSetArgs>): Promise<string[]> {
  const [pod] = (await objects(level, args)).flatMap(podsOf);
  const refusal = await lab.client.create(pod!, { dryRun: true }).then(
    () => "",
    (error: unknown) => String(error),
  );
  const [, list = ""] = /violates PodSecurity "[^"]*": (.*)/.exec(refusal) ?? [];
  return list.split("), ").map((rule) => rule.split(" (")[0] ?? "");
}

test("beyond `baseline` a worker asks for the node's files and one capability", async () => {
  expect(await violations("baseline", {})).toEqual([
    "non-default capabilities",
    "hostPath volumes",
  ]);
  expect(await violations("baseline", { vmm: Vmm.Qemu })).toEqual(["hostPath volumes"]);
});

test("beyond `restricted` it is root as well, without what makes root powerful", async () => {
  expect(await violations("restricted", { vmm: Vmm.Qemu })).toEqual([
    "restricted volume types",
    "runAsNonRoot != true",
    "runAsUser=0",
  ]);
});

test("the privileged mode is refused for what its name says", async () => {
  const args = { isolation: Isolation.PrivilegedHostNetwork };
  expect(await violations("baseline", args)).toEqual(
    expect.arrayContaining(["host namespaces", "privileged", "seccompProfile"]),
  );
});
